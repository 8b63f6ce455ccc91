"""Why a product is recommended, in a sentence a shopper can read."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

_ALIKE = 0.75
"""A block cosine from which two products are said to look alike in that block."""


class Source(StrEnum):
    """Where a recommendation comes from: the signal that carries most of its score, or a fallback."""

    VISUAL = "visual"
    ALSO_VIEWED = "also_viewed"
    ATTRIBUTES = "attributes"
    FOR_YOU = "for_you"
    TRENDING = "trending"
    NEWEST = "newest"


SOURCE_LABELS = {
    Source.VISUAL: gettext_lazy("Looks"),
    Source.ALSO_VIEWED: gettext_lazy("Behaviour"),
    Source.ATTRIBUTES: gettext_lazy("Attributes"),
    Source.FOR_YOU: gettext_lazy("For you"),
    Source.TRENDING: gettext_lazy("Trending"),
    Source.NEWEST: gettext_lazy("New"),
}

ITEM_SOURCES = {
    "visual": Source.VISUAL,
    "collaborative": Source.ALSO_VIEWED,
    "attributes": Source.ATTRIBUTES,
}


def leading_source(parts: Mapping[str, float]) -> Source:
    """The source of an item-to-item recommendation: its largest part."""
    return ITEM_SOURCES.get(max(parts, key=lambda name: parts[name]), Source.VISUAL) if parts else Source.VISUAL


def similar_reason(
    source: Source, seed: Mapping[str, str], other: Mapping[str, str], cosines: Mapping[str, float]
) -> str:
    """The sentence of an item-to-item recommendation.

    Args:
        source: where it comes from.
        seed: attributes of the product that the shelf belongs to.
        other: attributes of the recommended product.
        cosines: block name -> cosine of the two looks.
    """
    if source is Source.ALSO_VIEWED:
        return _("Shoppers who looked at this also looked at it")
    shared = [name for name, value in seed.items() if value and other.get(name) == value]
    if source is Source.ATTRIBUTES:
        return shared_attributes(shared) or _("Similar features")
    alike = [name for name in ("colour", "semantic", "shape", "texture") if cosines.get(name, 0.0) >= _ALIKE]
    if "color" in shared and "semantic" in alike:
        return _("Same colour and a similar design")
    if "color" in shared:
        return _("Same colour")
    if "colour" in alike and ("semantic" in alike or "shape" in alike):
        return _("Similar colour and design")
    if "colour" in alike:
        return _("Similar colour")
    if "semantic" in alike or "shape" in alike:
        return _("A similar design")
    return shared_attributes(shared) or _("The closest look we have")


def shared_attributes(names: list[str]) -> str:
    """A sentence for the attributes that two products share; empty when there is none to name."""
    labels = {
        "brand": pgettext("shared attribute", "brand"),
        "color": pgettext("shared attribute", "colour"),
        "category": pgettext("shared attribute", "category"),
        "storage": pgettext("shared attribute", "storage"),
        "screen": pgettext("shared attribute", "screen size"),
    }
    known = [labels[name] for name in names if name in labels][:2]
    if not known:
        return ""
    if len(known) == 1:
        return capfirst(_("same %(first)s") % {"first": known[0]})
    return capfirst(_("same %(first)s and %(second)s") % {"first": known[0], "second": known[1]})


def visitor_reason(parts: Mapping[str, float], seen_title: str) -> str:
    """The sentence of a for-you recommendation, from its largest part and the title of what the visitor looked at."""
    leading = max(parts, key=lambda name: parts[name]) if parts else ""
    if leading == "trend":
        return fallback_reason(Source.TRENDING)
    if leading == "collaborative":
        return _("Shoppers with your taste chose it")
    if seen_title:
        return _("Because you looked at %(title)s") % {"title": seen_title}
    return _("Fits what you looked at")


def fallback_reason(source: Source) -> str:
    """The sentence of a product that fills a shelf."""
    return _("New in the shop") if source is Source.NEWEST else _("Popular right now")
