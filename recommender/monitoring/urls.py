"""The addresses for operators. The host mounts them at its root: `path("", include("recommender.monitoring.urls"))`."""

from django.urls import path

from recommender.monitoring import views

app_name = "recommender_monitoring"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
]
