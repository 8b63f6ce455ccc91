"""What products belong to and are like, as numbers, so that a shelf is planned without asking the database.

Codes follow from the names alone, so those of a snapshot and those of a product read just now can be compared.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Any

from recommender.core.shelf import UNKNOWN
from recommender.sources import ProductSource

_REMEMBERED = 65_536


def group_codes(source: ProductSource, product: Any) -> tuple[int, int, int]:
    """The codes of a product's family, category and brand; a product without a brand belongs to none."""
    brand = source.brand(product)
    brand_code = name_code(brand) if brand else UNKNOWN
    return name_code(source.family(product)), name_code(source.category(product)), brand_code


def category_code(name: str) -> int:
    """The code of a category by the name that `ProductSource.category` gives it; UNKNOWN for none."""
    return name_code(name) if name else UNKNOWN


@lru_cache(maxsize=_REMEMBERED)
def name_code(name: str) -> int:
    """63 bits of a hash, so that two of a million names hardly ever share one."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big") >> 1


@lru_cache(maxsize=_REMEMBERED)
def attribute_code(value: object) -> int:
    """31 bits of a hash of an attribute's value, in which capitals do not count; `UNKNOWN` for none."""
    return name_code(str(value).casefold()) >> 32 if value else UNKNOWN


NO_CATEGORY = name_code("")
"""The code of a product without a category."""
