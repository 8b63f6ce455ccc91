"""Merchandising rules: a list with their state and what is the matter with them, and a form that shows the effect."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from recommender.admin.confirming import ask, confirmed
from recommender.admin.readonly import badge
from recommender.admin.rule_form import RuleForm, products_to_look_at
from recommender.models import Rule
from recommender.services import merchandising

State = Rule.State

_BADGES = {State.LIVE: "ready", State.SCHEDULED: "pending", State.ENDED: "ended", State.OFF: "off"}


class StateFilter(admin.SimpleListFilter):
    """Live, scheduled, ended, off."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The four states."""
        return [(str(value), label) for value, label in State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rule]) -> QuerySet[Rule]:
        """The rules in the chosen state, which depends on the time of day."""
        now = timezone.now()
        ended, scheduled = Q(ends_at__lte=now), Q(starts_at__gt=now)
        states: dict[str, Q] = {
            State.OFF: Q(is_active=False),
            State.ENDED: Q(is_active=True) & ended,
            State.SCHEDULED: Q(is_active=True) & scheduled & (Q(ends_at=None) | ~ended),
            State.LIVE: Q(is_active=True) & (Q(starts_at=None) | ~scheduled) & (Q(ends_at=None) | ~ended),
        }
        return queryset.filter(states.get(self.value() or "", Q()))


class RuleList(ChangeList):
    """Gives each rule of a page what is the matter with it, among all rules and not only those of the page."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page, then compare."""
        super().get_results(request)
        found = merchandising.conflicts(Rule.objects.filter(is_active=True)) if self.result_list else {}
        for row in self.result_list:
            row.conflicts = found.get(row.pk, [])


