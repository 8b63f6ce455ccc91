"""Long work under one roof: a row says who runs and how far; two of a kind never run at once."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from recommender.engines.base import Progress
from recommender.exceptions import JobBusyError
from recommender.models import Job
from recommender.services import presence
from recommender.storage.reconnecting import CONNECTION_LOST, once_more_if_cut

logger = logging.getLogger(__name__)

SILENCE = timedelta(minutes=5)
"""A run without a sign of life for this long is taken for dead; one whose process is seen to be gone, at once."""

_REPORT_SECONDS = 1.0
_running_here: set[int] = set()
"""Keys of the jobs that this process runs: a row with this process's name that is not among them is a leftover."""


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
            self._write(done=done, total=total)

    def say(self, message: str) -> None:
        """Name the step that begins."""
        self._write(message=message[:500])

    def _write(self, **values: object) -> None:
        row = Job.objects.filter(pk=self.job.pk)
        once_more_if_cut(lambda: row.update(**values, heartbeat_at=timezone.now()))

    def claim(self) -> bool:
        """Whether nobody has taken this run for dead; inside a transaction, nobody can until it ends."""
        return bool(Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING).update(heartbeat_at=timezone.now()))


def is_silent(job: Job) -> bool:
    """Whether the job is said to run although nobody seems to be there any more."""
    if job.state != Job.State.RUNNING:
        return False
    return job.heartbeat_at < timezone.now() - SILENCE or presence.is_gone(job.process)


def _is_leftover(job: Job) -> bool:
    """Whether this process ran the job and could not write its end, because the database was away."""
    return bool(job.process) and job.process == presence.this_process() and job.pk not in _running_here


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
    _running_here.add(job.pk)
    try:
        yield Run(job, watcher)
    except BaseException as error:
        _bury(job, error)
        raise
    else:
        _finish(job, Job.State.DONE, None)
    finally:
        _running_here.discard(job.pk)


def _bury(job: Job, error: BaseException) -> None:
    """Note why a job failed; the reason itself must not be hidden by a database that is away."""
    try:
        _finish(job, Job.State.FAILED, f"{type(error).__name__}: {error}")
    except CONNECTION_LOST:
        logger.warning("The database is away; the next run will note that this one failed")


def _finish(job: Job, state: str, message: str | None) -> None:
    values = {"state": state, "finished_at": timezone.now()}
    if message is not None:
        values["message"] = message[:500]
    row = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING)
    once_more_if_cut(lambda: row.update(**values))


def _bury_the_dead(kind: str) -> None:
    running = Job.objects.filter(kind=kind, state=Job.State.RUNNING)
    silent = [job.pk for job in running if is_silent(job) or _is_leftover(job)]
    Job.objects.filter(pk__in=silent, state=Job.State.RUNNING).update(
        state=Job.State.FAILED,
        finished_at=timezone.now(),
        message=gettext_noop("No sign of life; the process was probably killed."),
    )
