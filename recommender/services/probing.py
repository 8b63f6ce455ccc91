"""Whether this process can serve: what it needs, and what it only would like to have."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from enum import StrEnum

from django.core.cache import caches
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from recommender.conf import settings
from recommender.exceptions import SnapshotError
from recommender.services import publishing
from recommender.storage import snapshots

_SECONDS = 5
_migrated = False


class State(StrEnum):
    """How one part, or all of them together, stand."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"


def probe() -> dict[str, State]:
    """Each part's state. Without the database or with tables of another version nothing can be served.

    The shop outlives its cache and its snapshot, so these are degraded at worst.
    """
    found = {"database": _database(), "migrations": State.FAILING, "cache": cache_state(), "snapshot": State.DEGRADED}
    if found["database"] is State.OK:
        found |= {"migrations": _asked(_migrations), "snapshot": _asked(_snapshot)}
    return found


def worst(states: dict[str, State]) -> State:
    """The state of all together."""
    return max(states.values(), key=list(State).index)


def cache_state() -> State:
    """Whether the cache gives back what it was given. A cache that hides its failures is found out as well."""
    value = secrets.token_hex(8)
    cache = caches[settings.CACHE]
    try:
        cache.set("recommender.probe", value, _SECONDS)
        found = cache.get("recommender.probe")
    except Exception:  # noqa: BLE001 - each backend raises what its library raises
        return State.DEGRADED
    # Another process may have probed in between: any answer of the right shape is an answer.
    return State.OK if isinstance(found, str) and len(found) == len(value) else State.DEGRADED


def _asked(question: Callable[[], State]) -> State:
    try:
        return question()
    except DatabaseError:
        return State.FAILING


def _database() -> State:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return State.FAILING
    return State.OK


def _migrations() -> State:
    """Whether every migration of this code is applied. Once they are they stay so, and nobody asks again."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return State.OK if _migrated else State.FAILING


def _snapshot() -> State:
    snapshot = snapshots.active()
    if snapshot is None:
        return State.DEGRADED
    try:
        publishing.load(snapshot)
    except (SnapshotError, OSError):
        return State.DEGRADED
    return State.OK
