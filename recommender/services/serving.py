"""What this process serves from: the active snapshot with later changes, at most a second old."""

from __future__ import annotations

import logging
import math
import threading
import time
from dataclasses import replace
from itertools import chain

import numpy as np
from django.core.signals import setting_changed
from django.db import DatabaseError

from recommender.conf import settings
from recommender.core.catalogue import Catalogue
from recommender.engines.factor_search import factor_search
from recommender.exceptions import SnapshotError
from recommender.models import Snapshot
from recommender.services import publishing, rulebook
from recommender.services.configuring import default_blends
from recommender.services.engines import follow_live
from recommender.services.freshening import with_changes
from recommender.services.viewing import Serving
from recommender.storage import changes, snapshots

logger = logging.getLogger(__name__)


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


def expire() -> None:
    """Ask for news before the next request is served."""
    with _process.lock:
        _process.checked = -math.inf


def reset() -> None:
    """Forget the view; the next request reads it anew."""
    with _process.lock:
        _process.view, _process.checked = None, 0.0


def _refresh(view: Serving | None) -> Serving:
    numbers = changes.numbers()
    sequence, version = numbers[changes.CATALOGUE], numbers[changes.RULES]
    rules = view.rules if view is not None and view.rules.version == version else rulebook.read(version)
    if view is not None and view.sequence == sequence:
        return view if rules is view.rules else replace(view, rules=rules)
    row = snapshots.active()
    served = view.snapshot if view is not None else None
    if view is None or (row.pk if row else None) != (served.pk if served else None) or sequence < view.sequence:
        view = _opened(row, view)
        follow_live(view.snapshot.encoder_version if view.snapshot else "")
    return replace(with_changes(view), rules=rules)


def _opened(row: Snapshot | None, view: Serving | None) -> Serving:
    """The view of a snapshot without later changes; of an earlier one when it is damaged."""
    for found in () if row is None else chain([row], snapshots.earlier(row).iterator()):
        try:
            snapshot, ids, catalogue = publishing.load(found)
            served = replace(catalogue, factor_search=factor_search(catalogue.artefact))
            return Serving(snapshot, snapshot.sequence, ids, served, served)
        except SnapshotError:
            logger.exception("Snapshot %s cannot be served; trying the one before it", found.pk)
            if view is not None:
                return view
    blend = default_blends()
    empty = Catalogue(0, blend[0], blend[1])
    return Serving(None, 0, np.empty(0, "S1"), empty, empty)


def _forget(*, setting: str, **_: object) -> None:
    if setting in ("RECOMMENDER", "RECOMMENDER_PRODUCT_MODEL", "STORAGES"):
        reset()


setting_changed.connect(_forget, dispatch_uid="recommender.services.serving")
