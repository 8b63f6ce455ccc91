"""Family, category and brand of products as numbers, so that a shelf is planned without asking the database."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Any

from recommender.core.shelf import UNKNOWN
from recommender.sources import ProductSource

_REMEMBERED = 65_536


def group_codes(source: ProductSource, product: Any) -> tuple[int, int, int]:
    """The codes of a product's family, category and brand; a product without a brand belongs to none.

    Codes follow from the names alone, so those of a snapshot and those of a product read just now can be compared.
    """
    brand = source.brand(product)
    return _code(source.family(product)), _code(source.category(product)), _code(brand) if brand else UNKNOWN


def category_code(name: str) -> int:
    """The code of a category by the name that `ProductSource.category` gives it; UNKNOWN for none."""
    return _code(name) if name else UNKNOWN


@lru_cache(maxsize=_REMEMBERED)
def _code(name: str) -> int:
    """63 bits of a hash, so that two of a million names hardly ever share one."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big") >> 1


NO_CATEGORY = _code("")
"""The code of a product without a category."""
