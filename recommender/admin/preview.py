"""The preview page: what a product's or a visitor's shelf shows, and why."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from recommender.models import Visitor
from recommender.services import previewing, suggesting


def preview_url(product: Any) -> str:
    """The address of a product's preview, for a link in the host's own product admin."""
    return f"{reverse('admin:recommender_preview')}?{urlencode({'product': product.pk})}"


def visitor_preview_url(visitor: Visitor) -> str:
    """The address of a visitor's preview."""
    return f"{reverse('admin:recommender_preview')}?{urlencode({'visitor': visitor.pk})}"


def preview_view(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Find a product or a visitor, and show their shelf with scores, parts, sources and reasons."""
    if not request.user.has_perm("recommender.view_snapshot"):
        raise PermissionDenied
    sees_visitors = request.user.has_perm("recommender.view_visitor")
    text = request.GET.get("q", "").strip()
    context: dict[str, Any] = {
        "title": _("Preview of recommendations"),
        "q": text,
        "visitor_key": request.GET.get("visitor", "").strip(),
        "sees_visitors": sees_visitors,
    }
    key = suggesting.key_in(text) or request.GET.get("product", "")
    if text and not suggesting.key_in(text):
        context["found"] = previewing.search_products(text)
    elif key:
        context["q"] = ""
        product = previewing.find_product(key)
        context["missing"] = _("There is no product %(key)s.") % {"key": key} if product is None else ""
        if product is not None:
            context["preview"] = previewing.preview_product(product)
    elif context["visitor_key"] and sees_visitors:
        visitor = previewing.find_visitor(context["visitor_key"])
        context["missing"] = "" if visitor else _("There is no visitor %(id)s.") % {"id": context["visitor_key"]}
        if visitor is not None:
            context |= {"preview": previewing.preview_visitor(visitor), "visitor": visitor}
    return TemplateResponse(request, "admin/recommender/preview.html", site.each_context(request) | context)
