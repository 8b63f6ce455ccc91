"""Training: read the shop, learn, check, publish and switch - or leave everything as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from django.utils import timezone

from recommender.conf import settings
from recommender.core.catalogue import Catalogue
from recommender.engines.base import Progress
from recommender.exceptions import NotEnoughHistoryError, RecommenderError, UnfitSnapshotError
from recommender.models import Interaction, Job, Snapshot
from recommender.services import histories, indexing, jobs, publishing
from recommender.services.engines import get_collaborative_model, get_encoder
from recommender.services.histories import Events
from recommender.services.learning import learn
from recommender.storage import changes, snapshots

_STEPS = 5
_NEW_EVENTS = 1000
_SHRINK_LIMIT = 0.5


def train(
    *, progress: Progress | None = None, say: Callable[[str], None] | None = None, force: bool = False
) -> Snapshot:
    """Learn from everything there is and serve it.

    Args:
        progress: called with (steps done, steps).
        say: called with the name of each step as it begins.
        force: publish even when the catalogue is less than half of the active one's.

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
        step(2, "Learning")
        catalogue = learn(collected, events, get_collaborative_model())
        step(4, "Publishing")
        _check(catalogue, force=force)
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


def _check(catalogue: Catalogue, *, force: bool) -> None:
    """Refuse to publish what cannot be right."""
    for name in ("vectors", "events", "trend", "image_map"):
        array = getattr(catalogue, name)
        if array is not None and not np.isfinite(array).all():
            raise UnfitSnapshotError(f"The new snapshot has values in {name!r} that are not finite; the old one stays.")
    active = snapshots.active()
    if not force and active is not None and catalogue.n < _SHRINK_LIMIT * active.n_products:
        raise UnfitSnapshotError(
            f"The new snapshot has {catalogue.n} products, the active one {active.n_products}. The old one stays. "
            "If the shop really shrank, run `manage.py recommender_train --force`."
        )


def _metrics(catalogue: Catalogue, events: Events, seconds: float) -> dict[str, Any]:
    pictured = 0 if catalogue.vectors is None else int(catalogue.vectors.any(axis=1).sum())
    return {
        "events": len(events.rows),
        "visitors": events.n_users,
        "pictured": pictured,
        "with_behaviour": 0 if catalogue.events is None else int((catalogue.events > 0).sum()),
        "seconds": round(seconds, 1),
    }
