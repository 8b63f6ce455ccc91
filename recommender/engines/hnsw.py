"""Hierarchical navigable small worlds in a file of our own, by USearch (Malkov & Yashunin 2018)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.core.codes import encode, encode_one
from recommender.core.types import Float32, Int32, Int64
from recommender.engines.approximate import ApproximateIndex, Labelled
from recommender.engines.base import Saved
from recommender.exceptions import IndexUnusableError

if TYPE_CHECKING:
    from usearch.index import Index

_BATCH_ROWS = 8192


class Graph(NamedTuple):
    """A graph, and the memory it may be a view of, which USearch does not keep alive itself."""

    world: Index
    memory: NDArray[Any] | None = None


class HnswIndex(ApproximateIndex[Graph]):
    """A graph over eight-bit codes of the vectors, memory-mapped: for more products than exact search is quick for.

    Codes need half the memory and half the time of sixteen-bit values; as the best are compared in full, recall is the
    same. Its file is one of the snapshot's arrays, so it is written whole or not at all, checked, and switched with it.
    """

    requires: ClassVar[tuple[str, ...]] = ("usearch",)
    extra: ClassVar[str] = "index"

    def __init__(
        self, *, connectivity: int = 16, expansion_add: int = 128, expansion_search: int = 96, threads: int = 1
    ) -> None:
        """How the graph is built and searched.

        Args:
            connectivity: links of a vector.
            expansion_add: how many candidates are looked at when a vector is added.
            expansion_search: how many candidates a search looks at, at least: more finds more and takes longer.
            threads: that build; with one, equal vectors give an equal graph.
        """
        super().__init__()
        self.connectivity = connectivity
        self.expansion_add = expansion_add
        self.expansion_search = expansion_search
        self.threads = threads

    def _new_graph(self, vectors: Float32, rows: Int32) -> tuple[Graph, Int64]:
        from usearch.index import Index  # optional, and only where this index is used

        index = Index(
            ndim=max(vectors.shape[1], 1),
            metric="cos",
            dtype="i8",
            connectivity=self.connectivity,
            expansion_add=self.expansion_add,
            expansion_search=self.expansion_search,
        )
        labels = np.arange(rows.size, dtype=np.int64)
        self._add(index, labels, vectors, rows)
        return Graph(index), labels

    def _saved_graph(self, saved: Saved, labels: Int64, dimension: int) -> Graph:
        return Graph(self._read(saved, labels, dimension, view=True), saved["graph"])

    def _changed_graph(
        self, saved: Saved, before: Int64, dropped: Int64, vectors: Float32, new: Int32
    ) -> tuple[Graph, Int64]:
        index = self._read(saved, before, vectors.shape[1], view=False)
        if dropped.size:
            index.remove(dropped.astype(np.uint64))
        labels = np.arange(new.size, dtype=np.int64) + before.max(initial=-1) + 1
        self._add(index, labels, vectors, new)
        return Graph(index), labels

    def _nearest_labels(self, state: Labelled[Graph], query: Float32, k: int) -> Int64:
        labels: Int64 = state.graph.world.search(encode_one(query), k, threads=1).keys.astype(np.int64)
        return labels

    def _own(self, state: Labelled[Graph]) -> dict[str, NDArray[Any]]:
        return {"graph": np.frombuffer(state.graph.world.save() or b"", np.uint8)}

    def _add(self, index: Index, labels: Int64, vectors: Float32, rows: Int32) -> None:
        for start in range(0, rows.size, _BATCH_ROWS):
            batch = slice(start, start + _BATCH_ROWS)
            codes = encode(vectors[rows[batch]]).values
            index.add(labels[batch].astype(np.uint64), codes, threads=self.threads)

    def _read(self, saved: Saved, labels: Int64, dimension: int, *, view: bool) -> Index:
        from usearch.index import Index  # as above

        count = int(np.count_nonzero(labels >= 0))
        try:
            memory = saved["graph"].data  # a view: nothing is read yet
            about = Index.metadata(memory)
            if about is None or (about["count_present"], about["dimensions"]) != (count, max(dimension, 1)):
                raise ValueError("it holds other vectors")
            options = {"expansion_add": self.expansion_add, "expansion_search": self.expansion_search}
            index = Index.restore(memory, view=view, **options)
        except (KeyError, ValueError, RuntimeError) as error:
            raise IndexUnusableError(
                f"The vector index is damaged: {error}. Run `manage.py recommender_train`."
            ) from error
        if index is None:
            raise IndexUnusableError()
        return index
