"""Catalogue health: what the pictures' inspection found, with pictures to look at; and what was found fine."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommender.admin.readonly import ProductChangeList, ReadOnlyAdmin, product_name, product_page
from recommender.models import Finding
from recommender.services.reviewing import shown_findings
from recommender.storage import findings

_A_PAGE = 24


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    """All findings as a list; the health page is the one to work with."""

    list_display = ("product_title", "kind", "weight", "found_at", "dismissed_by", "dismissed_at")
    list_display_links = ("product_title",)
    list_filter = ("kind", "found_at", "dismissed_at")
    list_select_related = ("dismissed_by",)
    fields = readonly_fields = (
        "kind",
        "product",
        "image_key",
        "other",
        "other_key",
        "detail",
        "weight",
        "found_at",
        "dismissed_by",
        "dismissed_at",
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ProductChangeList]:
        """A list that knows its rows' products."""
        return ProductChangeList

    def get_urls(self) -> list[URLPattern]:
        """And the health page."""
        own = [path("health/", self.admin_site.admin_view(self.health_view), name="recommender_health")]
        return [*own, *super().get_urls()]

    def health_view(self, request: HttpRequest) -> HttpResponse:
        """Show findings, gravest first; note that one is fine, or take that back."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._note(request)
        kind = request.GET.get("kind", "")
        kind = kind if kind in Finding.Kind.values else ""
        fine = "fine" in request.GET
        counts = findings.count_by_kind()
        rows = findings.dismissed() if fine else findings.waiting(kind)
        page = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
        context = {
            "title": gettext("Catalogue health"),
            "page": page,
            "items": shown_findings(page.object_list),
            "kinds": [(value, label, counts[value]) for value, label in Finding.Kind.choices],
            "total": sum(counts.values()),
            "kind": kind,
            "fine": fine,
            "n_fine": findings.dismissed().count(),
            "may_note": self.may(request, "change"),
            "product_page": product_page(),
            "opts": self.opts,
        }
        return TemplateResponse(
            request, "admin/recommender/health.html", self.admin_site.each_context(request) | context
        )

    def _note(self, request: HttpRequest) -> HttpResponse:
        if not self.may(request, "change"):
            raise PermissionDenied
        text, fine = request.POST.get("finding", ""), "fine" in request.POST
        pk = int(text) if text.isdecimal() and len(text) < 18 else 0
        done = findings.bring_back(pk) if fine else findings.dismiss(pk, request.user)
        finding = Finding.objects.filter(pk=pk).first()
        if done and finding is not None:
            told = gettext("It is listed again.") if fine else gettext("Noted: it is fine, and not listed again.")
            self.log_change(request, finding, told)
            messages.success(request, told)
        else:
            messages.warning(request, gettext("It is no longer there. The list is up to date now."))
        query = {"fine": "1"} if fine else {"kind": request.POST.get("kind", "")}
        return HttpResponseRedirect(f"{reverse('admin:recommender_health')}?{urlencode(query)}")

    @admin.display(description=_("product"), ordering="product_id")
    def product_title(self, row: Any) -> str:
        """The product's title."""
        return product_name(getattr(row, "card", None), row.product_id)
