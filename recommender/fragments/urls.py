"""The addresses of shelves, for the host to mount where it likes, on its own origin."""

from django.urls import URLPattern, path

from recommender.fragments.views import placement

app_name = "recommender-fragments"
urlpatterns: list[URLPattern] = [path("<slug:slug>/", placement, name="placement")]
