"""Embedding in bulk as commands do it: in this process, or handed to the workers and waited for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from django.core.management.base import CommandError
from kombu.exceptions import KombuError

from recommender import tasks
from recommender.conf import settings
from recommender.management.progress import ProgressDisplay
from recommender.services import backfilling, catching_up, embedding

_POLL_SECONDS = 1.0
_QUIET_SECONDS = 20.0
_BATCH = 500


def embed(keys: Sequence[Any], display: ProgressDisplay, *, here: bool) -> None:
    """Embed these products: in this process, or by asking the workers, without waiting for them.

    Args:
        keys: primary keys of products.
        display: shows how far it is.
        here: in this process whatever `TASKS` says.
    """
    if not keys:
        return
    for batch in backfilling.batches(keys, _BATCH):
        embedding.request(batch)
    if here or settings.TASKS == "inline":
        display.say("Embedding pictures")
        for version in ("", *embedding.beside()):
            catching_up.embed_here(keys, version, progress=display.progress)
        return
    display.say("Asking the workers")
    for number, batch in enumerate(backfilling.batches(keys, _BATCH)):
        if not tasks.dispatch_embedding(batch):
            raise CommandError(
                "The broker does not answer. The requests are stored, and celery beat sends them when it is back; "
                "or run `manage.py recommender_embed --here`."
            )
        display.progress(number * _BATCH + len(batch), len(keys))


class Delivery:
    """Hands products to the workers while an import goes on, until the broker fails once."""

    def __init__(self) -> None:
        self._sent: set[Any] = set()
        self._is_broken = False

    def __call__(self, keys: Sequence[Any]) -> None:
        """Send these out; their requests are committed already."""
        if self._is_broken:
            return
        if tasks.dispatch_embedding(keys):
            self._sent.update(keys)
        else:
            self._is_broken = True  # each further try would cost the import half a second

    def undelivered(self, keys: Sequence[Any]) -> list[Any]:
        """Those that were not sent out."""
        return [key for key in keys if key not in self._sent]


def wait_for_workers(display: ProgressDisplay, encoder_version: str = "") -> None:
    """Show how the workers get on until nothing waits any more. Stopping the wait does not stop them.

    What was lost on the way, as when a worker is killed, is sent out again once nothing has moved for a while.
    """
    total = left = catching_up.backlog(encoder_version)
    display.say("Workers embed pictures")
    moved = time.monotonic()
    while left:
        time.sleep(_POLL_SECONDS)
        before, left = left, catching_up.backlog(encoder_version)
        total = max(total, left)
        display.progress(total - left, total)
        if left != before:
            moved = time.monotonic()
        elif time.monotonic() - moved > _QUIET_SECONDS:
            moved = time.monotonic()
            display.note(
                f"Nothing moved for {_QUIET_SECONDS:.0f} s. Is a worker listening? celery -A <project> worker -Q vision"
            )
            _send_again(encoder_version)


def _send_again(encoder_version: str) -> None:
    if settings.TASKS == "celery":
        with suppress(OSError, KombuError):  # the broker may be why nothing moves
            tasks.send_again(partial(catching_up.outstanding, encoder_version), encoder_version)
