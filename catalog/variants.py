"""The colour and storage selectors of a product page: each choice leads to the closest product that has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from catalog import wording
from catalog.models import Product


@dataclass(frozen=True)
class Choice:
    """One colour or storage size, and the product page it leads to."""

    label: str
    url: str
    current: bool
    available: bool
    swatch: str = ""
    price: Decimal | None = None


@dataclass(frozen=True)
class Selectors:
    """The choices within a family; a list of one or none is not worth showing."""

    colors: list[Choice]
    storages: list[Choice]


def selectors(product: Product, siblings: Iterable[Product]) -> Selectors:
    """The choices for a product among the visible products of its family (which may include itself).

    A colour leads to the product of that colour with the same storage, else to its smallest; a storage size likewise to
    the same colour. Products in stock come first.
    """
    others = [sibling for sibling in siblings if sibling.pk != product.pk]
    family = [product, *others]
    return Selectors(
        colors=_choices(
            product,
            family,
            value=lambda item: item.color,
            same=lambda item: item.storage_gb == product.storage_gb,
            show=lambda item: Choice(
                label=item.color_label,
                url=item.get_absolute_url(),
                current=item.color == product.color,
                available=item.can_be_bought,
                swatch=item.color_hex or wording.color_hex(item.color),
            ),
        ),
        storages=_choices(
            product,
            sorted(family, key=lambda item: item.storage_gb or 0),
            value=lambda item: item.storage_gb,
            same=lambda item: item.color == product.color,
            show=lambda item: Choice(
                label=storage_label(item.storage_gb or 0),
                url=item.get_absolute_url(),
                current=item.storage_gb == product.storage_gb,
                available=item.can_be_bought,
                price=item.price,
            ),
        ),
    )


def storage_label(gigabytes: int) -> str:
    """128 -> 128 GB, 1024 -> 1 TB."""
    return f"{gigabytes // 1024} TB" if gigabytes and gigabytes % 1024 == 0 else f"{gigabytes} GB"


def _choices(
    product: Product,
    family: Iterable[Product],
    *,
    value: Callable[[Product], object],
    same: Callable[[Product], bool],
    show: Callable[[Product], Choice],
) -> list[Choice]:
    groups: dict[object, list[Product]] = {}
    for item in family:
        if value(item):
            groups.setdefault(value(item), []).append(item)
    return [
        show(min(group, key=lambda item: (item.pk != product.pk, not same(item), not item.can_be_bought, item.pk)))
        for group in groups.values()
    ]
