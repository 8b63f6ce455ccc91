"""Attribute suggestions: a queue to review by mouse or keyboard, and a list of what was decided."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommender.admin.readonly import ProductChangeList, ReadOnlyAdmin, badge, product_name, product_page
from recommender.exceptions import SuggestionError
from recommender.models import Suggestion
from recommender.services import proposing
from recommender.services.reviewing import queue

_BADGES = {"open": "pending", "accepted": "ready", "corrected": "ready", "rejected": "failed", "overtaken": ""}
_A_PAGE = 12


@admin.register(Suggestion)
class SuggestionAdmin(ReadOnlyAdmin):
    """What was proposed and decided; the queue is a page of its own."""

    list_display = ("product_title", "attribute", "value", "sure", "state", "answer", "decided_by", "decided_at")
    list_display_links = ("product_title",)
    list_filter = ("status", "attribute", "origin", "decided_at")
    list_select_related = ("decided_by",)
    search_fields = ("value", "answer")
    fields = readonly_fields = (
        "product",
        "attribute",
        "value",
        "sure",
        "origin",
        "state",
        "answer",
        "decided_by",
        "decided_at",
        "created_at",
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ProductChangeList]:
        """A list that knows its rows' products."""
        return ProductChangeList

    def get_urls(self) -> list[URLPattern]:
        """And the queue."""
        own = [path("review/", self.admin_site.admin_view(self.review_view), name="recommender_review")]
        return [*own, *super().get_urls()]

    def review_view(self, request: HttpRequest) -> HttpResponse:
        """Show open suggestions; take one decision a request."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._decide(request)
        attribute = request.GET.get("attribute", "")
        shown = queue(attribute)
        page = Paginator(shown.rows, _A_PAGE).get_page(request.GET.get("page"))
        context = {
            "title": gettext("Review suggestions"),
            "page": page,
            "items": shown.items(page.object_list),
            "attributes": shown.attributes,
            "attribute": attribute,
            "may_decide": self.may(request, "change") and proposing.can_be_written(),
            "can_be_written": proposing.can_be_written(),
            "goes_on": "next" in request.GET,
            "product_page": product_page(),
            "opts": self.opts,
        }
        return TemplateResponse(
            request, "admin/recommender/review.html", self.admin_site.each_context(request) | context
        )

    def _decide(self, request: HttpRequest) -> HttpResponse:
        if not self.may(request, "change"):
            raise PermissionDenied
        pk = request.POST.get("suggestion", "")
        is_key = pk.isdecimal() and len(pk) < 18
        suggestion = Suggestion.objects.filter(pk=int(pk), status="open").first() if is_key else None
        if suggestion is None:
            messages.warning(request, gettext("Somebody else has decided this already."))
        else:
            self._apply(request, suggestion, request.POST.get("decision", ""), request.POST.get("value", ""))
        query = {"attribute": request.POST.get("attribute", ""), "next": "1"}
        return HttpResponseRedirect(f"{reverse('admin:recommender_review')}?{urlencode(query)}")

    def _apply(self, request: HttpRequest, suggestion: Suggestion, decision: str, value: str) -> None:
        try:
            if decision == "reject":
                proposing.reject(suggestion, request.user)
                text = gettext("Rejected: it is not proposed again.")
            elif decision in ("accept", "correct"):
                chosen = suggestion.value if decision == "accept" else value
                if proposing.decide(suggestion, chosen, request.user):
                    text = gettext("%(attribute)s is now %(value)s.") % {
                        "attribute": suggestion.attribute,
                        "value": chosen,
                    }
                else:
                    text = gettext("The product had a value by now, which stays.")
            else:
                return
        except SuggestionError as error:
            messages.error(request, str(error))
        else:
            self.log_change(request, suggestion, text)
            messages.success(request, text)

    @admin.display(description=_("product"), ordering="product_id")
    def product_title(self, row: Any) -> str:
        """The product's title."""
        return product_name(getattr(row, "card", None), row.product_id)

    @admin.display(description=_("confidence"), ordering="confidence")
    def sure(self, row: Suggestion) -> str:
        """In hundredths."""
        return f"{row.confidence:.0%}"

    @admin.display(description=_("status"), ordering="status")
    def state(self, row: Suggestion) -> SafeString:
        """Where it stands."""
        return badge(_BADGES[row.status], row.get_status_display())
