"""Learning from the shop: fit, map looks to behaviour, list neighbours, calibrate, check, publish - or leave all as it was."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils import timezone

from recommender.conf import settings
from recommender.core.calibration import Calibration, fit_calibration
from recommender.core.catalogue import Catalogue
from recommender.core.neighbours import item_item_neighbours, visual_neighbours
from recommender.core.types import Artefact, Factors, Float32, Neighbours
from recommender.engines.base import Progress
from recommender.exceptions import NotEnoughHistoryError, RecommenderError
from recommender.models import Interaction, Job, Snapshot
from recommender.services import histories, indexing, jobs, publishing, serving
from recommender.services.engines import get_collaborative_model, get_encoder
from recommender.services.histories import Events
from recommender.services.indexing import Collected
from recommender.storage import changes, snapshots

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

logger = logging.getLogger(__name__)

_SAMPLE_PAIRS = 200_000
_STEPS = 6
_NEW_EVENTS = 1000
_SHRINK_LIMIT = 0.5


class UnfitSnapshotError(RecommenderError):
    """The new snapshot does not look sane, so the old one stays active."""

    code = "unfit_snapshot"


def train(*, progress: Progress | None = None, say: Callable[[str], None] | None = None) -> Snapshot:
    """Learn from everything there is and serve it.

    Args:
        progress: called with (steps done, steps).
        say: called with the name of each step as it begins.

    Returns:
        The new, active snapshot.

    Raises:
        JobBusyError: when a training runs already.
        NotEnoughHistoryError: when the shop has no product.
        UnfitSnapshotError: when the result fails the sanity checks; the old snapshot stays.
    """
    with jobs.running(Job.Kind.TRAIN, progress) as run:

        def step(number: int, name: str) -> None:
            run.progress(number, _STEPS)
            run.say(name)
            if say is not None:
                say(name)

        started = time.monotonic()
        sequence = changes.current()  # before reading: later changes are laid over the snapshot again
        encoder = get_encoder()
        step(0, "Reading the catalogue")
        collected = indexing.collect(encoder)
        if not len(collected.ids):
            raise NotEnoughHistoryError(
                "The shop has no products yet. Add some, or run `manage.py recommender_import`."
            )
        step(1, "Reading events")
        events = histories.load(collected.ids, timezone.now())
        step(2, "Learning from behaviour")
        catalogue = learn(collected, events, step)
        step(5, "Publishing")
        _check(catalogue)
        metrics = _metrics(catalogue, events, time.monotonic() - started)
        snapshot = publishing.publish(
            collected.ids, catalogue, encoder_version=encoder.version, sequence=sequence, metrics=metrics
        )
        if not run.is_mine():
            raise RecommenderError("This training was taken for dead, and another one took its place.")
        publishing.activate(snapshot)
        publishing.retain()
        run.progress(_STEPS, _STEPS)
        return snapshot


def is_due() -> bool:
    """Whether enough has changed since the active snapshot: fresh rows past `FRESH_LIMIT`, or events by a tenth."""
    active = snapshots.active()
    if active is None:
        return True
    if len(changes.since(active.sequence)) > settings.FRESH_LIMIT:
        return True
    known = int(active.metrics.get("events", 0))
    return Interaction.objects.count() - known > max(_NEW_EVENTS, known // 10)
