"""Training: read the shop, select when it is time to, learn, check, publish and switch - or leave all as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from recommender.conf import settings
from recommender.core.catalogue import Catalogue
from recommender.core.types import Neighbours
from recommender.engines.base import Encoder, Progress
from recommender.exceptions import NotEnoughHistoryError, RecommenderError, UnfitSnapshotError
from recommender.models import Interaction, Job, Selection, Snapshot
from recommender.services import configuring, histories, indexing, jobs, publishing
from recommender.services.configuring import Configuration
from recommender.services.engines import follow_live, get_encoder, remember
from recommender.services.evaluating.history import shop_history
from recommender.services.histories import Events
from recommender.services.indexing import Collected
from recommender.services.jobs import Run
from recommender.services.learning import learn_as
from recommender.services.neighbouring import visual_lists
from recommender.services.searching import measuring
from recommender.services.selecting import selection as selecting
from recommender.storage import changes, snapshots

_STEPS = 8
_NEW_EVENTS = 1000
_SHRINK_LIMIT = 0.5
_PART = 8192


def _nothing(*_: object) -> None:
    pass


@dataclass(frozen=True)
class Listener:
    """Is told how a training goes on.

    Attributes:
        say: called with the name of each step as it begins.
        progress: called with (done, of how many) of the step that runs.
        note: called with what is worth a line on the way.
    """

    say: Callable[[str], None] = _nothing
    progress: Progress = _nothing
    note: Callable[[str], None] = _nothing


@dataclass(frozen=True)
class Tuning:
    """Whether and how a training selects a configuration before it learns.

    Attributes:
        wanted: True to select now, False to learn the live configuration anew; None to select when it is due.
        budget_seconds: for the search; `TRAINING_BUDGET_SECONDS` when None.
    """

    wanted: bool | None = None
    budget_seconds: float | None = None


def train(listener: Listener = Listener(), *, force: bool = False, tuning: Tuning = Tuning()) -> Snapshot:
    """Learn from everything there is and serve it.

    Args:
        listener: is told how it goes on.
        force: publish even when the sanity checks find that too much is missing.
        tuning: whether to look for a better configuration first.

    Returns:
        The new, active snapshot.

    Raises:
        JobBusyError: when a training runs already.
        NotEnoughHistoryError: when the shop has no product.
        UnfitSnapshotError: when the result fails the sanity checks; the old snapshot stays.
    """
    with jobs.running(Job.Kind.TRAIN) as run:
        steps = _Steps(run, listener)
        snapshot = _built(steps, follow_live(), tuning, force=force)
        _activate(snapshot, run)
        publishing.retain()
        measuring.measure(snapshot)
        steps.end()
        return snapshot


def build(encoder_version: str, listener: Listener = Listener()) -> Snapshot:
    """Learn as the live configuration says from the pictures as another encoder sees them; nothing is switched.

    Raises:
        JobBusyError: when a training runs already.
        NotEnoughHistoryError: when the shop has no product.
        UnfitSnapshotError: when the result fails the sanity checks.
    """
    with jobs.running(Job.Kind.TRAIN) as run:
        steps = _Steps(run, listener)
        snapshot = _built(steps, get_encoder(encoder_version), Tuning(wanted=False), force=False)
        publishing.retain()
        measuring.measure(snapshot)
        steps.end()
        return snapshot


def _built(steps: _Steps, encoder: Encoder, tuning: Tuning, *, force: bool) -> Snapshot:
    """A new snapshot, published and not yet active."""
    started = time.monotonic()
    sequence = changes.current()  # before reading: later changes are laid over the snapshot again
    collected, events, visual = shop = _read(steps, encoder)
    configuration, selection = _configuration(shop, tuning, steps)
    steps.begin(gettext_noop("Learning"))
    catalogue = learn_as(configuration, collected, events, steps.progress, visual=visual)
    steps.begin(gettext_noop("Publishing"))
    _check(catalogue, force=force)
    metrics = _metrics(catalogue, events, time.monotonic() - started)
    remember(encoder)
    return publishing.publish(
        collected.ids,
        catalogue,
        encoder_version=encoder.version,
        sequence=sequence,
        metrics=metrics,
        configuration=configuration.to_config(),
        selection=selection,
    )


def rehearse(listener: Listener = Listener(), *, budget_seconds: float | None = None) -> Selection:
    """What a selection would find now: nothing is learned for shelves, published or kept.

    Raises:
        JobBusyError: when a training runs already.
        NotEnoughHistoryError: when the shop has no product.
    """
    with jobs.running(Job.Kind.TRAIN) as run:
        steps = _Steps(run, listener)
        return _select(_read(steps, follow_live()), budget_seconds, steps).row


def is_due() -> bool:
    """Whether enough has changed since the active snapshot: fresh rows past `FRESH_LIMIT`, or events by a tenth."""
    active = snapshots.active()
    if active is None:
        return True
    if len(changes.since(active.sequence)) > settings.FRESH_LIMIT:
        return True
    known = int(active.metrics.get("events", 0))
    return Interaction.objects.count() - known > max(_NEW_EVENTS, known // 10)


class _Steps:
    """Tells the job's row and whoever watches which step runs and how far it is."""

    def __init__(self, run: Run, listener: Listener) -> None:
        self._run, self._listener = run, listener
        self._number = -1
        self._name = ""

    def begin(self, name: str) -> None:
        self._number, self._name = self._number + 1, name
        self._run.progress(min(self._number, _STEPS - 1), _STEPS)
        self._run.say(name)
        self._listener.say(name)

    def progress(self, done: int, total: int) -> None:
        """Within a step; the job's row gets a sign of life."""
        self._run.progress(min(self._number, _STEPS - 1), _STEPS)
        self._listener.progress(done, total)

    def stage(self, name: str, done: float, total: float) -> None:
        """See `watching.Watcher`."""
        if name != self._name:
            self.begin(name)
        self.progress(int(done), max(int(total), 1))

    def note(self, text: str) -> None:
        """See `watching.Watcher`."""
        self._listener.note(text)

    def end(self) -> None:
        self._run.progress(_STEPS, _STEPS)
        self._listener.progress(1, 1)


