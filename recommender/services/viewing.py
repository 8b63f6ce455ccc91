"""One consistent view of the catalogue: the published snapshot, and over it the products changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import Any
from weakref import proxy

import numpy as np

from recommender.conf import settings
from recommender.core import hybrid
from recommender.core.catalogue import Catalogue
from recommender.core.hybrid import Scored
from recommender.core.newcomers import with_newcomers
from recommender.core.ranking import top_k
from recommender.core.shelf import BRAND, UNKNOWN
from recommender.core.types import Bool, Float32, Int32, Int64
from recommender.engines.base import VectorIndex
from recommender.models import Snapshot
from recommender.services import index_keeping
from recommender.services.publishing import Ids, object_store
from recommender.services.rulebook import Called, CompiledRule, Rulebook, Target

_POPULAR = 200
_REMEMBERED = 512
_CALLED = 500
"""At most so many of a rule's products are candidates for its sake, the most popular ones."""

_NO_ROWS = np.empty(0, np.int32)


@dataclass(frozen=True, eq=False)
class Serving:
    """One consistent view of the catalogue; requests that hold it are not disturbed by a refresh.

    Attributes:
        snapshot: the published part; None while nothing was ever published.
        sequence: the number of the last change in this view.
        ids: the snapshot's product keys, ascending; row i < len(ids) is ids[i].
        base: the snapshot's own catalogue.
        catalogue: the base with fresh rows laid over it.
        fresh_rows: rows whose vectors are newer than the snapshot, ascending, int32.
        fresh_vectors: their unit vectors, float32, shape (m, d).
        fresh_views: the pictures of those of them that have several, by row, float32, shape (their views, d).
        extra: keys of products that the snapshot does not know, with their rows.
        gone: rows of deleted products and of products that lost their last picture, ascending, int32.
        rules: what the shop's staff wants shown or not.
    """

    snapshot: Snapshot | None
    sequence: int
    ids: Ids
    base: Catalogue
    catalogue: Catalogue
    fresh_rows: Int32 = field(default_factory=lambda: _NO_ROWS)
    fresh_vectors: Float32 | None = None
    fresh_views: Mapping[int, Float32] = field(default_factory=dict)
    extra: Mapping[str, int] = field(default_factory=dict)
    gone: Int32 = field(default_factory=lambda: _NO_ROWS)
    rules: Rulebook = field(default_factory=Rulebook)
    _searched: dict[int, Int32] = field(default_factory=dict)

    def row(self, key: Any) -> int | None:
        """The row of a product key; None for a product without any vector or history."""
        text = str(key)
        if (row := self.extra.get(text)) is not None:
            return row
        return _find(self.ids, text)

    def rows(self, keys: Iterable[str]) -> Int32:
        """The rows of several product keys, int32, in their order; -1 for a product without any vector or history."""
        texts = [*keys]
        rows = _find_each(self.ids, texts)
        if self.extra:
            rows[:] = [self.extra.get(text, row) for text, row in zip(texts, rows.tolist(), strict=True)]
        return rows

    def keys(self, rows: Int32) -> list[str]:
        """The product keys of rows."""
        n = len(self.ids)
        if not self.extra:
            return [key.decode() for key in self.ids[rows].tolist()]
        names = {row: key for key, row in self.extra.items()}
        return [self.ids[row].decode() if row < n else names[row] for row in rows.tolist()]

    def lookalikes(self, row: int, k: int | None = None) -> Int32:
        """Rows of the nearest products by looks, the best k of the snapshot and of the fresh ones, int32, unordered."""
        vectors = self.catalogue.vectors
        if vectors is None:
            return _NO_ROWS
        vector = np.asarray(vectors[row], np.float32)
        if not vector.any():
            return _NO_ROWS
        listed = self._searched.get(row)
        if listed is None:
            listed = self._listed(row, vector)
        most = settings.NEIGHBOURS if k is None else min(k, settings.NEIGHBOURS)
        if not self.fresh_rows.size:
            return listed[:most]
        listed = listed[~np.isin(listed, self.fresh_rows)][:most]
        nearest = self.fresh_rows
        if self.fresh_vectors is not None and nearest.size > most:
            cosines = self.fresh_vectors @ vector
            nearest = nearest[np.argpartition(-cosines, most)[:most]]
        return np.concatenate([listed, nearest])

    def similar(self, row: int) -> Scored | None:
        """The products to show beside one, best first; None for one without picture or history.

        The last few hundred answers are remembered: as the view itself, they hold until the next change.
        """
        return self._similar(row)

    def beside(self, row: int, called: Called) -> Scored:
        """The products that rules call for, scored beside one, itself among them; remembered as in `similar`."""
        return self._beside(row, called)

    # Neither memory refers to its view: one that was replaced goes at once, and its files are closed.
    @cached_property
    def _similar(self) -> Callable[[int], Scored | None]:
        return lru_cache(maxsize=_REMEMBERED)(partial(Serving._score_similar, proxy(self)))

    @cached_property
    def _beside(self) -> Callable[[int, Called], Scored]:
        return lru_cache(maxsize=_REMEMBERED)(partial(Serving._score_beside, proxy(self)))

    def _score_beside(self, row: int, called: Called) -> Scored:
        return hybrid.similar(self.catalogue, row, self.called(called, _NO_ROWS))

    def _score_similar(self, row: int) -> Scored | None:
        rows = hybrid.similar_candidates(self.catalogue, row)
        if self.fresh_rows.size or self.base.visual is None:  # else the lists hold all look-alikes
            rows = np.concatenate([self.lookalikes(row), rows])
        rows = self.alive(rows)
        rows = rows[rows != row]
        return self.ranked(hybrid.similar(self.catalogue, row, rows)) if rows.size else None

    def ranked(self, scored: Scored, newcomer_every: int = 0) -> Scored:
        """The best `NEIGHBOURS` of scored products, best first, newcomers among them (`core.newcomers`)."""
        events = self.catalogue.events
        is_new = np.zeros(scored.rows.shape, bool) if events is None else np.asarray(events[scored.rows] == 0)
        order = with_newcomers(scored.scores, is_new, settings.NEIGHBOURS, newcomer_every)
        return Scored(scored.rows[order], scored.scores[order], scored.signals, scored.parts[:, order])

    def bought_both(self, row: int, other: int) -> int:
        """How many people bought both, as far as the one's list by behaviour holds the other."""
        lists, counts = self.base.collaborative, self.base.bought_both
        if lists is None or counts is None or row >= len(counts):
            return 0
        return int(counts[row][lists.rows[row] == other].sum())

    def groups(self, rows: Int32) -> Int64:
        """Codes of family, category and brand as last read (`core.shelf`), int64, shape (m, 3)."""
        groups = self.catalogue.groups
        return np.full((rows.size, 3), UNKNOWN, np.int64) if groups is None else np.asarray(groups[rows])

    @cached_property
    def popular(self) -> Int32:
        """Rows of the most popular products, best first, int32."""
        trend = self.base.trend
        if trend is None or not len(trend):
            return _NO_ROWS
        best = top_k(np.asarray(trend), min(_POPULAR, len(trend)))
        rows: Int32 = best[trend[best] > 0].astype(np.int32)
        return rows[~np.isin(rows, self.gone)]

    def trends(self, rows: Int32) -> Float32:
        """How popular products are, in [0, 1]: their place among all; 0 for one without history."""
        trend, calibration = self.base.trend, self.base.calibrations.get("trend")
        shares = np.zeros(rows.size, np.float32)
        if trend is not None and calibration is not None:
            known = np.flatnonzero(rows < len(trend))
            raw = np.asarray(trend[rows[known]])
            shares[known] = np.where(raw > 0, calibration.apply(raw), 0.0)
        return shares

    def means(self, rule: CompiledRule, rows: Int32, groups: Int64) -> Bool:
        """Whether a rule is about products, as far as the view knows them, bool, shape (m,)."""
        if rule.target == Target.PRODUCT:
            row = self.row(rule.product_key)
            return np.zeros(rows.size, bool) if row is None else np.asarray(rows == row)
        if rule.target == Target.BRAND:
            return np.asarray(groups[:, BRAND] == rule.code)
        attributes, names = self.catalogue.attributes, self.catalogue.attribute_names
        if attributes is None or rule.attribute not in names:
            return np.zeros(rows.size, bool)
        return np.asarray(attributes[rows, names.index(rule.attribute)] == rule.code)

    def matching(self, rule: CompiledRule) -> Int32:
        """Rows of the products that a rule is about, ascending, int32; found once."""
        found = self._matching.get(rule)
        if found is None:
            rows = np.arange(self.catalogue.n, dtype=np.int32)
            found = self._matching[rule] = self.alive(rows[self.means(rule, rows, self.groups(rows))])
        return found

    def called(self, rules: Called, listed: Int32) -> Int32:
        """Rows of the products that rules want as candidates, beyond those listed, distinct, int32."""
        found = [self._most_popular(self.matching(rule)) for rule in rules]
        rows = np.unique(np.concatenate(found)) if found else _NO_ROWS
        return self._most_popular(rows[~np.isin(rows, listed)])

    def _most_popular(self, rows: Int32) -> Int32:
        if rows.size <= _CALLED or self.base.trend is None:
            return rows[:_CALLED]
        trend = np.zeros(rows.size, np.float32)
        known = rows < len(self.base.trend)
        trend[known] = self.base.trend[rows[known]]
        return rows[top_k(trend, _CALLED)]

    @cached_property
    def _matching(self) -> dict[CompiledRule, Int32]:
        return {}

    @cached_property
    def index(self) -> VectorIndex | None:
        """Finds rows by vector, those of fresh products included and those that are gone left out; None without any."""
        vectors = self.base.vectors if self.base.vectors is not None else self.catalogue.vectors
        if vectors is None:
            return None
        index = index_keeping.opened(object_store(), self.snapshot, vectors[: self.base.n]).index.copy()
        if self.fresh_vectors is not None:
            index.put(self.fresh_rows, self.fresh_vectors)
        index.remove(self.gone)
        return index

    def alive(self, rows: Int32) -> Int32:
        """The rows without the products that are gone, distinct and ascending."""
        rows = hybrid.distinct(rows)
        return rows[~np.isin(rows, self.gone)] if self.gone.size else rows

    def _listed(self, row: int, vector: Float32) -> Int32:
        base = self.base
        if row < base.n and base.visual is not None and not np.isin(row, self.fresh_rows):
            listed = base.visual.rows[row]
        elif base.vectors is not None and base.n:
            live = index_keeping.opened(object_store(), self.snapshot, base.vectors)
            listed = live.index.search(vector[None, :], settings.NEIGHBOURS).rows[0]
        else:
            listed = _NO_ROWS
        listed = np.asarray(listed[listed >= 0], np.int32)
        self._searched[row] = listed
        return listed


