"""For the host to mount: `path("recommender/", include("recommender.beacon.urls"))`; else shelves report nothing."""

from django.urls import URLPattern, path

from recommender.beacon.views import dismiss, events

app_name = "recommender-beacon"
urlpatterns: list[URLPattern] = [
    path("events/", events, name="events"),
    path("dismiss/", dismiss, name="dismiss"),
]
