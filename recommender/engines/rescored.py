"""What our indexes share: an engine proposes rows, and the vectors themselves decide, score and order."""

from __future__ import annotations

import copy
import logging
import threading
from abc import abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.core.nearest import CHUNK_ROWS, contenders, nearest, scan
from recommender.core.overlay import lay_over
from recommender.core.types import Bool, Float32, Int32, Neighbours
from recommender.engines.base import Saved, VectorIndex
from recommender.exceptions import DimensionMismatchError, IndexUnusableError, VectorRefusedError

logger = logging.getLogger(__name__)

State = TypeVar("State")


@dataclass(frozen=True)
class Held(Generic[State]):
    """What an index holds at one moment; never changed, only replaced, so that a search needs no lock.

    Attributes:
        base: the vectors that it was opened with, shape (b, d).
        state: what the engine keeps of them.
        held: which of the n rows have a vector, bool, shape (n,).
        laid: rows put since it was opened, ascending, int32, shape (m,).
        values: their vectors, float32, shape (m, d), zeros for removed ones.
    """

    base: Float32
    state: State
    held: Bool
    laid: Int32
    values: Float32

    @cached_property
    def count(self) -> int:
        """How many rows have a vector."""
        return int(np.count_nonzero(self.held))

    @property
    def vectors(self) -> Float32:
        """The vectors of all n rows, to be indexed by rows."""
        return lay_over(self.base, self.laid, self.values)


class RescoredIndex(VectorIndex, Generic[State]):
    """Scores are exact, equal ones go by row, and no list is shorter than it must be, whatever the engine proposes.

    Rows put are laid over what the engine keeps, as fresh segments over a log-structured merge tree, and compared one
    by one; `save` and `open` fold them in. An engine implements the five methods that begin with an underscore.

    Attributes:
        few_rows: so few rows that a filter leaves are compared one by one, and nothing is missed.
    """

    few_rows: ClassVar[int] = 4096

    def __init__(self) -> None:
        self._now: Held[State] | None = None
        self._changing = threading.Lock()

    def open(self, vectors: Float32, saved: Saved | None = None, *, origin: Int32 | None = None) -> None:
        """See `VectorIndex.open`."""
        if not saved:
            held = held_rows(vectors)
            state = self._build(vectors, held)
        elif origin is None:
            state, held = self._restore(saved)
        else:
            state, held = self._carry(saved, vectors, origin)
        if held.size != vectors.shape[0]:
            raise IndexUnusableError(
                f"The vector index was saved for {held.size} products and the snapshot has {vectors.shape[0]}. "
                "Run `manage.py recommender_train`."
            )
        nothing = np.empty((0, vectors.shape[1]), np.float32)
        self._now = Held(vectors, state, held, np.empty(0, np.int32), nothing)

    def copy(self) -> Self:
        """See `VectorIndex.copy`."""
        other = copy.copy(self)
        other._changing = threading.Lock()
        return other

    def put(self, rows: Int32, vectors: Float32) -> None:
        """See `VectorIndex.put`."""
        with self._changing:
            now = self._opened()
            _check_dimension(vectors, now.base)
            given = held_rows(vectors)
            if not rows.size:
                return
            held = np.append(now.held, np.zeros(max(0, int(rows.max()) + 1 - now.held.size), bool))
            held[rows] = given
            laid = np.union1d(now.laid, np.concatenate([rows, np.arange(now.held.size, held.size)])).astype(np.int32)
            values = np.zeros((laid.size, now.base.shape[1]), np.float32)
            values[np.searchsorted(laid, now.laid)] = now.values
            values[np.searchsorted(laid, rows)] = vectors
            self._now = replace(now, held=held, laid=laid, values=values)

    def remove(self, rows: Int32) -> None:
        """See `VectorIndex.remove`."""
        now = self._opened()
        known = np.unique(rows[(rows >= 0) & (rows < now.held.size)]).astype(np.int32)
        self.put(known, np.zeros((known.size, now.base.shape[1]), np.float32))

    def search(self, queries: Float32, k: int, *, among: Int32 | None = None) -> Neighbours:
        """See `VectorIndex.search`."""
        now = self._opened()
        _check_dimension(queries, now.base)
        queries = queries.astype(np.float32, copy=False)
        wanted = held_rows(queries)
        k = max(k, 0)
        found = Neighbours(np.full((len(queries), k), -1, np.int32), np.zeros((len(queries), k), np.float32))
        allowed = now.held if among is None else _among(now.held, among)
        available = now.count if among is None else int(np.count_nonzero(allowed))
        few = among is not None and available <= self.few_rows
        for place in np.flatnonzero(wanted) if k and available else ():
            every = few or k >= available
            rows = _rows(allowed) if every else self._proposed(now, queries[place], k, allowed, available)
            best = nearest(queries[place], now.vectors, rows, k)
            found.rows[place, : best.rows.size] = best.rows
            found.scores[place, : best.rows.size] = best.scores
        return found

    def save(self) -> dict[str, NDArray[Any]]:
        """See `VectorIndex.save`."""
        with self._changing:
            return self._saved(self._opened())

    @abstractmethod
    def _build(self, vectors: Float32, held: Bool) -> State:
        """The engine's state of the held rows, from nothing."""

    @abstractmethod
    def _restore(self, saved: Saved) -> tuple[State, Bool]:
        """The state that was saved, and the rows it holds.

        Raises:
            IndexUnusableError: when it cannot be used.
        """

    @abstractmethod
    def _carry(self, saved: Saved, vectors: Float32, origin: Int32) -> tuple[State, Bool]:
        """The state that was saved, brought up to later vectors, and the rows it holds; `saved` is not modified."""

    @abstractmethod
    def _propose(self, now: Held[State], query: Float32, k: int, allowed: Bool | None, available: int) -> Int32:
        """Rows of the base that may be among the best k, in any order, distinct.

        Args:
            now: what is held.
            query: a unit vector, float32, shape (d,).
            k: how many.
            allowed: which rows of the base may be found, bool, shape (b,); None for all. Others are dropped.
            available: how many those are, more than k.
        """

    @abstractmethod
    def _saved(self, now: Held[State]) -> dict[str, NDArray[Any]]:
        """What `_restore` and `_carry` need, with the rows put since folded in."""

    def _proposed(self, now: Held[State], query: Float32, k: int, allowed: Bool, available: int) -> Int32:
        """The engine's rows, or every allowed one when these are too few, and those laid over them; ascending."""
        base = allowed
        if now.laid.size:
            base = allowed[: now.base.shape[0]].copy()
            base[now.laid[now.laid < base.size]] = False
            available = int(np.count_nonzero(base))
        if available <= k:
            rows = _rows(base)
        else:
            rows = self._proposed_or_all(now, query, k, base, available)
            rows = rows if available == base.size else rows[base[rows]]
            rows = rows if rows.size >= k else _rows(base)
        if now.laid.size:
            rows = np.concatenate([rows, _laid(now, query, k, allowed[now.laid])])
        rows.sort()
        return rows

    def _proposed_or_all(self, now: Held[State], query: Float32, k: int, base: Bool, available: int) -> Int32:
        try:
            return self._propose(now, query, k, None if available == base.size else base, available)
        except IndexUnusableError:
            logger.exception("The vector index failed in a search; every vector is compared")
            return _rows(base)

    def _opened(self) -> Held[State]:
        if self._now is None:
            raise IndexUnusableError("The vector index was never opened.")
        return self._now


