"""What this process serves from: the active snapshot, and over it the products changed since, at most a second old."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from django.core.signals import setting_changed
from django.db import DatabaseError

from recommender.conf import settings
from recommender.core.calibration import Calibration, fit_calibration
from recommender.core.catalogue import BlendConfig, Catalogue
from recommender.core.overlay import lay_over
from recommender.core.types import Float32, Int32
from recommender.core.vectors import unit_rows
from recommender.exceptions import SnapshotError
from recommender.models import Snapshot
from recommender.services import publishing
from recommender.services.engines import get_encoder, open_index
from recommender.services.publishing import Ids
from recommender.storage import changes, embeddings, snapshots

logger = logging.getLogger(__name__)

_SAMPLE_PAIRS = 4000
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
        extra: keys of products that the snapshot does not know, with their rows.
        gone: rows of deleted products and of products that lost their last picture, ascending, int32.
    """

    snapshot: Snapshot | None
    sequence: int
    ids: Ids
    base: Catalogue
    catalogue: Catalogue
    fresh_rows: Int32 = field(default_factory=lambda: _NO_ROWS)
    fresh_vectors: Float32 | None = None
    extra: Mapping[str, int] = field(default_factory=dict)
    gone: Int32 = field(default_factory=lambda: _NO_ROWS)
    _searched: dict[int, Int32] = field(default_factory=dict)

    def row(self, key: Any) -> int | None:
        """The row of a product key; None for a product without any vector or history."""
        text = str(key)
        if (row := self.extra.get(text)) is not None:
            return row
        return _find(self.ids, text)

    def keys(self, rows: Int32) -> list[str]:
        """The product keys of rows."""
        names = {row: key for key, row in self.extra.items()} if self.extra else {}
        n = len(self.ids)
        return [self.ids[row].decode() if row < n else names[row] for row in rows.tolist()]

    def lookalikes(self, row: int) -> Int32:
        """Rows of the nearest products by looks, best lists of snapshot and fresh rows together, int32, in no order."""
        vectors = self.catalogue.vectors
        if vectors is None:
            return _NO_ROWS
        vector = np.asarray(vectors[row], np.float32)
        if not vector.any():
            return _NO_ROWS
        listed = self._searched.get(row)
        if listed is None:
            listed = self._listed(row, vector)
        if not self.fresh_rows.size:
            return listed
        listed = listed[~np.isin(listed, self.fresh_rows)]
        nearest = self.fresh_rows
        if self.fresh_vectors is not None and nearest.size > settings.NEIGHBOURS:
            cosines = self.fresh_vectors @ vector
            nearest = nearest[np.argpartition(-cosines, settings.NEIGHBOURS)[: settings.NEIGHBOURS]]
        return np.concatenate([listed, nearest])

    def alive(self, rows: Int32) -> Int32:
        """The rows without the products that are gone, distinct and ascending."""
        rows = np.unique(rows)
        return rows[~np.isin(rows, self.gone)] if self.gone.size else rows

    def _listed(self, row: int, vector: Float32) -> Int32:
        base = self.base
        if row < base.n and base.visual is not None and not np.isin(row, self.fresh_rows):
            listed = base.visual.rows[row]
        elif base.vectors is not None and base.n:
            listed = open_index(base.vectors).search(vector[None, :], settings.NEIGHBOURS).rows[0]
        else:
            listed = _NO_ROWS
        listed = np.asarray(listed[listed >= 0], np.int32)
        self._searched[row] = listed
        return listed


