"""The API's addresses."""

from django.apps import apps
from django.urls import URLPattern, path, re_path

from recommender.api.base import UnknownAddress
from recommender.api.events import Events
from recommender.api.photos import VisualSearch
from recommender.api.placements import PlacementDetail, PlacementList
from recommender.api.products import ProductDetail, ProductList, SimilarProducts
from recommender.api.recommendations import ForYou, Trending
from recommender.api.visitors import Dismissal, Guests, Me

urlpatterns: list[URLPattern] = [
    path("products/", ProductList.as_view(), name="products"),
    path("products/<str:product_id>/", ProductDetail.as_view(), name="product"),
    path("products/<str:product_id>/similar/", SimilarProducts.as_view(), name="similar"),
    path("recommendations/", ForYou.as_view(), name="for-you"),
    path("recommendations/trending/", Trending.as_view(), name="trending"),
    path("placements/", PlacementList.as_view(), name="placements"),
    path("placements/<str:slug>/", PlacementDetail.as_view(), name="placement"),
    path("visual-search/", VisualSearch.as_view(), name="visual-search"),
    path("events/", Events.as_view(), name="events"),
    path("guests/", Guests.as_view(), name="guests"),
    path("me/", Me.as_view(), name="me"),
    path("me/dismissals/<str:product_id>/", Dismissal.as_view(), name="dismissal"),
]
if apps.is_installed("rest_framework.authtoken"):
    from recommender.api.tokens import ApiTokens  # its models exist only where the app is installed

    urlpatterns.append(path("auth/token/", ApiTokens.as_view(), name="auth-token"))
if apps.is_installed("rest_framework_simplejwt.token_blacklist"):
    from recommender.api.token_pairs import Refresh, Revoke, SignIn  # likewise

    urlpatterns += [
        path("auth/jwt/", SignIn.as_view(), name="auth-jwt"),
        path("auth/jwt/refresh/", Refresh.as_view(), name="auth-jwt-refresh"),
        path("auth/jwt/revoke/", Revoke.as_view(), name="auth-jwt-revoke"),
    ]
urlpatterns.append(re_path(r"", UnknownAddress.as_view()))
