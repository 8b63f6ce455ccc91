"""Exact search: a query is compared with every vector, first in few bits, then the best in full."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.core.codes import Codes, encode
from recommender.core.nearest import contenders, scan
from recommender.core.repeats import Repeats, find_repeats, repeats_at
from recommender.core.types import Bool, Float32, Int32
from recommender.engines.base import Saved
from recommender.engines.coded import coded_rivals, has_numkong
from recommender.engines.rescored import Held, RescoredIndex, held_rows
from recommender.exceptions import IndexUnusableError

_TOO_MANY = 8
"""When an eighth of all rows may be among the best, eight bits do not tell them apart."""
_FEW_REPEATS = 0.9
"""With more different vectors than this share of all, telling them apart saves too little."""


class State(NamedTuple):
    """What the first pass reads.

    Attributes:
        codes: of all rows, or of each different one.
        repeats: which those are; None when all rows are coded.
    """

    codes: Codes
    repeats: Repeats | None


class ExactIndex(RescoredIndex[State | None]):
    """Nothing to tune, nothing missed: the right index up to some 100,000 products.

    A search runs at memory speed, so its time is that of the bytes it reads. With NumKong installed a first pass reads
    eight bits a value, and vectors that several rows share once; every row that a proven bound on their error cannot
    rule out is then compared in full, so that the list is the same. Without it the first pass is a product with the
    vectors themselves.
    """

    def __init__(self, *, coded: bool = True) -> None:
        """Read eight bits a value first, where NumKong is installed; never when not `coded`."""
        super().__init__()
        self.coded = coded and has_numkong()

    def _build(self, vectors: Float32, held: Bool) -> State | None:
        return _encoded(vectors) if self.coded else None

    def _restore(self, saved: Saved) -> tuple[State | None, Bool]:
        try:
            values, steps, residuals, longest = (saved[name] for name in ("codes", "steps", "residuals", "longest"))
        except KeyError as error:
            raise IndexUnusableError(f"The exact index lacks {error}. Run `manage.py recommender_train`.") from error
        if values.dtype != np.int8 or not values.shape[:1] == steps.shape == residuals.shape or longest.shape != (1,):
            raise IndexUnusableError("The exact index was saved by another version. Run `manage.py recommender_train`.")
        codes = Codes(values, np.asarray(steps), np.asarray(residuals), float(longest[0]))
        repeats = repeats_at(saved["places"]) if "places" in saved else None
        if repeats is not None and repeats.firsts.size != steps.size:
            raise IndexUnusableError("The exact index is damaged. Run `manage.py recommender_train`.")
        held = codes.steps > 0
        return State(codes, repeats) if self.coded else None, held if repeats is None else held[repeats.places]

    def _carry(self, saved: Saved, vectors: Float32, origin: Int32) -> tuple[State | None, Bool]:
        held = held_rows(vectors)
        return self._build(vectors, held), held  # some seconds at most for 100,000 rows

    def _propose(self, now: Held[State | None], query: Float32, k: int, allowed: Bool | None, available: int) -> Int32:
        if now.state is not None:
            rows = _likely(now.state, now.base, query, k, allowed)
            if rows is not None and rows.size <= now.base.shape[0] // _TOO_MANY:
                return rows
        return contenders(*scan(query, now.base), k, allowed)

    def _saved(self, now: Held[State | None]) -> dict[str, NDArray[Any]]:
        if not self.coded:
            return {}
        codes, repeats = _encoded(now.vectors) if now.laid.size or now.state is None else now.state
        longest = np.array([codes.longest])
        arrays: dict[str, NDArray[Any]] = {
            "codes": codes.values,
            "steps": codes.steps,
            "residuals": codes.residuals,
            "longest": longest,
        }
        return arrays if repeats is None else {**arrays, "places": repeats.places}


def _encoded(vectors: Float32) -> State:
    repeats = find_repeats(vectors)
    if repeats.firsts.size > _FEW_REPEATS * repeats.places.size:
        return State(encode(vectors), None)
    return State(encode(vectors, repeats.firsts), repeats)


def _likely(state: State, vectors: Float32, query: Float32, k: int, allowed: Bool | None) -> Int32 | None:
    """Every allowed row that may be among the best k, and rows that are the same; None when few differ."""
    codes, repeats = state
    if repeats is None:
        return coded_rivals(codes, vectors, query, k, allowed)
    different = None if allowed is None else repeats.marked(allowed)
    if k >= (repeats.firsts.size if different is None else np.count_nonzero(different)):
        return None
    return repeats.every(coded_rivals(codes, vectors, query, k, different, repeats.firsts))
