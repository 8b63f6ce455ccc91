"""The parts of a vector in people's words, with what each weighs."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from recommender.core.types import Block

_NAMES = {
    "semantic": _("What it is"),
    "colour": _("Colour"),
    "texture": _("Texture"),
    "shape": _("Shape"),
    "upper": _("Upper half"),
    "lower": _("Lower half"),
}


def block_name(name: str) -> str:
    """A block's name for people; its own for one that only its encoder knows."""
    return str(_NAMES.get(name, name))


def percents(blocks: Sequence[Block]) -> dict[str, int]:
    """What each block weighs in hundredths, by its own name."""
    return {block.name: round(100 * block.weight) for block in blocks}