def _laid(now: Held[Any], query: Float32, k: int, allowed: Bool) -> Int32:
    """Rows laid over the base that may be among the best k."""
    if np.count_nonzero(allowed) <= k:
        return now.laid[allowed]
    return now.laid[contenders(*scan(query, now.values), k, allowed)]


def held_rows(vectors: Float32) -> Bool:
    """Which rows are not all zeros, bool, shape (n,); one pass over the vectors.

    Raises:
        VectorRefusedError: for a value that is not finite.
    """
    squares = np.empty(vectors.shape[0], np.float32)
    for start in range(0, squares.size, CHUNK_ROWS):
        block = np.asarray(vectors[start : start + CHUNK_ROWS], np.float32)
        squares[start : start + CHUNK_ROWS] = np.einsum("ij,ij->i", block, block)
    if not np.isfinite(squares).all():
        row = int(np.flatnonzero(~np.isfinite(squares))[0])
        raise VectorRefusedError(f"Vector {row} has a value that is not finite. Embed its picture again.")
    return squares > 0


def _check_dimension(given: Float32, base: Float32) -> None:
    if given.shape[1] != base.shape[1]:
        raise DimensionMismatchError(
            f"The vector has {given.shape[1]} dimensions and the index {base.shape[1]}. "
            "Re-embed the catalogue with one encoder."
        )


def _among(held: Bool, among: Int32) -> Bool:
    allowed = np.zeros_like(held)
    allowed[among[(among >= 0) & (among < held.size)]] = True
    return allowed & held


def _rows(allowed: Bool) -> Int32:
    return np.flatnonzero(allowed).astype(np.int32)
