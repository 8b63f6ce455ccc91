"""What approximate indexes share: vectors under labels that never change, and rows that find them."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Bool, Float32, Int32, Int64
from recommender.engines.base import Saved
from recommender.engines.rescored import Held, RescoredIndex, held_rows
from recommender.exceptions import IndexUnusableError

_SPARE = 16
"""How many more are asked for than wanted, for the exact comparison to choose from."""

_REBUILD_SHARE = 0.5
_FORMAT = 1

Graph = TypeVar("Graph")


@dataclass(frozen=True)
class Labelled(Generic[Graph]):
    """A graph of labelled vectors, and which label each row has.

    Attributes:
        graph: the engine's own.
        labels: int64, shape (n,), -1 for a row without a vector.
        known: the labels in use, ascending, int64.
        rows: the row of each of those, int32.
        dimension: d.
    """

    graph: Graph
    labels: Int64
    known: Int64
    rows: Int32
    dimension: int

    @classmethod
    def of(cls, graph: Graph, labels: Int64, dimension: int) -> Labelled[Graph]:
        """With the way back from labels to rows."""
        held = np.flatnonzero(labels >= 0)
        order = held[np.argsort(labels[held])]
        return cls(graph, labels, labels[order], order.astype(np.int32), dimension)

    def rows_of(self, labels: Int64) -> Int32:
        """The rows of the labels that are in use."""
        if self.known[-1] == self.known.size - 1:  # 0, 1, 2 ...: nothing was ever dropped
            return self.rows[labels]
        at = np.minimum(np.searchsorted(self.known, labels), self.known.size - 1)
        rows: Int32 = self.rows[at[self.known[at] == labels]]
        return rows


class ApproximateIndex(RescoredIndex[Labelled[Graph]], Generic[Graph]):
    """A vector has a label for good, so that rows may be renumbered and only what is new is added to the graph.

    A filter is answered by asking for more: as many more as it lets through fewer. What is still missing then is
    compared exactly, and so is what a filter leaves at most `few_rows` of: they are seldom near in the graph, and a
    search for them would miss some.
    """

    approximate: ClassVar[bool] = True
    few_rows: ClassVar[int] = 16_384

    def _build(self, vectors: Float32, held: Bool) -> Labelled[Graph]:
        rows = np.flatnonzero(held).astype(np.int32)
        graph, added = self._new_graph(vectors, rows)
        labels = np.full(held.size, -1, np.int64)
        labels[rows] = added
        return Labelled.of(graph, labels, vectors.shape[1])

    def _restore(self, saved: Saved) -> tuple[Labelled[Graph], Bool]:
        labels, dimension = _labels(saved)
        graph = self._saved_graph(saved, labels, dimension)
        return Labelled.of(graph, labels, dimension), labels >= 0

    def _carry(self, saved: Saved, vectors: Float32, origin: Int32) -> tuple[Labelled[Graph], Bool]:
        before, dimension = _labels(saved)
        kept = origin >= 0
        labels = np.where(kept, before[np.maximum(origin, 0)], -1) if before.size else np.full(origin.size, -1)
        labels = labels.astype(np.int64)
        new = np.flatnonzero(~kept).astype(np.int32)
        new = new[held_rows(vectors[new])]
        dropped = np.setdiff1d(before[before >= 0], labels[labels >= 0])
        if dimension != vectors.shape[1] or new.size + dropped.size > _REBUILD_SHARE * max(labels.size, 1):
            held = held_rows(vectors)
            return self._build(vectors, held), held
        graph, added = self._changed_graph(saved, before, dropped, vectors, new)
        labels[new] = added
        return Labelled.of(graph, labels, dimension), labels >= 0

    def _propose(
        self, now: Held[Labelled[Graph]], query: Float32, k: int, allowed: Bool | None, available: int
    ) -> Int32:
        state = now.state
        total = state.known.size
        wanted = min(total, math.ceil((k + _SPARE) * total / available))
        rows = state.rows_of(self._nearest_labels(state, query, wanted))
        found = rows.size if allowed is None else np.count_nonzero(allowed[rows])
        if found < k and wanted < total:
            rows = state.rows_of(self._nearest_labels(state, query, min(total, 4 * wanted)))
        return rows

    def _saved(self, now: Held[Labelled[Graph]]) -> dict[str, NDArray[Any]]:
        state = now.state
        if now.laid.size:
            origin = np.arange(now.held.size, dtype=np.int32)
            origin[now.laid] = -1
            state, _ = self._carry(self._arrays(state), now.vectors, origin)
        return self._arrays(state)

    def _arrays(self, state: Labelled[Graph]) -> dict[str, NDArray[Any]]:
        about = np.array([_FORMAT, state.dimension], np.int64)
        return self._own(state) | {"labels": state.labels, "about": about}

    @abstractmethod
    def _new_graph(self, vectors: Float32, rows: Int32) -> tuple[Graph, Int64]:
        """A graph of these rows of the vectors, and their labels, distinct and >= 0."""

    @abstractmethod
    def _saved_graph(self, saved: Saved, labels: Int64, dimension: int) -> Graph:
        """The graph that `_own` saved, for reading."""

    @abstractmethod
    def _changed_graph(
        self, saved: Saved, before: Int64, dropped: Int64, vectors: Float32, new: Int32
    ) -> tuple[Graph, Int64]:
        """A graph like the saved one, without the dropped labels and with new rows of the vectors; and their labels.

        Args:
            saved: what `_own` saved; not modified.
            before: all labels in use then, -1 among them.
            dropped: those that go.
            vectors: shape (n, d).
            new: rows to add, ascending.
        """

    @abstractmethod
    def _nearest_labels(self, state: Labelled[Graph], query: Float32, k: int) -> Int64:
        """About the k nearest labels, in any order; labels that are not in use are dropped."""

    @abstractmethod
    def _own(self, state: Labelled[Graph]) -> dict[str, NDArray[Any]]:
        """The graph as arrays."""


def _labels(saved: Saved) -> tuple[Int64, int]:
    try:
        labels, (version, dimension) = saved["labels"], saved["about"].tolist()
    except (KeyError, ValueError) as error:
        raise IndexUnusableError(f"The vector index is damaged: {error}. Run `manage.py recommender_train`.") from error
    if version != _FORMAT:
        raise IndexUnusableError(
            f"The vector index has format {version}, this version reads {_FORMAT}. Run `manage.py recommender_train`."
        )
    return np.asarray(labels, np.int64), dimension
