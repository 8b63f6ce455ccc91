"""What the shelves achieved: by day, placement, strategy, place and model; and the same as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from recommender.admin import charts
from recommender.admin.readonly import ReadOnlyAdmin
from recommender.conf import settings
from recommender.models import DailyFigures, Strategy
from recommender.services.figures import summing
from recommender.services.figures.report import MOST_DAYS, Report, Totals, report
from recommender.sources import get_source
from recommender.storage import figures

PERIODS = (7, 28, 90, 365)
_DEFAULT_DAYS = 28
_COLUMNS = (
    "day",
    "placement",
    "strategy",
    "snapshot",
    "impressions",
    "places",
    "fallbacks",
    "clicks",
    "dismissals",
    "carts",
    "purchases",
    "units",
    "revenue",
    "views",
    "searches",
    "empty_searches",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@admin.register(DailyFigures)
class MeasurementAdmin(ReadOnlyAdmin):
    """Its list is the page of figures."""

    def get_urls(self) -> list[URLPattern]:
        """And the file."""
        own = path("csv/", self.admin_site.admin_view(self.csv_view), name="recommender_figures_csv")
        return [own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What the shelves achieved."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if settings.TASKS == "inline":  # no worker sums up in the background
            summing.sum_up()
        first, last = _asked_days(request)
        placement, strategy = request.GET.get("placement", "")[:50], request.GET.get("strategy", "")[:40]
        found = report(first, last, placement=placement, strategy=strategy)
        context = self.admin_site.each_context(request) | _context(found, placement, strategy)
        return TemplateResponse(request, "admin/recommender/measurement.html", context)

    def csv_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """The figures of each day as a file that no spreadsheet takes for formulas."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        first, last = _asked_days(request)
        response = StreamingHttpResponse(_lines(first, last), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="figures-{first}-{last}.csv"'
        return response


def _asked_days(request: HttpRequest) -> tuple[date, date]:
    """The days that the address names, in order; the last four weeks where it names none or nonsense."""
    today = timezone.localdate()
    last = min(_day(request.GET.get("to", "")) or today, today)
    first = _day(request.GET.get("from", "")) or last - timedelta(days=_DEFAULT_DAYS - 1)
    first, last = min(first, last), max(first, last)
    return max(first, last - timedelta(days=MOST_DAYS - 1)), last


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _context(found: Report, placement: str, strategy: str) -> dict[str, Any]:
    chosen = {name: value for name, value in (("placement", placement), ("strategy", strategy)) if value}
    days = [(formats.date_format(day, "DATE_FORMAT"), totals) for day, totals in found.days]
    ticks = [formats.date_format(day, "MONTH_DAY_FORMAT") for day, _totals in found.days]
    return {
        "title": _("Measurement"),
        "report": found,
        "currency": _currency(),
        "chosen": {"placement": placement, "strategy": strategy},
        "periods": _periods(found, chosen),
        "address": urlencode({"from": found.first, "to": found.last} | chosen),
        "tiles": _tiles(found),
        "seen": _line(days, ticks, "impressions"),
        "clicked": _line(days, ticks, "clicks"),
        "earned": _line(days, ticks, "revenue"),
        "days": days,
        "placements": _bars([(name or _("without a name"), totals) for name, totals in found.placements]),
        "strategies": _bars([(strategy_label(name), totals) for name, totals in found.strategies]),
        "positions": charts.bars(
            [str(place) for place, _n in found.positions],
            [float(n) for _place, n in found.positions],
            [_number(n) for _place, n in found.positions],
        ),
        "placement_choices": found.choices[0],
        "strategy_choices": [(name, strategy_label(name)) for name in found.choices[1]],
        "median": found.percentile(0.5),
        "slow": found.percentile(0.95),
        "is_empty": not (found.totals.impressions or found.totals.clicks),
    }


def strategy_label(name: str) -> str:
    """A strategy in words."""
    return str(Strategy(name).label) if name in Strategy.values else name


def _periods(found: Report, chosen: dict[str, str]) -> list[dict[str, Any]]:
    today = timezone.localdate()
    periods = []
    for days in PERIODS:
        first = today - timedelta(days=days - 1)
        address = urlencode({"from": first, "to": today} | chosen)
        periods.append({"days": days, "address": address, "is_shown": (found.first, found.last) == (first, today)})
    return periods


def _tiles(found: Report) -> list[dict[str, Any]]:
    now, before = found.totals, found.before
    series = [totals for _day, totals in found.days]
    return [
        _tile(_("Lists seen"), now.impressions, before.impressions, [totals.impressions for totals in series]),
        _tile(
            _("Click rate"), now.click_rate, before.click_rate, [totals.click_rate or 0 for totals in series], "share"
        ),
        _tile(_("To the basket"), now.basket_rate, before.basket_rate, [t.basket_rate or 0 for t in series], "share"),
        _tile(_("Order lines"), now.purchases, before.purchases, [totals.purchases for totals in series]),
        _tile(_("Revenue"), now.revenue, before.revenue, [float(totals.revenue) for totals in series], "money"),
    ]


def _tile(label: str, now: Any, before: Any, series: list[float], unit: str = "number") -> dict[str, Any]:
    change = round(100 * (float(now) / float(before) - 1)) if now is not None and before else None
    value = now if unit != "share" or now is None else 100 * now
    is_up = change is not None and change > 0
    return {
        "label": label,
        "value": value,
        "unit": unit,
        "change": None if change is None else abs(change),
        "is_up": is_up,
        "spark": charts.spark(series),
    }


def _line(days: list[tuple[str, Totals]], ticks: list[str], name: str) -> charts.Line:
    values = [float(getattr(totals, name)) for _day, totals in days]
    return charts.line([day for day, _totals in days], values, [_number(value) for value in values], ticks)


def _bars(rows: list[tuple[str, Totals]]) -> list[tuple[charts.Bar, Totals]]:
    rates = [totals.click_rate or 0.0 for _name, totals in rows]
    drawn = charts.bars([name for name, _totals in rows], rates, [f"{100 * rate:.1f} %" for rate in rates])
    return [(bar, totals) for bar, (_name, totals) in zip(drawn, rows, strict=True)]


def _number(value: float) -> str:
    return str(formats.number_format(round(value), use_l10n=True, force_grouping=True))


def _currency() -> str:
    """The currency that the shop's prices are in, by one of its products."""
    source = get_source()
    product = source.queryset().filter(source.available()).first()
    price = source.card(product).price if product is not None else None
    return price.currency if price is not None else ""


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """The text."""
        return text


def _lines(first: date, last: date) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(_COLUMNS)  # by which spreadsheets know UTF-8
    for row in figures.of_days(first, last):
        yield writer.writerow([safe_cell(getattr(row, name)) for name in _COLUMNS])


def safe_cell(value: object) -> str:
    """A value as text that a spreadsheet does not take for a formula (OWASP, CSV injection)."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