class _Shop(NamedTuple):
    """What there is to learn from: products, events, and which products look alike."""

    collected: Collected
    events: Events
    visual: Neighbours | None


def _read(steps: _Steps, encoder: Encoder) -> _Shop:
    steps.begin(gettext_noop("Reading the catalogue"))
    collected = indexing.collect(encoder)
    if not len(collected.ids):
        raise NotEnoughHistoryError("The shop has no products yet. Add some, or run `manage.py recommender_import`.")
    steps.begin(gettext_noop("Reading events"))
    events = histories.load(collected.ids, timezone.now())
    steps.begin(gettext_noop("Comparing pictures"))
    lists = (
        None
        if collected.vectors is None
        else (visual_lists(collected.ids, collected.vectors, encoder.version, steps.progress))
    )
    return _Shop(collected, events, lists)


def _configuration(shop: _Shop, tuning: Tuning, steps: _Steps) -> tuple[Configuration, Selection | None]:
    """The configuration to learn with, and the selection that it came from."""
    active = snapshots.active()
    latest = active.selection if active is not None else None
    wanted = selecting.is_due(latest, len(shop.events.rows)) if tuning.wanted is None else tuning.wanted
    if not wanted:
        return configuring.live() or configuring.from_settings(), latest
    finding = _select(shop, tuning.budget_seconds, steps)
    finding.row.save()
    return finding.configuration, finding.row


def _select(shop: _Shop, budget_seconds: float | None, steps: _Steps) -> selecting.Finding:
    return selecting.select(
        shop_history(shop.collected, shop.events),
        configuring.live(),
        budget_seconds=settings.TRAINING_BUDGET_SECONDS if budget_seconds is None else budget_seconds,
        seed=settings.SEED,
        watcher=steps,
        visual=shop.visual,
    )


def _activate(snapshot: Snapshot, run: Run) -> None:
    """Switch, unless another training took this one's place; the row that says so is held until the switch is made."""
    with transaction.atomic():
        if not run.claim():
            raise RecommenderError("This training was taken for dead, and another one took its place.")
        publishing.activate(snapshot)


def _check(catalogue: Catalogue, *, force: bool) -> None:
    """Refuse to publish what cannot be right."""
    for name, array in publishing.pack(catalogue)[0].items():
        if array.dtype.kind == "f" and not _is_finite(array):
            raise UnfitSnapshotError(f"The new snapshot has values in {name!r} that are not finite; the old one stays.")
    active = snapshots.active()
    if force or active is None:
        return
    for name, now, before in (
        ("products", catalogue.n, active.n_products),
        ("products with a picture", _pictured(catalogue), int(active.metrics.get("pictured", 0))),
    ):
        if now < _SHRINK_LIMIT * before:
            raise UnfitSnapshotError(
                f"The new snapshot has {now} {name}, the active one {before}. The old one stays. "
                "If the shop really shrank, run `manage.py recommender_train --force`."
            )


def _is_finite(array: NDArray[Any]) -> bool:
    """Looked at in parts: the pictures of all products may be larger than memory."""
    return all(np.isfinite(array[start : start + _PART]).all() for start in range(0, len(array), _PART))


def _pictured(catalogue: Catalogue) -> int:
    return 0 if catalogue.vectors is None else int(catalogue.vectors.any(axis=1).sum())


def _metrics(catalogue: Catalogue, events: Events, seconds: float) -> dict[str, Any]:
    return {
        "events": len(events.rows),
        "visitors": events.n_users,
        "pictured": _pictured(catalogue),
        "with_behaviour": 0 if catalogue.events is None else int((catalogue.events > 0).sum()),
        "seconds": round(seconds, 1),
    }
