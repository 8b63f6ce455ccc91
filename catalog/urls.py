"""The shop's addresses."""

from django.urls import URLPattern, URLResolver, path

from catalog.views import account, basket, checkout, comparison, home, photo, privacy, products, theme

app_name = "catalog"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("products/", products.product_list, name="products"),
    path("products/<int:pk>/<str:slug>/", products.product, name="product"),
    path("search-by-photo/", photo.photo, name="photo"),
    path("compare/", comparison.compare, name="compare"),
    path("compare/<int:pk>/add/", comparison.add, name="compare_add"),
    path("compare/<int:pk>/remove/", comparison.remove, name="compare_remove"),
    path("basket/", basket.basket, name="basket"),
    path("basket/add/<int:pk>/", basket.add, name="basket_add"),
    path("basket/lines/<int:line>/", basket.change, name="basket_change"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("orders/<slug:reference>/", checkout.order, name="order"),
    path("account/", account.account, name="account"),
    path("account/register/", account.register, name="register"),
    path("about-you/", privacy.about_you, name="about_you"),
    path("about-you/export/", privacy.export, name="about_you_export"),
    path("about-you/forget/", privacy.forget, name="about_you_forget"),
    path("about-you/remember/", privacy.remember, name="about_you_remember"),
    path("theme/", theme.theme, name="theme"),
]
