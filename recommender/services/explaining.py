"""Why a product is recommended, in a sentence a shopper can read.

Sentences are whole and never put together from words: other languages order them otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from recommender.models import InteractionKind

_ALIKE = {"semantic": 0.86, "colour": 0.6, "texture": 0.75, "shape": 0.75}
"""The block cosine from which two products are said to look alike in that block: on the demo range one pair of
different families in twenty exceeds it, and half of one family's or more (in one colour, for colour and texture)."""

Shared: TypeAlias = tuple[tuple[str, str], ...]
"""What two products have in common: names of attributes and their values."""

_FORMS = ("semantic", "shape")
"""Names of blocks: what says something about the design."""


class Source(StrEnum):
    """Where a recommendation comes from: the signal that carries most of its score, a fallback, or the shop's staff."""

    VISUAL = "visual"
    ALSO_VIEWED = "also_viewed"
    BOUGHT_TOGETHER = "bought_together"
    ATTRIBUTES = "attributes"
    FOR_YOU = "for_you"
    TRENDING = "trending"
    NEWEST = "newest"
    RECENTLY_VIEWED = "recently_viewed"
    BOUGHT_BEFORE = "bought_before"
    SUBSTITUTE = "substitute"
    PROMOTED = "promoted"


SOURCE_LABELS = {
    Source.VISUAL: gettext_lazy("Looks"),
    Source.ALSO_VIEWED: gettext_lazy("Behaviour"),
    Source.BOUGHT_TOGETHER: gettext_lazy("Bought together"),
    Source.ATTRIBUTES: gettext_lazy("Attributes"),
    Source.FOR_YOU: gettext_lazy("For you"),
    Source.TRENDING: gettext_lazy("Trending"),
    Source.NEWEST: gettext_lazy("New"),
    Source.RECENTLY_VIEWED: gettext_lazy("Recently viewed"),
    Source.BOUGHT_BEFORE: gettext_lazy("Bought before"),
    Source.SUBSTITUTE: gettext_lazy("Substitute"),
    Source.PROMOTED: gettext_lazy("Promoted"),
}

_ATTRIBUTES = {
    "brand": pgettext_lazy("shared attribute", "brand"),
    "color": pgettext_lazy("shared attribute", "colour"),
    "camera_layout": pgettext_lazy("shared attribute", "camera layout"),
    "cameras": pgettext_lazy("shared attribute", "cameras"),
    "finish": pgettext_lazy("shared attribute", "finish"),
    "screen": pgettext_lazy("shared attribute", "screen size"),
    "storage": pgettext_lazy("shared attribute", "storage"),
    "category": pgettext_lazy("shared attribute", "category"),
}
"""What a sentence can name, the most telling first."""


def attribute_label(name: str) -> str:
    """An attribute's name as people read it."""
    return str(_ATTRIBUTES.get(name) or name.replace("_", " "))


ITEM_SOURCES = {
    "visual": Source.VISUAL,
    "collaborative": Source.ALSO_VIEWED,
    "attributes": Source.ATTRIBUTES,
}


QUOTING = frozenset({Source.VISUAL, Source.ATTRIBUTES})
"""The sources whose sentences quote attributes."""


def similar_reason(
    source: Source, seed: Mapping[str, str], other: Mapping[str, str], cosines: Mapping[str, float]
) -> str:
    """The sentence of an item-to-item recommendation.

    Args:
        source: where it comes from.
        seed: attributes of the product that the shelf belongs to, as shoppers read them.
        other: those of the recommended product.
        cosines: block name -> cosine of the two looks.
    """
    shared = tuple([(name, value) for name, value in seed.items() if value and other.get(name) == value])
    alike = frozenset([block for block, limit in _ALIKE.items() if cosines.get(block, 0.0) >= limit])
    return _similar_reason(get_language(), source, shared, alike)


@lru_cache(maxsize=4096)
def _similar_reason(language: str | None, source: Source, pairs: Shared, alike: frozenset[str]) -> str:
    """The sentence in the active language, made once: the cards of a shelf have much the same in common."""
    if source is Source.BOUGHT_TOGETHER:
        return _("Shoppers who bought this also bought it")
    if source is Source.ALSO_VIEWED:
        return _("Shoppers who looked at this also looked at it")
    shared = dict(pairs)
    if source is Source.ATTRIBUTES:
        return _shared_attributes(shared) or _("Similar features")
    return _looks(shared, alike) or _shared_attributes(shared) or _("The closest look we have")