class _Process:
    """The process-wide view and when it was last checked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.view: Serving | None = None
        self.checked = 0.0


_process = _Process()


def current() -> Serving:
    """The view to serve from, refreshed when the sequence number moved; polled at most every `POLL_SECONDS`.

    When a refresh fails - a damaged snapshot, a database that blinks - the last good view stays.
    """
    view = _process.view
    if view is not None and time.monotonic() - _process.checked < settings.POLL_SECONDS:
        return view
    with _process.lock:
        view = _process.view
        if view is not None and time.monotonic() - _process.checked < settings.POLL_SECONDS:
            return view
        try:
            view = _process.view = _refresh(view)
        except DatabaseError:
            if view is None:
                raise
            logger.exception("Serving goes on from sequence %s: the database did not answer", view.sequence)
        _process.checked = time.monotonic()
        return view


def reset() -> None:
    """Forget the view; the next request reads it anew."""
    with _process.lock:
        _process.view, _process.checked = None, 0.0


def _refresh(view: Serving | None) -> Serving:
    sequence = changes.current()
    if view is not None and view.sequence == sequence:
        return view
    row = snapshots.active()
    served = view.snapshot if view is not None else None
    if view is None or (row.pk if row else None) != (served.pk if served else None) or sequence < view.sequence:
        view = _opened(row, view)
    return _with_changes(view)


def _opened(row: Snapshot | None, view: Serving | None) -> Serving:
    """The view of a snapshot without later changes; of an earlier one when it is damaged."""
    while row is not None:
        try:
            snapshot, ids, catalogue = publishing.load(row)
            return Serving(snapshot, snapshot.sequence, ids, catalogue, catalogue)
        except SnapshotError:
            logger.exception("Snapshot %s cannot be served; trying the one before it", row.pk)
            if view is not None:
                return view
            row = snapshots.previous(row)
    blend = default_blends()
    empty = Catalogue(0, blend[0], blend[1])
    return Serving(None, 0, np.empty(0, "S1"), empty, empty)


def default_blends() -> tuple[BlendConfig, BlendConfig]:
    """The item-to-item and the for-you blend of the settings."""
    item = BlendConfig(settings.WEIGHTS, settings.STRENGTHS)
    return item, BlendConfig(settings.VISITOR_WEIGHTS, settings.VISITOR_STRENGTHS)


def _with_changes(view: Serving) -> Serving:
    """The view with every change since its sequence number laid over."""
    log = changes.since(view.sequence)
    if not log:
        return replace(view, sequence=max(view.sequence, changes.current()))
    encoder_version = view.snapshot.encoder_version if view.snapshot else ""
    encoder = get_encoder()
    version = encoder_version or encoder.version
    blocks = view.base.blocks or encoder.blocks
    keys = [change.product_key for change in log if not change.deleted]
    means = {key: product_vector(views) for key, views in embeddings.vectors(version, blocks[-1].stop, keys)}
    extra = dict(view.extra)
    fresh = dict(
        zip(view.fresh_rows.tolist(), view.fresh_vectors if view.fresh_vectors is not None else (), strict=True)
    )
    gone = set(view.gone.tolist())
    for change in log:
        row = view.row(change.product_key)
        row = extra.get(change.product_key) if row is None else row
        vector = means.get(change.product_key)
        if vector is not None:
            if row is None:
                row = extra[change.product_key] = view.base.n + len(extra)
            fresh[row] = vector
            gone.discard(row)
        elif row is not None:
            gone.add(row)
            if row >= view.base.n:
                fresh[row] = np.zeros(blocks[-1].stop, np.float32)
    return _laid(view, log[-1].sequence, fresh, extra, gone)


def _laid(view: Serving, sequence: int, fresh: dict[int, Float32], extra: dict[str, int], gone: set[int]) -> Serving:
    base = view.base
    if not fresh:
        return replace(view, sequence=sequence, gone=np.array(sorted(gone), np.int32))
    rows = np.array(sorted(fresh), np.int32)
    values = np.stack([fresh[row] for row in rows.tolist()])
    n = max(base.n, int(rows[-1]) + 1)
    blocks = base.blocks or get_encoder().blocks
    vectors = base.vectors if base.vectors is not None else np.zeros((base.n, values.shape[1]), np.float32)
    more = n - base.n
    catalogue = replace(
        base,
        n=n,
        blocks=blocks,
        vectors=lay_over(vectors, rows, values),
        events=None if base.events is None else np.append(base.events, np.zeros(more, np.float32)),
        trend=None if base.trend is None else np.append(base.trend, np.zeros(more, np.float32)),
        attributes=None
        if base.attributes is None
        else np.pad(base.attributes, ((0, more), (0, 0)), constant_values=-1),
        calibrations=base.calibrations if "visual" in base.calibrations else _provisional(base, values),
    )
    return Serving(
        view.snapshot, sequence, view.ids, base, catalogue, rows, values, extra, np.array(sorted(gone), np.int32)
    )


def _provisional(base: Catalogue, vectors: Float32) -> Mapping[str, Calibration]:
    """A calibration of looks from the fresh rows alone, until the first snapshot brings the real one."""
    rng = np.random.default_rng(settings.SEED)
    left, right = rng.integers(0, len(vectors), (2, _SAMPLE_PAIRS))
    cosines = np.einsum("ij,ij->i", vectors[left], vectors[right])[left != right]
    looks = fit_calibration(cosines, scale="surprisal", upper=1.0)
    return {**base.calibrations, "visual": looks, "affinity": looks}


def product_vector(views: Float32) -> Float32:
    """A product's vector from those of its pictures: their mean, of unit length, float32 (d,)."""
    vector: Float32 = unit_rows(views.mean(axis=0, dtype=np.float32)[None, :])[0]
    return vector


def _find(ids: Ids, key: str) -> int | None:
    wanted = key.encode()
    if not len(ids) or len(wanted) > ids.dtype.itemsize:
        return None
    at = int(np.searchsorted(ids, np.bytes_(wanted)))
    return at if at < len(ids) and ids[at] == wanted else None


def _forget(*, setting: str, **_: object) -> None:
    if setting in ("RECOMMENDER", "RECOMMENDER_PRODUCT_MODEL", "STORAGES"):
        reset()


setting_changed.connect(_forget, dispatch_uid="recommender.services.serving")
