"""Long work under one roof: a row says who runs and how far; two of a kind never run at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from recommender.engines.base import Progress
from recommender.exceptions import JobBusyError
from recommender.models import Job
from recommender.services import presence

SILENCE = timedelta(minutes=5)
"""A run without a sign of life for this long is taken for dead; one whose process is seen to be gone, at once."""

_REPORT_SECONDS = 1.0


class Run:
    """A running job: tells the row, and whoever watches, how far it is."""

    def __init__(self, job: Job, watcher: Progress | None) -> None:
        self.job = job
        self._watcher = watcher
        self._reported = 0.0

    def progress(self, done: int, total: int) -> None:
        """Report progress; writes to the database at most once a second."""
        if self._watcher is not None:
            self._watcher(done, total)
        now = time.monotonic()
        if now - self._reported >= _REPORT_SECONDS or done == total:
            self._reported = now
            Job.objects.filter(pk=self.job.pk).update(done=done, total=total, heartbeat_at=timezone.now())

    def say(self, message: str) -> None:
        """Name the step that begins."""
        Job.objects.filter(pk=self.job.pk).update(message=message[:500], heartbeat_at=timezone.now())

    def claim(self) -> bool:
        """Whether nobody has taken this run for dead; inside a transaction, nobody can until it ends."""
        return bool(Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING).update(heartbeat_at=timezone.now()))


def is_silent(job: Job) -> bool:
    """Whether the job is said to run although nobody seems to be there any more."""
    if job.state != Job.State.RUNNING:
        return False
    return job.heartbeat_at < timezone.now() - SILENCE or presence.is_gone(job.process)


@contextmanager
def running(kind: str, watcher: Progress | None = None) -> Iterator[Run]:
    """Hold the one place for work of this kind.

    Raises:
        JobBusyError: when another run of the kind is alive.
    """
    _bury_the_dead(kind)
    try:
        with transaction.atomic():
            job = Job.objects.create(kind=kind, process=presence.this_process())
    except IntegrityError:
        raise JobBusyError from None
    try:
        yield Run(job, watcher)
    except BaseException as error:
        _finish(job, Job.State.FAILED, f"{type(error).__name__}: {error}")
        raise
    _finish(job, Job.State.DONE, None)


def _finish(job: Job, state: str, message: str | None) -> None:
    values = {"state": state, "finished_at": timezone.now()}
    if message is not None:
        values["message"] = message[:500]
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(**values)


def _bury_the_dead(kind: str) -> None:
    silent = [job.pk for job in Job.objects.filter(kind=kind, state=Job.State.RUNNING) if is_silent(job)]
    Job.objects.filter(pk__in=silent, state=Job.State.RUNNING).update(
        state=Job.State.FAILED,
        finished_at=timezone.now(),
        message="No sign of life; the process was probably killed.",
    )