def _looks(shared: Mapping[str, str], alike: frozenset[str]) -> str:
    """What two looks have in common, by the blocks that say so and the attributes that name it; empty for nothing."""
    colour, form = "colour" in alike, not alike.isdisjoint(_FORMS)
    named = shared.get("color", "")
    if named and form:
        return _("Same colour and a similar design: %(colour)s") % {"colour": named}
    if named:
        return _("Same colour: %(colour)s") % {"colour": named}
    if colour and "finish" in shared:
        return _("Similar colour and the same finish: %(finish)s") % {"finish": shared["finish"]}
    if form and "camera_layout" in shared:
        return _("Similar design and the same camera layout: %(layout)s") % {"layout": shared["camera_layout"]}
    if colour and form:
        return _("Similar colour and design")
    if colour:
        return _("Similar colour")
    if form:
        return _("A similar design") if "semantic" in alike else _("A similar shape")
    return _("A similar surface") if "texture" in alike else ""


def _shared_attributes(shared: Mapping[str, str]) -> str:
    """A sentence for what two products share, at most two of them; empty when there is nothing to name."""
    known = [name for name in _ATTRIBUTES if name in shared][:2]
    if not known:
        return ""
    first = {"attribute": _ATTRIBUTES[known[0]], "value": shared[known[0]]}
    if len(known) == 1:
        return _("Same %(attribute)s: %(value)s") % first
    return _("Same %(attribute)s and %(other)s: %(value)s, %(other_value)s") % {
        **first,
        "other": _ATTRIBUTES[known[1]],
        "other_value": shared[known[1]],
    }


def visitor_reason(parts: Mapping[str, float], cause: str = "", kind: str = "") -> str:
    """The sentence of a for-you recommendation.

    Args:
        parts: signal name -> part of the score; the largest speaks.
        cause: the title of the visitor's product that it owes its place to; empty where none dominates.
        kind: what the visitor did with that product, of `InteractionKind`.
    """
    leading = max(parts, key=lambda name: parts[name]) if parts else ""
    if leading == "trend":
        return fallback_reason(Source.TRENDING)
    if cause and leading in ("affinity", "collaborative"):
        return _because(kind) % {"title": cause}
    if leading == "collaborative":
        return _("Shoppers with your taste chose it")
    if leading == "affinity":
        return _("Looks like what you looked at")
    if leading == "novelty":
        return fallback_reason(Source.NEWEST)
    return _("Fits what you looked at")


def _because(kind: str) -> str:
    if kind == InteractionKind.PURCHASE:
        return _("Because you bought %(title)s")
    if kind == InteractionKind.CART:
        return _("Because you put %(title)s into your basket")
    if kind == InteractionKind.FAVOURITE:
        return _("Because you like %(title)s")
    return _("Because you viewed %(title)s")


def promoted_reason() -> str:
    """The sentence of a product that a merchandising rule promoted."""
    return _("Picked by our shop")


def fallback_reason(source: Source) -> str:
    """The sentence of a product that fills a shelf."""
    return _("New in the shop") if source is Source.NEWEST else _("Popular right now")


def beside_reason(source: Source, title: str) -> str:
    """The sentence of an item-to-item recommendation on a page with several products, which says beside which."""
    if source is Source.BOUGHT_TOGETHER:
        return _("Often bought together with %(title)s") % {"title": title}
    if source is Source.ALSO_VIEWED:
        return _("Shoppers who looked at %(title)s also looked at it") % {"title": title}
    return _("Goes by its look with %(title)s") % {"title": title}


def viewed_reason(title: str) -> str:
    """The sentence of a product that is like one which the visitor viewed."""
    return _because(InteractionKind.VIEW) % {"title": title}


def own_reason(source: Source) -> str:
    """The sentence of a product that the visitor knows, or that stands in for one that is sold out."""
    if source is Source.RECENTLY_VIEWED:
        return _("You looked at it recently")
    if source is Source.BOUGHT_BEFORE:
        return _("You bought it before")
    return _("Another version of it, available now")
