"""Placements: what each spot of the shop shows, edited beside a preview of what the edit would change."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from recommender.admin.confirming import ask, confirmed
from recommender.admin.placement_form import PlacementForm
from recommender.admin.readonly import badge
from recommender.models import Placement, Strategy
from recommender.services import placing, previewing_placements
from recommender.services.placing.wording import IN_PLAIN_WORDS

_SCRIPT = "recommender-preview"


@admin.register(Placement)
class PlacementAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """The shop's placements."""

    form = PlacementForm
    list_display = ("slug", "heading", "shows", "context", "state", "length", "updated_at")
    list_filter = ("is_active", "context")
    search_fields = ("slug",)
    actions = ("switch_on", "switch_off")
    change_form_template = "admin/recommender/placement/change_form.html"
    save_on_top = False
    formfield_overrides = {
        DateTimeField: {
            "form_class": forms.DateTimeField,  # one field with a label of its own, where Django's has two without
            "widget": forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        },
    }
    fieldsets = (
        (None, {"fields": ("slug", "context", "is_active", "titles")}),
        (_("What it shows"), {"fields": ("strategies", "fallbacks", "length", "diversity")}),
        (
            _("Only products of"),
            {"fields": ("brand", "category", ("price_from_percent", "price_to_percent"), "in_stock")},
        ),
        (
            _("Left out"),
            {"fields": ("leave_out_bought", "leave_out_basket", "leave_out_dismissed", "leave_out_seen")},
        ),
        (_("When and how"), {"fields": ("starts_at", "ends_at", "lazy")}),
    )

    class Media:
        css = {"all": ["recommender/admin.css", "recommender/admin-placement.css"]}
        js = [forms.Script("recommender/admin-placement.js", defer=True)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The name of one that is there: templates and apps know it by it."""
        return ("slug",) if obj is not None else ()

    def get_urls(self) -> list[URLPattern]:
        """And the preview, and what its fields suggest."""
        view = self.admin_site.admin_view
        own = [
            path("preview/", view(self.preview_view), name="recommender_placement_preview"),
            path("suggest/", view(self.suggest_view), name="recommender_placement_suggest"),
        ]
        return [*own, *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form with its preview beside it."""
        own = {
            "preview_slug": object_id or "",
            "preview_example": previewing_placements.example(),
            "strategy_words": [(Strategy(name).label, text) for name, text in IN_PLAIN_WORDS.items()],
            "sees_visitors": request.user.has_perm("recommender.view_visitor"),
        }
        return super().changeform_view(request, object_id, form_url, own | (extra_context or {}))

    @admin.display(description=_("heading"))
    def heading(self, placement: Placement) -> str:
        """Its usual heading."""
        return placing.usual_heading(placement)

    @admin.display(description=_("shows"))
    def shows(self, placement: Placement) -> SafeString:
        """Its strategies, in their order."""
        return format_html_join(" → ", "{}", ((Strategy(name).label,) for name in placement.strategies))

    @admin.display(description=_("state"), ordering="is_active")
    def state(self, placement: Placement) -> SafeString:
        """Whether it is shown now, and if not, why."""
        if placement.is_shown():
            return badge("done", gettext("shown"))
        if not placement.is_active:
            return badge("off", gettext("switched off"))
        if placement.starts_at is not None and placement.starts_at > timezone.now():
            return badge("pending", gettext("waits for its date"))
        return badge("off", gettext("over"))

    @admin.action(description=_("Switch the selected placements on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Placement]) -> HttpResponse | None:
        """Ask, then show them again."""
        return self._switch(request, queryset, is_active=True)

    @admin.action(description=_("Switch the selected placements off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Placement]) -> HttpResponse | None:
        """Ask, then leave their places empty."""
        return self._switch(request, queryset, is_active=False)

    def _switch(self, request: HttpRequest, queryset: QuerySet[Placement], *, is_active: bool) -> HttpResponse | None:
        if not confirmed(request):
            again, empty = gettext("They are shown with the next request."), gettext("Their places stay empty.")
            return ask(
                self,
                request,
                queryset,
                title=gettext("Switch these placements on?") if is_active else gettext("Switch these placements off?"),
                text=again if is_active else empty,
                yes=gettext("Yes, switch them on") if is_active else gettext("Yes, switch them off"),
            )
        n = placing.switch(queryset.values_list("slug", flat=True), is_active=is_active)
        on = ngettext("%(n)s placement is switched on.", "%(n)s placements are switched on.", n)
        off = ngettext("%(n)s placement is switched off.", "%(n)s placements are switched off.", n)
        self.message_user(request, (on if is_active else off) % {"n": n}, messages.SUCCESS)
        return None

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What the form as it stands would show and change; a piece of a page for our script, else a page."""
        saved = Placement.objects.filter(slug=request.GET.get("slug", "").replace("\0", "")).first()
        if not self.has_view_or_change_permission(request, saved):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        context: dict[str, Any] = {"title": gettext("Preview of a placement")}
        placement = saved
        if self._may_edit(request, saved):
            form = self.get_form(request, saved, change=saved is not None)(request.POST, instance=_copy(saved))
            placement = form.instance if form.is_valid() else None
            context["faults"] = [] if placement is not None else _told(form)
        if placement is not None:
            product, visitor = self._chosen(request, context)
            context["preview"] = previewing_placements.preview_placement(placement, saved, product, visitor)
        is_piece = request.headers.get("X-Requested-With") == _SCRIPT
        template = "admin/recommender/placement/preview.html" if is_piece else "admin/recommender/placement/page.html"
        return TemplateResponse(request, template, self.admin_site.each_context(request) | context)

    def suggest_view(self, request: HttpRequest) -> HttpResponse:
        """The products or visitors whose names begin like this."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        text = request.GET.get("q", "").replace("\0", "").strip()[:100]
        if request.GET.get("what") == "visitor":
            if not request.user.has_perm("recommender.view_visitor"):
                raise PermissionDenied
            return JsonResponse({"results": previewing_placements.suggest_visitors(text) if text else []})
        return JsonResponse({"results": previewing_placements.suggest_products(text) if text else []})

    def _may_edit(self, request: HttpRequest, saved: Placement | None) -> bool:
        if saved is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, saved)

    def _chosen(self, request: HttpRequest, context: dict[str, Any]) -> tuple[Any, Any]:
        """The product and visitor that the fields beside the preview name; says so when one finds nothing."""
        text = request.POST.get("preview_product", "").replace("\0", "")
        who = request.POST.get("preview_visitor", "").replace("\0", "").strip()
        product = previewing_placements.find_product(text)
        missing = [gettext("No product is found by “%(text)s”.") % {"text": text}] if text and product is None else []
        visitor = None
        if who and request.user.has_perm("recommender.view_visitor"):
            visitor = previewing_placements.find_visitor(who)
            missing += [] if visitor else [gettext("No visitor is found by “%(text)s”.") % {"text": who}]
        context["missing"] = missing
        return product, visitor


def _copy(saved: Placement | None) -> Placement:
    """Another object of the same row, for a form to write into."""
    if saved is None:
        return Placement()
    values = {field.attname: getattr(saved, field.attname) for field in Placement._meta.concrete_fields}
    copy = Placement(**values)
    copy._state.adding, copy._state.db = False, saved._state.db
    return copy


def _told(form: Any) -> list[str]:
    """What is wrong, each sentence after the name of its field."""
    told = []
    for name, sentences in form.errors.items():
        label = f"{form.fields[name].label}: " if name in form.fields else ""
        told += [f"{label}{sentence}" for sentence in sentences]
    return told
