"""A visitor's profile in words that a visitor reads: labels in the page's language, shares in percent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog import wording
from recommender.models import InteractionKind
from recommender.services.profiling import Profile

_ATTRIBUTES: dict[str, Any] = {
    "brand": _("Brand"),
    "category": _("Category"),
    "color": _("Colour"),
    "storage": _("Storage"),
    "screen": _("Screen"),
    "camera_layout": _("Camera layout"),
}


_MOST_SHOWN = 3
"""Values of one attribute: more of them say less."""


@dataclass(frozen=True)
class Trait:
    """One thing a visitor seems to like, and its share of what they did."""

    attribute: str
    value: str
    percent: int


@dataclass(frozen=True)
class Portrait:
    """What the page "What we know about you" shows; traits of one attribute follow each other, the strongest first."""

    n_events: int
    kinds: list[tuple[str, int]]
    traits: list[Trait]


def portray(profile: Profile) -> Portrait:
    """The profile in the page's language."""
    kinds = [(str(InteractionKind(kind).label), n) for kind, n in profile.kinds.items()]
    traits: dict[str, list[Trait]] = {attribute: [] for attribute in _ATTRIBUTES}
    for taste in sorted(profile.tastes, key=lambda taste: -taste.share):
        if percent := round(100 * taste.share):
            label = str(_ATTRIBUTES.get(taste.attribute, taste.attribute))
            trait = Trait(label, _value(taste.attribute, taste.value), percent)
            traits.setdefault(taste.attribute, []).append(trait)
    shown = [trait for same in traits.values() for trait in same[:_MOST_SHOWN]]
    return Portrait(profile.n_events, kinds, shown)


def _value(attribute: str, value: str) -> str:
    if attribute == "color":
        return wording.color_label(value)
    if attribute == "category":
        return wording.category_label(value)
    return wording.attribute_text(value)
