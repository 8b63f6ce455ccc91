"""Embedding in bulk as commands do it: in this process, or handed to the workers and waited for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandError

from recommender import tasks
from recommender.conf import settings
from recommender.management.progress import ProgressDisplay
from recommender.services import backfilling, catching_up, embedding

_POLL_SECONDS = 1.0
_QUIET_SECONDS = 60.0
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
        catching_up.embed_here(keys, progress=display.progress)
        return
    display.say("Asking the workers")
    for number, batch in enumerate(backfilling.batches(keys, _BATCH)):
        if not tasks.dispatch_embedding(batch):
            raise CommandError(
                "The broker does not answer. The requests are stored, and celery beat sends them when it is back; "
                "or run `manage.py recommender_embed --here`."
            )
        display.progress(number * _BATCH + len(batch), len(keys))


def wait_for_workers(display: ProgressDisplay) -> None:
    """Show how the workers get on until nothing waits any more. Stopping the wait does not stop them."""
    total = left = catching_up.backlog()
    display.say("Workers embed pictures")
    moved = time.monotonic()
    while left:
        time.sleep(_POLL_SECONDS)
        before, left = left, catching_up.backlog()
        total = max(total, left)
        display.progress(total - left, total)
        if left != before:
            moved = time.monotonic()
        elif time.monotonic() - moved > _QUIET_SECONDS:
            moved = time.monotonic()
            display.note("Nothing moved for a minute. Is a worker listening? celery -A <project> worker -Q vision")
