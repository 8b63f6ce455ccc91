"""Exact search: a query is compared with every vector, first in few bits, then the best in full."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.core.codes import Codes, encode
from recommender.core.nearest import contenders, scan
from recommender.core.types import Bool, Float32, Int32
from recommender.engines.base import Saved
from recommender.engines.coded import coded_rivals, has_numkong
from recommender.engines.rescored import Held, RescoredIndex, held_rows
from recommender.exceptions import IndexUnusableError

_TOO_MANY = 8
"""When an eighth of all rows may be among the best, eight bits do not tell them apart."""


class ExactIndex(RescoredIndex[Codes | None]):
    """Nothing to tune, nothing missed: the right index up to some 100,000 products.

    A search runs at memory speed, so its time is that of the bytes it reads. With NumKong installed a first pass reads
    eight bits a value; every row that a proven bound on their error cannot rule out is then compared in full, so that
    the list is the same. Without it the first pass is a product with the vectors themselves.
    """

    def __init__(self, *, coded: bool = True) -> None:
        """Read eight bits a value first, where NumKong is installed; never when not `coded`."""
        super().__init__()
        self.coded = coded and has_numkong()

    def _build(self, vectors: Float32, held: Bool) -> Codes | None:
        return encode(vectors) if self.coded else None

    def _restore(self, saved: Saved) -> tuple[Codes | None, Bool]:
        try:
            values, steps, residuals, longest = (saved[name] for name in ("codes", "steps", "residuals", "longest"))
        except KeyError as error:
            raise IndexUnusableError(f"The exact index lacks {error}. Run `manage.py recommender_train`.") from error
        if values.dtype != np.int8 or not values.shape[:1] == steps.shape == residuals.shape or longest.shape != (1,):
            raise IndexUnusableError("The exact index was saved by another version. Run `manage.py recommender_train`.")
        codes = Codes(values, np.asarray(steps), np.asarray(residuals), float(longest[0]))
        return codes if self.coded else None, np.asarray(steps > 0)

    def _carry(self, saved: Saved, vectors: Float32, origin: Int32) -> tuple[Codes | None, Bool]:
        held = held_rows(vectors)
        return self._build(vectors, held), held  # a tenth of a second for 100,000 rows

    def _propose(self, now: Held[Codes | None], query: Float32, k: int, allowed: Bool | None, available: int) -> Int32:
        if now.state is not None:
            rows = coded_rivals(now.state, now.base, query, k, allowed)
            if rows.size <= now.base.shape[0] // _TOO_MANY:
                return rows
        return contenders(*scan(query, now.base), k, allowed)

    def _saved(self, now: Held[Codes | None]) -> dict[str, NDArray[Any]]:
        if not self.coded:
            return {}
        codes = encode(now.vectors) if now.laid.size or now.state is None else now.state
        longest = np.array([codes.longest])
        return {"codes": codes.values, "steps": codes.steps, "residuals": codes.residuals, "longest": longest}
