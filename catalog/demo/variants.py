"""The products of a family: one for each colour and storage size, with price, launch day and stock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zlib import crc32

from catalog.demo.families import Family
from catalog.demo.look import Colour

DAYS_PER_MONTH = 30.44
CHEAPEST, DEAREST = 129, 1599

_STORAGE_STEP = {
    "budget": 40,
    "midrange": 60,
    "rugged": 60,
    "compact": 80,
    "gaming": 100,
    "flagship": 120,
    "foldable": 120,
}


@dataclass(frozen=True)
class Variant:
    """One product: a family in one colour and storage size."""

    family: Family
    colour_key: str
    storage_gb: int

    @property
    def product_id(self) -> str:
        """A readable article number, for example vellorin-halo-9-glacier-256."""
        return f"{family_key(self.family)}-{self.colour_key}-{self.storage_gb}"

    @property
    def colour(self) -> Colour:
        """The colourway."""
        return self.family.brand.colours[self.colour_key]

    @property
    def launch_price(self) -> int:
        """Euros on the day of the launch."""
        step = _STORAGE_STEP[self.family.tier] * self.family.storage.index(self.storage_gb)
        return min(DEAREST, self.family.price + step)

    @property
    def stock(self) -> int:
        """Pieces in the shop: about one in twenty is sold out."""
        draw = crc32(f"stock:{self.product_id}".encode()) % 1000
        return 0 if draw < 50 else 3 + draw % 60


def variants(families: Iterable[Family]) -> list[Variant]:
    """All products, in catalogue order."""
    return [
        Variant(family, colour, storage)
        for family in families
        for colour in family.colours
        for storage in family.storage
    ]


def family_key(family: Family) -> str:
    """The family's stable name, for example vellorin-halo-9-pro."""
    return family.title.lower().replace(" ", "-")


def picture_path(family: Family, colour_key: str, view: str) -> str:
    """The path of a picture inside the folder; storage sizes share it."""
    return f"images/{family_key(family)}/{colour_key}-{view}.webp"


def released_on(family: Family, end: date) -> date:
    """The launch day, counted back from the end of the history."""
    return end - timedelta(days=max(2, round(family.age_months * DAYS_PER_MONTH)))


def price_after(launch_price: int, age_months: float) -> int:
    """Today's price in euros: 1.6 % less a month for two years, ending in 9 as shop prices do."""
    lowered = launch_price * (1 - 0.016 * min(max(age_months, 0.0), 24.0))
    return max(CHEAPEST, round((lowered + 1) / 10) * 10 - 1)
