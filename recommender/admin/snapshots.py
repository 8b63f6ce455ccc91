"""Snapshots: what was published, what is served, and going back. The recommender's own pages hang here too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommender.admin.confirming import question
from recommender.admin.encoders import (
    back_view,
    encoders_view,
    prepare_view,
    report_picture_view,
    report_view,
    switch_view,
)
from recommender.admin.overview import overview_view, train_view
from recommender.admin.picking import suggest_view
from recommender.admin.preview import preview_view
from recommender.admin.readonly import ReadOnlyAdmin, badge
from recommender.admin.selections import selection_context
from recommender.admin.weighing import use_view, weighing_view
from recommender.exceptions import SnapshotError
from recommender.models import Snapshot
from recommender.services import publishing
from recommender.services.selecting import words
from recommender.storage import snapshots

_SUMMARY = ("events", "visitors", "pictured", "with_behaviour")


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    """Published snapshots, newest first; one of them is served."""

    change_form_template = "admin/recommender/snapshot.html"
    list_display = (
        "name",
        "active",
        "switch",
        "n_products",
        "size",
        "summary",
        "chosen",
        "encoder_version",
        "created_at",
    )
    list_filter = ("is_active", "encoder_version")
    fields = readonly_fields = (
        "name",
        "active",
        "n_products",
        "size",
        "encoder_version",
        "numbers",
        "chosen",
        "engine",
        "weights",
        "format_version",
        "sequence",
        "created_at",
        "activated_at",
        "switch",
    )

    def get_urls(self) -> list[URLPattern]:
        """And the overview, the preview, and switching."""
        wrap, site = self.admin_site.admin_view, self.admin_site
        own = [
            path("overview/", wrap(partial(overview_view, site=site)), name="recommender_overview"),
            path("preview/", wrap(partial(preview_view, site=site)), name="recommender_preview"),
            path("weighing/", wrap(partial(weighing_view, site=site)), name="recommender_weighing"),
            path("weighing/use/", wrap(partial(use_view, site=site)), name="recommender_weighing_use"),
            path("suggest/<slug:what>/", wrap(suggest_view), name="recommender_suggest"),
            path("encoders/", wrap(partial(encoders_view, site=site)), name="recommender_encoders"),
            path("encoders/prepare/", wrap(partial(prepare_view, site=site)), name="recommender_encoder_prepare"),
            path("encoders/<str:encoder>/report/", wrap(partial(report_view, site=site)), name="recommender_report"),
            path(
                "encoders/<str:encoder>/report/<str:picture>",
                wrap(report_picture_view),
                name="recommender_report_picture",
            ),
            path("encoders/switch/", wrap(partial(switch_view, site=site)), name="recommender_encoder_switch"),
            path("encoders/roll-back/", wrap(partial(back_view, site=site)), name="recommender_encoder_back"),
            path("train/", wrap(partial(train_view, site=site)), name="recommender_train"),
            path("<int:pk>/activate/", wrap(self.activate_view), name="recommender_activate"),
            path("roll-back/", wrap(self.roll_back_view), name="recommender_roll_back"),
        ]
        return [*own, *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Without the switch for those who may not use it."""
        return self._allowed(request, self.list_display)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """As the list."""
        return self._allowed(request, self.fields)

    def _allowed(self, request: HttpRequest, names: tuple[str, ...]) -> tuple[str, ...]:
        return names if self.may(request, "change") else tuple(name for name in names if name != "switch")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With a way back, for those who may."""
        more = {"may_roll_back": self.may(request, "change") and _earlier() is not None}
        response: HttpResponse = super().changelist_view(request, more | (extra_context or {}))
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the selection that the snapshot's configuration came from."""
        snapshot = self.get_object(request, object_id)
        more = selection_context(snapshot.selection) if snapshot is not None else {}
        response: HttpResponse = super().change_view(request, object_id, form_url, more | (extra_context or {}))
        return response

    def activate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then serve this snapshot."""
        if not self.may(request, "change"):
            raise PermissionDenied
        snapshot = Snapshot.objects.filter(pk=pk).first()
        if snapshot is None:
            raise Http404
        return self._switch(request, snapshot)

    def roll_back_view(self, request: HttpRequest) -> HttpResponse:
        """On to the question whether to serve the snapshot before the active one."""
        if not self.may(request, "change"):
            raise PermissionDenied
        snapshot = _earlier()
        if snapshot is None:
            messages.warning(request, gettext("There is no earlier snapshot to roll back to."))
            return _to_list()
        return HttpResponseRedirect(reverse("admin:recommender_activate", args=[snapshot.pk]))

    def _switch(self, request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
        if request.method != "POST":
            return question(
                self.admin_site,
                request,
                Snapshot,
                title=gettext("Serve %(snapshot)s?") % {"snapshot": snapshot},
                yes=gettext("Yes, serve it"),
                back=reverse("admin:recommender_snapshot_changelist"),
                template="admin/recommender/switch.html",
                snapshot=snapshot,
                current=snapshots.active(),
            )
        try:
            publishing.serve_again(snapshot)
        except SnapshotError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.log_change(request, snapshot, [{"changed": {"fields": [gettext("active")]}}])
            text = gettext("%(snapshot)s is served from now on.") % {"snapshot": snapshot}
            self.message_user(request, text, messages.SUCCESS)
        return _to_list()

    @admin.display(description=_("snapshot"), ordering="pk")
    def name(self, snapshot: Snapshot) -> str:
        """What it is for, and its number."""
        return str(snapshot)

    @admin.display(description=_("served"), ordering="is_active")
    def active(self, snapshot: Snapshot) -> SafeString | str:
        """Whether it is what visitors see."""
        return badge("done", gettext("active")) if snapshot.is_active else "—"

    @admin.display(description=_("size"), ordering="size_bytes")
    def size(self, snapshot: Snapshot) -> str:
        """The size of its files."""
        return filesizeformat(snapshot.size_bytes)

    @admin.display(description=_("metrics"))
    def summary(self, snapshot: Snapshot) -> str:
        """The metrics that say most."""
        known = [(name, snapshot.metrics[name]) for name in _SUMMARY if name in snapshot.metrics]
        return ", ".join(f"{name} {_plain(value)}" for name, value in known) or "—"

    @admin.display(description=_("metrics"))
    def numbers(self, snapshot: Snapshot) -> SafeString | str:
        """All metrics."""
        return _table(snapshot.metrics)

    @admin.display(description=_("configuration"))
    def chosen(self, snapshot: Snapshot) -> str:
        """Where its configuration came from."""
        origin = snapshot.config.get("configuration", {}).get("origin")
        return words.name_of(origin) if origin else "—"

    @admin.display(description=_("engine"))
    def engine(self, snapshot: Snapshot) -> SafeString | str:
        """The collaborative engine, its options, and how fast events fade."""
        kept = snapshot.config.get("configuration")
        if not kept:
            return "—"
        days = {name: kept[name] or gettext("without end") for name in ("half_life_days", "trend_half_life_days")}
        return _table({"engine": kept["engine"]["BACKEND"], **kept["engine"]["OPTIONS"], **days})

    @admin.display(description=_("weights"))
    def weights(self, snapshot: Snapshot) -> SafeString | str:
        """The weights that it was published with."""
        blends = {"similar": "item_blend", "for_you": "visitor_blend"}
        found = {kind: snapshot.config.get(name, {}).get("weights", {}) for kind, name in blends.items()}
        return _table({words.kind_of(kind): weights for kind, weights in found.items()})

    @admin.display(description=_("switch"))
    def switch(self, snapshot: Snapshot) -> SafeString | str:
        """A way to serve it."""
        if snapshot.is_active:
            return "—"
        url = reverse("admin:recommender_activate", args=[snapshot.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Activate"))


def _earlier() -> Snapshot | None:
    current = snapshots.active()
    return snapshots.previous(current) if current is not None else None


def _to_list() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:recommender_snapshot_changelist"))


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name} · ")
        else:
            yield f"{prefix}{name}", _plain(value)


def _table(values: dict[str, Any]) -> SafeString | str:
    rows = list(_flat(values))
    if not rows:
        return "—"
    cells = format_html_join("", '<tr><th scope="row">{}</th><td>{}</td></tr>', rows)
    return format_html('<table class="rec-numbers">{}</table>', cells)
