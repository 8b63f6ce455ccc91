"""The vector index of each snapshot: chosen, built, stored and opened with it; exact search where that fails.

An index is switched with its snapshot, by the same row, and rolled back with it. It is built before the switch, from
that of the active snapshot where only some vectors changed, so that nothing waits for it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from numpy.typing import NDArray

from recommender.conf import Engine, settings
from recommender.core.carrying import origins
from recommender.core.types import Float32
from recommender.engines.base import VectorIndex
from recommender.exceptions import IndexUnusableError, SnapshotError
from recommender.models import Snapshot
from recommender.services.engines import build_index
from recommender.storage import snapshots
from recommender.storage.objects import ObjectStore

logger = logging.getLogger(__name__)

EXACT: Engine = {"BACKEND": "recommender.engines.exact.ExactIndex", "OPTIONS": {}}
HNSW: Engine = {"BACKEND": "recommender.engines.hnsw.HnswIndex", "OPTIONS": {}}
_REMEMBERED = 2

Reason = Literal["named", "few", "many", "lacking"]


@dataclass(frozen=True)
class Choice:
    """Which index and why.

    Attributes:
        engine: to be built.
        reason: "named" by the setting; exact because of "few" products; a graph because of "many"; exact although there
            are many, USearch "lacking".
    """

    engine: Engine
    reason: Reason


@dataclass(frozen=True)
class Live:
    """What answers.

    Attributes:
        index: opened.
        backend: its dotted path.
        reason: see `Choice`; empty for a snapshot that was published without an index.
        trouble: why it is exact search instead of the one chosen; empty when it is the one chosen.
    """

    index: VectorIndex
    backend: str
    reason: str
    trouble: str = ""


def choose(n_products: int) -> Choice:
    """What the setting `INDEX` names; without it exact search up to `EXACT_LIMIT` products, and then a graph."""
    if settings.INDEX is not None:
        return Choice(settings.INDEX, "named")
    if n_products <= settings.EXACT_LIMIT:
        return Choice(EXACT, "few")
    return Choice(HNSW, "many") if find_spec("usearch") is not None else Choice(EXACT, "lacking")


def build(
    store: ObjectStore, ids: NDArray[np.bytes_], vectors: Float32, encoder_version: str
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The index of a catalogue that is about to be published: its arrays, and what is to be known about it.

    Where the one chosen cannot be built, exact search takes its place, and what is known says why.
    """
    choice = choose(len(ids))
    trouble = ""
    try:
        saved = _built(choice.engine, store, ids, vectors, encoder_version)
    except (IndexUnusableError, ImportError) as error:
        logger.exception("The vector index %s cannot be built; exact search takes its place", choice.engine["BACKEND"])
        trouble, choice = str(error), Choice(EXACT, choice.reason)
        saved = _built(EXACT, store, ids, vectors, encoder_version)
    about = {**_engine(choice.engine), "encoder_version": encoder_version, "reason": choice.reason, "trouble": trouble}
    return saved, about


def opened(store: ObjectStore, snapshot: Snapshot | None, vectors: Float32) -> Live:
    """The index of a snapshot; exact search over its vectors where that cannot be used. Opened once a process."""
    if snapshot is None:
        return _open(store, None, vectors)
    key = (snapshot.pk, str(snapshot.files.get("vectors")))
    with _process.lock:
        live = _process.live.get(key)
        if live is None:
            live = _open(store, snapshot, vectors)
            _process.live[key] = live
            while len(_process.live) > _REMEMBERED:
                del _process.live[next(iter(_process.live))]
        return live


def prune(store: ObjectStore) -> None:
    """Drop what no kept snapshot's index needs, outside of the storage."""
    by_engine: dict[str, list[Mapping[str, NDArray[Any]]]] = {}
    engines: dict[str, Engine] = {}
    for snapshot in snapshots.kept():
        if about := snapshot.config.get("index"):
            try:
                arrays = snapshots.read_index(store, snapshot)
            except SnapshotError:
                logger.exception("The index of snapshot %s cannot be read; nothing is kept for it", snapshot.pk)
                continue
            engines[about["BACKEND"]] = about
            by_engine.setdefault(about["BACKEND"], []).append(arrays)
    for backend, saved in by_engine.items():
        try:
            build_index(_engine(engines[backend]), "").prune(saved)
        except (IndexUnusableError, ImportError, ImproperlyConfigured):
            logger.exception("What older snapshots left in %s could not be dropped", backend)


def reset() -> None:
    """Forget what is open."""
    with _process.lock:
        _process.live.clear()


class _Process:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.live: dict[tuple[int, str], Live] = {}


_process = _Process()


def _built(
    engine: Engine, store: ObjectStore, ids: NDArray[np.bytes_], vectors: Float32, encoder_version: str
) -> dict[str, NDArray[Any]]:
    """The saved arrays of a new index, carried over from the active snapshot's where that is of the same kind."""
    index = build_index(engine, encoder_version)
    before = snapshots.active()
    about = before.config.get("index", {}) if before is not None else {}
    same = about.get("encoder_version") == encoder_version and _engine(about) == _engine(engine)
    if before is not None and same:
        try:
            arrays = snapshots.read(store, before)
            origin = origins(np.asarray(arrays["ids"]), arrays["vectors"], ids, vectors)
            index.open(vectors, snapshots.read_index(store, before), origin=origin)
            return index.save()
        except (SnapshotError, IndexUnusableError, KeyError):
            logger.exception("The index of snapshot %s cannot be carried over; it is built anew", before.pk)
    index.open(vectors)
    return index.save()


def _open(store: ObjectStore, snapshot: Snapshot | None, vectors: Float32) -> Live:
    about = snapshot.config.get("index") if snapshot is not None else None
    if snapshot is None or about is None:
        return Live(_exact(vectors), EXACT["BACKEND"], "")
    try:
        if about["encoder_version"] != snapshot.encoder_version:
            raise IndexUnusableError(f"The index is of encoder {about['encoder_version']}.")
        index = build_index(_engine(about), snapshot.encoder_version)
        index.open(vectors, snapshots.read_index(store, snapshot))
    except (IndexUnusableError, SnapshotError, ImportError, ImproperlyConfigured) as error:
        logger.exception("The vector index of snapshot %s cannot be used; exact search answers", snapshot.pk)
        return Live(_exact(vectors), EXACT["BACKEND"], about["reason"], str(error))
    return Live(index, about["BACKEND"], about["reason"], about["trouble"])


def _exact(vectors: Float32) -> VectorIndex:
    index = build_index(EXACT, "")
    index.open(vectors)
    return index


def _engine(about: Mapping[str, Any]) -> Engine:
    return {"BACKEND": about.get("BACKEND", ""), "OPTIONS": about.get("OPTIONS", {})}


def _forget(*, setting: str, **_: object) -> None:
    if setting in ("RECOMMENDER", "STORAGES"):
        reset()


setting_changed.connect(_forget, dispatch_uid="recommender.services.index_keeping")
