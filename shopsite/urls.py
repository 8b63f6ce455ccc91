"""Where everything is: the shop at the root, the plugin's API, the admin, logins and the API's documentation."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import PasswordChangeDoneView, PasswordChangeView
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.static import serve
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from recommender.api.reference import reference

for table in (OutstandingToken, BlacklistedToken):  # nothing in them is for people to look at or to do
    if admin.site.is_registered(table):
        admin.site.unregister(table)


def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """The address that browsers ask for on pages which name no icon, such as the admin's."""
    return redirect(static("catalog/icon.svg"))


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """An uploaded picture, where no web server in front serves them."""
    try:
        return serve(request, path, document_root=str(settings.MEDIA_ROOT))
    except OSError as error:  # a name longer than the file system allows
        raise Http404 from error


handler400 = "shopsite.blinking.bad_request"
handler500 = "shopsite.blinking.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    # With templates of their own: those in registration/ would also dress the admin's page, which has the same names.
    path(
        "accounts/password_change/",
        PasswordChangeView.as_view(template_name="catalog/password_change.html"),
        name="password_change",
    ),
    path(
        "accounts/password_change/done/",
        PasswordChangeDoneView.as_view(template_name="catalog/password_changed.html"),
        name="password_change_done",
    ),
    path("accounts/", include("django.contrib.auth.urls")),
    path("favicon.ico", favicon),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("recommender.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", reference, name="api-docs"),
    path(
        "api/docs/try/",
        SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="recommender/api/docs.html"),
        name="api-try",
    ),
    path("shelves/", include("recommender.fragments.urls")),
    path("recommender/", include("recommender.beacon.urls")),
    path("", include("recommender.monitoring.urls")),
    path("", include("catalog.urls")),
]
if settings.SERVE_MEDIA:
    urlpatterns.append(re_path(rf"^{settings.MEDIA_URL.lstrip('/')}(?P<path>.*)$", media))
