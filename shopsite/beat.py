"""Celery beat that starts whatever its file has become: when it was killed while writing, the times are forgotten."""

from __future__ import annotations

import logging

from celery.beat import PersistentScheduler

_log = logging.getLogger(__name__)


class Scheduler(PersistentScheduler):
    """Celery's own, which mends a file that it cannot open, and also one that it cannot read.

    Otherwise such a file ends every beat that comes after, and nothing that is due is done any more.
    """

    schedule_filename: str

    def setup_schedule(self) -> None:
        """Read when each task ran last; with a file that tells nothing, their intervals begin now."""
        try:
            super().setup_schedule()
        except Exception:  # noqa: BLE001 - what was not written to its end can raise anything
            _log.exception("The schedule in %s is damaged and begins anew.", self.schedule_filename)
            self._remove_db()  # type: ignore[attr-defined]  # which the stubs leave out
            super().setup_schedule()
