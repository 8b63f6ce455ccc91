"""The shop's addresses."""

from django.urls import URLPattern, URLResolver, path
from django.views.generic import TemplateView

app_name = "catalog"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", TemplateView.as_view(template_name="catalog/home.html"), name="home"),
    path("products/<int:pk>/<str:slug>/", TemplateView.as_view(template_name="catalog/product.html"), name="product"),
]