@admin.register(Rule)
class RuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Rules, newest first. Each action needs a permission of its own."""

    form = RuleForm
    change_form_template = "admin/recommender/rule.html"
    list_display = ("name", "does", "about", "state", "remarks")
    list_filter = (StateFilter, "action", "placement")
    list_select_related = ("product", "placement")
    list_per_page = 50
    search_fields = ("name", "value")
    search_help_text = _("Searches in names and in brands and values.")
    ordering = ("-pk",)
    actions = ("activate", "deactivate")
    fieldsets = (
        (_("What"), {"fields": ("action", "target", "product", "attribute", "value")}),
        (_("How"), {"fields": ("position", "strength", "share")}),
        (_("Where"), {"fields": ("placement", "seed_brand", "seed_category")}),
        (_("When"), {"fields": ("is_active", "starts_at", "ends_at")}),
        (_("For your colleagues"), {"fields": ("name",)}),
    )

    class Media:
        css = {"all": ["recommender/admin.css"]}
        js = ("recommender/admin-rules.js",)

    def get_urls(self) -> list[URLPattern]:
        """And the effect of a form that is not saved."""
        view = self.admin_site.admin_view(self.effect_view)
        own = [
            path("effect/", view, name="recommender_rule_effect"),
            path("<int:pk>/effect/", view, name="recommender_rule_effect_of"),
        ]
        return [*own, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """A list that knows about conflicts."""
        return RuleList

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form of somebody who may do some of the actions."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"allowed": self._allowed(request)})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who may make rules, and at least one kind of them."""
        return super().has_add_permission(request) and bool(self._allowed(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may do what the rule does."""
        return super().has_change_permission(request, obj) and self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may do what the rule does, as taking it back is no smaller thing."""
        return super().has_delete_permission(request, obj) and self._may(request, obj)

    def _may(self, request: HttpRequest, rule: Rule | None) -> bool:
        return rule is None or rule.action in self._allowed(request)

    def _allowed(self, request: HttpRequest) -> tuple[str, ...]:
        return tuple(action for action in Rule.Action.values if request.user.has_perm(f"recommender.{action}_rule"))

    def effect_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """What the rule in the form would change: a page of its own, or the part that the form's page asks for."""
        rule = None if pk is None else self.get_object(request, str(pk))
        may = self.has_add_permission(request) if rule is None else self.has_change_permission(request, rule)
        if not may:
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = self.get_form(request, rule, change=rule is not None)(request.POST, instance=rule)
        context: dict[str, Any] = {"title": gettext("What the rule changes"), "form": form, "opts": self.opts}
        if form.is_valid():
            draft = form.instance
            others = Rule.objects.filter(is_active=True).exclude(pk=draft.pk)
            draft.is_active = True
            found = merchandising.conflicts([*others, draft])
            context["effect"] = merchandising.effect(draft, products_to_look_at(request.POST))
            context["conflicts"] = found.get(draft.pk, [])
        part = request.headers.get("X-Part") == "effect"
        template = "admin/recommender/effect.html" if part else "admin/recommender/effect_page.html"
        return TemplateResponse(request, template, self.admin_site.each_context(request) | context)

    @admin.action(description=_("Switch selected rules on"), permissions=["change"])
    def activate(self, request: HttpRequest, rules: QuerySet[Rule]) -> HttpResponse | None:
        """Ask, then have the rules apply within their dates."""
        return self._switch(request, rules, on=True)

    @admin.action(description=_("Switch selected rules off"), permissions=["change"])
    def deactivate(self, request: HttpRequest, rules: QuerySet[Rule]) -> HttpResponse | None:
        """Ask, then have the rules rest."""
        return self._switch(request, rules, on=False)

    def _switch(self, request: HttpRequest, rules: QuerySet[Rule], *, on: bool) -> HttpResponse | None:
        mine = rules.filter(action__in=self._allowed(request))
        if mine.count() < rules.count():
            text = gettext("Rules that do what you may not do were left out.")
            self.message_user(request, text, messages.WARNING)
        if not mine.exists():
            return None
        if not confirmed(request):
            return ask(
                self,
                request,
                mine,
                title=gettext("Switch these rules on?") if on else gettext("Switch these rules off?"),
                text=gettext("Shelves follow with the next request."),
                yes=gettext("Yes, switch them on") if on else gettext("Yes, switch them off"),
            )
        switched = merchandising.switch(mine, on=on)
        for rule in switched:
            self.log_change(request, rule, [{"changed": {"fields": [gettext("active")]}}])
        text = ngettext("%(n)s rule was switched.", "%(n)s rules were switched.", len(switched))
        self.message_user(request, text % {"n": len(switched)}, messages.SUCCESS)
        return None

    @admin.display(description=_("action"), ordering="action")
    def does(self, rule: Rule) -> SafeString:
        """What it does, and to which place or how far."""
        if rule.action == Rule.Action.PIN:
            return badge("pin", gettext("pin to place %(n)s") % {"n": rule.position})
        if rule.action == Rule.Action.EXCLUDE:
            return badge("exclude", rule.get_action_display())
        return badge(rule.action, f"{rule.get_action_display()} · {rule.strength} %")

    @admin.display(description=_("products"))
    def about(self, rule: Rule) -> SafeString:
        """Which products it is about, and on which shelves."""
        beside = [name for name in (rule.seed_brand, rule.seed_category) if name]
        where = [rule.placement_id or gettext("every shelf")]
        if beside:
            where.append(gettext("beside %(what)s") % {"what": ", ".join(beside)})
        return _two_lines(_products(rule), " · ".join(where))

    @admin.display(description=_("state"), ordering=F("starts_at").asc(nulls_first=True))
    def state(self, rule: Rule) -> SafeString:
        """Whether it applies now, and from when until when."""
        return _two_lines(badge(_BADGES[rule.state], str(rule.state.label)), _dates(rule))

    @admin.display(description=_("remarks"))
    def remarks(self, rule: Any) -> SafeString | str:
        """What is the matter with it."""
        lines = format_html_join("", "<li>{}</li>", ((conflict.text,) for conflict in rule.conflicts))
        return format_html('<ul class="rec-remarks">{}</ul>', lines) if lines else "—"


def _two_lines(first: str, second: str) -> SafeString:
    return format_html('{}<br><span class="rec-quiet">{}</span>', first, second)


def _products(rule: Rule) -> str:
    if rule.product is not None:
        return str(rule.product)
    return rule.value if rule.target == Rule.Target.BRAND else f"{rule.attribute} = {rule.value}"


def _dates(rule: Rule) -> str:
    starts, ends = (
        None if moment is None else date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")
        for moment in (rule.starts_at, rule.ends_at)
    )
    if starts and ends:
        return gettext("%(start)s to %(end)s") % {"start": starts, "end": ends}
    if starts:
        return gettext("from %(moment)s") % {"moment": starts}
    return gettext("until %(moment)s") % {"moment": ends} if ends else gettext("always")
