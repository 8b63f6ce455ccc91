"""What the front page and the product page put into the light: one phone a category, and a phone's figures."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog import specifications, wording
from catalog.models import Product


@dataclass(frozen=True)
class Department:
    """A category with the phone that stands for it.

    Attributes:
        category: as products have it; the list filters by it.
        label: its name in the page's language.
        n_families: how many phones it has.
        product: the newest of them, in stock.
    """

    category: str
    label: str
    n_families: int
    product: Product


@dataclass(frozen=True)
class Figure:
    """One number a phone is known by, for example 6.4″ and "120 Hz screen"."""

    value: str
    label: str


def departments(*, but: int | None = None) -> list[Department]:
    """The categories of what is in stock, largest first; `but` is a family that is shown elsewhere already."""
    products = Product.objects.available().exclude(family__category="")
    counts = dict(products.order_by().values_list("family__category").annotate(Count("family", distinct=True)))
    newest = products.exclude(family=but).annotate(
        place=Window(
            RowNumber(),
            partition_by="family__category",
            order_by=[F("family__released_on").desc(nulls_last=True), F("pk").asc()],
        )
    )
    shown = [
        Department(category, wording.category_label(category), counts[category], product)
        for product in newest.filter(place=1).for_cards()
        if (category := product.family.category)
    ]
    return sorted(shown, key=lambda department: (-department.n_families, department.label))


def headline(product: Product) -> str:
    """A phone in one line: screen, battery and weight, where known."""
    family = product.family
    parts = (
        family.screen_inches and f"{specifications.number(family.screen_inches)}″",
        family.battery_mah and f"{specifications.number(family.battery_mah)} mAh",
        family.weight_g and f"{specifications.number(family.weight_g)} g",
    )
    return " · ".join(part for part in parts if part)


def figures(product: Product) -> list[Figure]:
    """The numbers a phone is known by; those that are not known are left out."""
    family = product.family
    found = []
    if family.screen_inches:
        label = _("%(hertz)d Hz screen") % {"hertz": family.refresh_hz} if family.refresh_hz else _("screen")
        found.append(Figure(f"{specifications.number(family.screen_inches)}″", label))
    if megapixels := [int(number) for number in re.findall(r"(\d+) MP", family.cameras)]:
        n = len(megapixels)
        label = ngettext("%(n)d rear camera", "%(n)d rear cameras", n) % {"n": n}
        found.append(Figure(f"{max(megapixels)} MP", label))
    if family.battery_mah:
        watts = family.charging_watts
        label = _("battery, %(watts)d W charging") % {"watts": watts} if watts else _("battery")
        found.append(Figure(f"{specifications.number(family.battery_mah)} mAh", label))
    if family.weight_g:
        thick = family.thickness_mm and specifications.number(family.thickness_mm)
        label = _("weight, %(thickness)s mm thick") % {"thickness": thick} if thick else _("weight")
        found.append(Figure(f"{specifications.number(family.weight_g)} g", label))
    return found
