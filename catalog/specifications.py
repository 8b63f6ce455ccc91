"""A phone's specifications as rows of label and text, for one product or several side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext_lazy as _

from catalog import wording
from catalog.models import Product
from catalog.variants import storage_label


@dataclass(frozen=True)
class Row:
    """One specification of the compared products, in their order.

    Attributes:
        label: what it is.
        values: a text a product; empty where unknown.
        best: positions of the products that are ahead of the others; empty where nothing can be ahead.
    """

    label: str
    values: list[str]
    best: frozenset[int] = frozenset()

    @property
    def differs(self) -> bool:
        """Whether the products differ in it."""
        return len(set(self.values)) > 1

    @property
    def cells(self) -> list[tuple[str, bool]]:
        """Text and whether it is the best, a product."""
        return [(value, index in self.best) for index, value in enumerate(self.values)]


@dataclass(frozen=True)
class _Spec:
    label: Any
    value: Callable[[Product], Any]
    text: Callable[[Any], str]
    better: Callable[[Sequence[Any]], Any] | None = None


def _with(unit: str) -> Callable[[Any], str]:
    return lambda value: f"{number(value)} {unit}"


def number(value: Any) -> str:
    """A figure in the page's number format: no trailing zeros, grouped from ten thousand on."""
    if isinstance(value, Decimal):
        value = value.normalize()
        return formats.number_format(value, decimal_pos=max(0, -int(value.as_tuple().exponent)))
    return formats.number_format(value, force_grouping=value >= 10_000)


def _size(product: Product) -> tuple[Decimal, ...] | None:
    family = product.family
    sides = (family.height_mm, family.width_mm, family.thickness_mm)
    return tuple(side for side in sides if side is not None) or None


_SPECS = (
    _Spec(_("Screen"), lambda p: p.family.screen_inches, lambda v: f"{number(v)}″", max),
    _Spec(_("Refresh rate"), lambda p: p.family.refresh_hz, _with("Hz"), max),
    _Spec(_("Chip"), lambda p: p.family.chip, str),
    _Spec(_("Memory"), lambda p: p.family.ram_gb, _with("GB"), max),
    _Spec(_("Storage"), lambda p: p.storage_gb, storage_label, max),
    _Spec(_("Rear cameras"), lambda p: p.family.cameras, wording.cameras_text),
    _Spec(_("Front camera"), lambda p: p.family.front_camera, str),
    _Spec(_("Battery"), lambda p: p.family.battery_mah, _with("mAh"), max),
    _Spec(_("Charging"), lambda p: p.family.charging_watts, _with("W"), max),
    _Spec(_("Size"), _size, lambda v: " \u00d7 ".join(number(side) for side in v) + " mm"),
    _Spec(_("Weight"), lambda p: p.family.weight_g, _with("g"), min),
    _Spec(_("Colour"), lambda p: p.color_label, str),
    _Spec(
        _("Released"),
        lambda p: p.family.released_on,
        lambda v: formats.date_format(v, "YEAR_MONTH_FORMAT"),
    ),
)


_KNOWN_ATTRIBUTES: dict[str, Any] = {
    "back": _("Back"),
    "camera_layout": _("Camera layout"),
    "operating_system": _("Operating system"),
    "resolution": _("Resolution"),
}


def rows(products: Sequence[Product]) -> list[Row]:
    """The specifications that any of the products has, the shop's own first, then imported ones by name."""
    own = [row for spec in _SPECS if any((row := _row(spec, products)).values)]
    names = sorted({name for product in products for name in product.attributes})
    more = [
        Row(_label(name), [wording.attribute_text(str(product.attributes.get(name, ""))) for product in products])
        for name in names
    ]
    return own + [row for row in more if any(row.values)]


def _row(spec: _Spec, products: Sequence[Product]) -> Row:
    values = [spec.value(product) for product in products]
    known = [value for value in values if value]
    best: frozenset[int] = frozenset()
    if spec.better is not None and len(set(known)) > 1:
        top = spec.better(known)
        best = frozenset(index for index, value in enumerate(values) if value == top)
    return Row(str(spec.label), [spec.text(value) if value else "" for value in values], best)


def _label(name: str) -> str:
    if known := _KNOWN_ATTRIBUTES.get(name):
        return str(known)
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