def selected(scored: Scored, kept: Bool) -> Scored:
    """Those of the candidates that are kept."""
    return Scored(scored.rows[kept], scored.scores[kept], scored.signals, scored.parts[:, kept])


def joined(first: Scored, second: Scored) -> Scored:
    """The candidates of one, then those of the other, which were scored by the same blend."""
    return Scored(
        np.concatenate([first.rows, second.rows]),
        np.concatenate([first.scores, second.scores]),
        first.signals,
        np.concatenate([first.parts, second.parts], axis=1),
    )


def _find_each(ids: Ids, keys: Sequence[str]) -> Int32:
    rows = np.full(len(keys), -1, np.int32)
    texts = [key.encode() for key in keys]
    fits = [place for place, text in enumerate(texts) if len(text) <= ids.dtype.itemsize]
    if fits and len(ids):
        wanted = np.array([texts[place] for place in fits], ids.dtype)
        at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
        rows[fits] = np.where(ids[at] == wanted, at, -1)
    return rows


def _find(ids: Ids, key: str) -> int | None:
    wanted = key.encode()
    if not len(ids) or len(wanted) > ids.dtype.itemsize:
        return None
    at = int(np.searchsorted(ids, np.bytes_(wanted)))
    return at if at < len(ids) and ids[at] == wanted else None
