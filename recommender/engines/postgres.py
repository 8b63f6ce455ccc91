"""Hierarchical navigable small worlds in the shop's PostgreSQL, by pgvector."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Float32, Int32, Int64
from recommender.engines.approximate import ApproximateIndex, Labelled
from recommender.engines.base import Saved
from recommender.exceptions import IndexUnusableError

Transaction: TypeAlias = Callable[[], AbstractContextManager[Any]]
"""Gives a cursor of psycopg 3 inside a transaction, and raises `IndexUnusableError` for what fails there.

It binds parameters before they reach the server, as Django's does: a partial index is used only for a value that the
planner sees.
"""

MAX_DIMENSION = 4000
_BATCH_ROWS = 4096
_MAX_EXPANSION = 1000
_LOCK = 7261866
"""Of our own among PostgreSQL's advisory locks: two workers must not make the table or an index at once."""


class PgvectorIndex(ApproximateIndex[int]):
    """One table for all encoder versions, with a partial index for each: for shops that keep everything in PostgreSQL.

    A label has one vector for good, so snapshots before and after a switch read the same table, each its own labels,
    and a rebuild neither blocks nor changes what is read. Labels that no snapshot uses are dropped by `prune`.
    Vectors are kept as `halfvec`; the best are compared in full.
    """

    requires: ClassVar[tuple[str, ...]] = ("psycopg",)
    extra: ClassVar[str] = "postgres"
    wired: ClassVar[tuple[str, ...]] = ("transaction", "space")

    def __init__(
        self,
        *,
        transaction: Transaction,
        space: str,
        connectivity: int = 16,
        expansion_add: int = 64,
        expansion_search: int = 100,
        build_memory_mb: int = 512,
    ) -> None:
        """Where the vectors are, and how the graph is built and searched.

        Args:
            transaction: the way to the database.
            space: the encoder's version; vectors of different spaces are never compared.
            connectivity: links of a vector, pgvector's `m`.
            expansion_add: how many candidates are looked at when a vector is added, its `ef_construction`.
            expansion_search: how many a search looks at, at least, its `ef_search`.
            build_memory_mb: for building an index; one that does not fit takes several times as long.
        """
        super().__init__()
        self.transaction = transaction
        self.space = space
        self.connectivity = connectivity
        self.expansion_add = expansion_add
        self.expansion_search = expansion_search
        self.build_memory_mb = build_memory_mb

    def _new_graph(self, vectors: Float32, rows: Int32) -> tuple[int, Int64]:
        if vectors.shape[1] > MAX_DIMENSION:
            raise IndexUnusableError(f"pgvector indexes at most {MAX_DIMENSION} dimensions; choose another index.")
        with self.transaction() as cursor:
            self._ensure_table(cursor)
            labels = self._add(cursor, vectors, rows)
            self._ensure_index(cursor, vectors.shape[1])
        return vectors.shape[1], labels

    def _saved_graph(self, saved: Saved, labels: Int64, dimension: int) -> int:
        with self.transaction() as cursor:
            self._ensure_extension(cursor)
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [self._index_name(dimension)])
            if not cursor.fetchone()[0]:
                raise IndexUnusableError("The index is not in the database. Run `manage.py recommender_train`.")
            known = labels[labels >= 0]
            if known.size:
                low, high = int(known.min()), int(known.max())
                cursor.execute(
                    "SELECT count(*) FROM recommender_vector WHERE space = %s AND label IN (%s, %s)",
                    [self._number(dimension), low, high],
                )
                if cursor.fetchone()[0] != len({low, high}):
                    raise IndexUnusableError("The database lacks the vectors. Run `manage.py recommender_train`.")
        return dimension

    def _changed_graph(
        self, saved: Saved, before: Int64, dropped: Int64, vectors: Float32, new: Int32
    ) -> tuple[int, Int64]:
        self._saved_graph(saved, before, vectors.shape[1])
        with self.transaction() as cursor:
            return vectors.shape[1], self._add(cursor, vectors, new)

    def _nearest_labels(self, state: Labelled[int], query: Float32, k: int) -> Int64:
        d = state.dimension
        expansion = min(max(self.expansion_search, k), _MAX_EXPANSION)
        text = "[" + ",".join(f"{value:.6g}" for value in query.tolist()) + "]"
        with self.transaction() as cursor:
            # Settings of this transaction alone, in one round trip with the query. The iterative scan goes on past the
            # expansion where more are asked for.
            cursor.execute(
                "SET LOCAL hnsw.ef_search = %s; SET LOCAL hnsw.iterative_scan = strict_order;"
                " SELECT label FROM recommender_vector WHERE space = %s"
                " ORDER BY (embedding::halfvec(%s)) <#> %s::halfvec(%s) LIMIT %s",
                [expansion, self._number(d), d, text, d, k],
            )
            while cursor.nextset():
                pass
            return np.array([row[0] for row in cursor.fetchall()], np.int64)

    def _own(self, state: Labelled[int]) -> dict[str, NDArray[Any]]:
        return {}

    def prune(self, kept: Iterable[Saved]) -> None:
        """See `VectorIndex.prune`."""
        used = np.unique(np.concatenate([np.empty(0, np.int64), *(saved["labels"] for saved in kept)]))
        with self.transaction() as cursor:
            cursor.execute("SELECT to_regclass('recommender_vector') IS NOT NULL")
            if not cursor.fetchone()[0]:
                return
            cursor.execute("SELECT label FROM recommender_vector")
            gone = np.setdiff1d(np.array([row[0] for row in cursor.fetchall()], np.int64), used)
            for start in range(0, gone.size, _BATCH_ROWS):
                labels = gone[start : start + _BATCH_ROWS].tolist()
                cursor.execute("DELETE FROM recommender_vector WHERE label = ANY(%s)", [labels])

    def _ensure_extension(self, cursor: Any) -> None:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'")
        if not cursor.fetchone():
            raise IndexUnusableError(
                "PostgreSQL has no pgvector, so exact search answers. Install it, and run CREATE EXTENSION vector in "
                "the shop's database; or name another index in the settings."
            )

    def _ensure_table(self, cursor: Any) -> None:
        self._ensure_extension(cursor)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("CREATE SEQUENCE IF NOT EXISTS recommender_vector_label")
        # Dropping the extension takes the column along and leaves a table that nothing can use.
        cursor.execute(
            "SELECT 1 FROM pg_attribute"
            " WHERE attrelid = to_regclass('recommender_vector') AND attname = 'embedding' AND NOT attisdropped"
        )
        if not cursor.fetchone():
            cursor.execute("DROP TABLE IF EXISTS recommender_vector")
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS recommender_vector"
            " (label bigint PRIMARY KEY, space bigint NOT NULL, embedding halfvec NOT NULL)"
        )

    def _ensure_index(self, cursor: Any, dimension: int) -> None:
        from psycopg import sql  # optional, and only where this index is used

        statement = sql.SQL(
            "CREATE INDEX IF NOT EXISTS {name} ON recommender_vector USING hnsw ((embedding::halfvec({d})) "
            "halfvec_ip_ops) WITH (m = {m}, ef_construction = {expansion}) WHERE space = {space}"
        ).format(
            name=sql.Identifier(self._index_name(dimension)),
            d=sql.Literal(dimension),
            m=sql.Literal(self.connectivity),
            expansion=sql.Literal(self.expansion_add),
            space=sql.Literal(self._number(dimension)),
        )
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, true)", [f"{self.build_memory_mb}MB"])
        cursor.execute(statement)
        cursor.execute("ANALYZE recommender_vector")

    def _add(self, cursor: Any, vectors: Float32, rows: Int32) -> Int64:
        cursor.execute("SELECT nextval('recommender_vector_label') FROM generate_series(1, %s)", [rows.size])
        labels = np.array([row[0] for row in cursor.fetchall()], np.int64)
        number = self._number(vectors.shape[1])
        with cursor.copy("COPY recommender_vector (label, space, embedding) FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
            for start in range(0, rows.size, _BATCH_ROWS):
                batch = slice(start, start + _BATCH_ROWS)
                copy.write(_binary_rows(labels[batch], number, vectors[rows[batch]]))
            copy.write(b"\xff\xff")
        return labels

    def _number(self, dimension: int) -> int:
        """The space as a number of 56 bits; a changed dimension is another space."""
        return int.from_bytes(hashlib.sha256(f"{self.space} {dimension}".encode()).digest()[:7], "big")

    def _index_name(self, dimension: int) -> str:
        return f"recommender_vector_{self._number(dimension)}"


def _binary_rows(labels: Int64, space: int, vectors: Float32) -> bytes:
    """Rows in PostgreSQL's binary COPY format: each field after its length, all numbers big-endian."""
    d = vectors.shape[1]
    fields = [
        ("fields", ">i2"),
        ("label_bytes", ">i4"),
        ("label", ">i8"),
        ("space_bytes", ">i4"),
        ("space", ">i8"),
        ("vector_bytes", ">i4"),
        ("dimension", ">i2"),
        ("unused", ">i2"),
        ("values", ">f2", (d,)),
    ]
    rows = np.zeros(len(labels), fields)
    rows["fields"], rows["label_bytes"], rows["space_bytes"], rows["vector_bytes"] = 3, 8, 8, 4 + 2 * d
    rows["label"], rows["space"], rows["dimension"], rows["values"] = labels, space, d, vectors
    return rows.tobytes()
