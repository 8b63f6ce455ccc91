"""What a photo's best cosine says: this very product, something like it, or nothing like it; measured, not guessed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Block, Float32

COLOUR_SHARE = 0.2
"""Weight of the block "colour" when one side is a photo. Lamps and cameras change colours, not designs. Of .45 to 1 the
share .8 for the rest finds most of the demo range photographed badly, and of photos taken in shops (training split)."""

WRONG_REFUSALS = 0.02
"""The share of photos of what the shop has that the threshold may refuse; what is no such thing lies far below."""
WRONG_CLAIMS = 0.05
"""The share of photos of what the shop has not that may be taken for the nearest product."""


class Verdict(StrEnum):
    """What a photo shows, as far as one can tell."""

    EXACT = "exact"
    SIMILAR = "similar"
    NOTHING = "nothing"


class Thresholds(NamedTuple):
    """Best cosines from which a photo shows something like a product, and from which it shows that very product."""

    similar: float
    exact: float


UNMEASURED = Thresholds(-1.0, 0.95)
"""Before the first training has measured them: nothing is refused, and only nearly equal pictures are the same."""


class Curve(NamedTuple):
    """Errors at one threshold, each a share in [0, 1]."""

    threshold: float
    wrong_accepts: float
    wrong_refusals: float


def as_photo(vectors: Float32, blocks: Sequence[Block]) -> Float32:
    """Query vectors whose inner products with the catalogue weigh the blocks as photos need it, float32, shape (q, d).

    q' . v = sum_b s_b cos_b with s_colour = `COLOUR_SHARE` and the other blocks sharing the rest as they did; vectors
    of one block, or without "colour", are left as they are.
    """
    weights = {block.name: block.weight for block in blocks}
    colour = weights.get("colour", 0.0)
    if not 0.0 < colour < 1.0:
        return vectors
    scaled = vectors.copy()
    for block in blocks:
        wanted = COLOUR_SHARE if block.name == "colour" else (1 - COLOUR_SHARE) * block.weight / (1 - colour)
        scaled[:, block.start : block.stop] *= np.float32(wanted / block.weight if block.weight else 0.0)
    return scaled


def fit_thresholds(known: NDArray[Any], unknown: NDArray[Any]) -> Thresholds:
    """Thresholds from best cosines of photos.

    Args:
        known: of photos of products that are in the catalogue, shape (m,), m >= 1.
        unknown: of the same photos, their own products left out: the nearest mistake.

    Returns:
        `similar`: the quantile of `known` that refuses `WRONG_REFUSALS` of them. `exact`: the quantile of `unknown`
        that `WRONG_CLAIMS` of them pass, not below `similar`.
    """
    similar = float(np.quantile(known, WRONG_REFUSALS))
    exact = float(np.quantile(unknown, 1 - WRONG_CLAIMS)) if unknown.size else UNMEASURED.exact
    return Thresholds(similar, max(exact, similar))


def judge(cosine: float, thresholds: Thresholds) -> Verdict:
    """What a best cosine means."""
    if cosine > thresholds.exact:
        return Verdict.EXACT
    return Verdict.SIMILAR if cosine >= thresholds.similar else Verdict.NOTHING


def error_curve(known: NDArray[Any], unknown: NDArray[Any], n: int = 21) -> list[Curve]:
    """Wrong accepts (unknown >= t) against wrong refusals (known < t) at n thresholds over the range of both."""
    both = np.concatenate([known, unknown])
    return [
        Curve(float(t), float((unknown >= t).mean()), float((known < t).mean()))
        for t in np.linspace(both.min(), both.max(), n)
    ]
