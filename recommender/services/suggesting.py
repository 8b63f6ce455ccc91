"""What a person may mean while typing: products, brands, categories, attributes and their values, visitors."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from django.contrib.auth import get_user_model

from recommender.models import Visitor
from recommender.services import serving
from recommender.services.previewing import find_product, search_products
from recommender.sources import get_source

MOST = 12
READ = 5000
"""Brands, categories and values are those of so many products, the newest ones; anything else can be typed in full."""

_REMEMBERED_SECONDS = 60
_BETWEEN = " · "


@dataclass(frozen=True)
class Suggestion:
    """One thing to choose.

    Attributes:
        value: what goes into the field.
        label: what a person reads.
        image: a picture's address; empty without one.
    """

    value: str
    label: str
    image: str = ""


def products(text: str) -> list[Suggestion]:
    """Products by title, article number or key."""
    if not text.strip():
        return []
    return [
        Suggestion(named(card.id, card.title), card.title, card.image) for card in search_products(text.strip(), MOST)
    ]


def named(key: object, title: str) -> str:
    """A product as a field shows it: its key, by which it is found again, and its title."""
    return f"{key}{_BETWEEN}{title}"


def key_in(text: str) -> str:
    """The key in a text that `named` made; empty for any other."""
    key, between, _ = text.partition(_BETWEEN)
    return key if between else ""


def product_of(text: str) -> object | None:
    """The product that a field names: by key, with or without its title, or by a text that only one product has."""
    text = text.strip()
    product = find_product(key_in(text) or text) if text else None
    if product is None and text:
        found = search_products(text, 2)
        product = find_product(found[0].id) if len(found) == 1 else None
    found_product: object | None = product
    return found_product


def brands(text: str) -> list[Suggestion]:
    """Brands by a part of their name."""
    return _like(text, _vocabulary().brands)


def categories(text: str) -> list[Suggestion]:
    """Categories, as the product source names them, by a part of their name."""
    return _like(text, _vocabulary().categories)


def attributes(text: str) -> list[Suggestion]:
    """Names of attributes by a part of their name."""
    return _like(text, tuple(_vocabulary().values))


def values(attribute: str, text: str) -> list[Suggestion]:
    """Values of an attribute by a part of them."""
    return _like(text, _vocabulary().values.get(attribute, ()))


def visitors(text: str) -> list[Suggestion]:
    """Visitors with an account, by the beginning of its name; nobody else has a name to type."""
    login = get_user_model().USERNAME_FIELD
    if not text.strip():
        return []
    known = Visitor.objects.filter(**{f"user__{login}__istartswith": text.strip()})
    found = known.select_related("user").order_by(f"user__{login}")[:MOST]
    return [Suggestion(str(one.pk), one.user.get_username()) for one in found if one.user is not None]


@dataclass(frozen=True)
class _Vocabulary:
    brands: tuple[str, ...]
    categories: tuple[str, ...]
    values: dict[str, tuple[str, ...]]


def _vocabulary() -> _Vocabulary:
    return _read(serving.current().sequence, int(time.time()) // _REMEMBERED_SECONDS)


@lru_cache(maxsize=1)
def _read(sequence: int, minute: int) -> _Vocabulary:
    source = get_source()
    makers, kinds, known = set(), set(), defaultdict[str, set[str]](set)
    for product in source.queryset().prefetch_related(None).order_by("-pk")[:READ]:
        makers.add(source.brand(product))
        kinds.add(source.category(product))
        for name, value in source.attributes(product).items():
            known[name].add(str(value))
    found = {name: _sorted(known[name]) for name in sorted(known)}
    return _Vocabulary(_sorted(makers), _sorted(kinds), found)


def _sorted(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names - {""}, key=lambda name: (len(name) > 1 and name[0].isdigit(), name.casefold())))


def _like(text: str, names: tuple[str, ...]) -> list[Suggestion]:
    wanted = text.strip().casefold()
    found = sorted(
        (name for name in names if wanted in name.casefold()), key=lambda name: not name.casefold().startswith(wanted)
    )
    return [Suggestion(name, name) for name in found[:MOST]]
