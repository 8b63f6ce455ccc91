"""Work that outlives the end of a connection: a database that restarts or fails over hangs up on everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

T = TypeVar("T")

CONNECTION_LOST = (OperationalError, InterfaceError)
"""What is raised when the database hung up; an `OperationalError` may also mean a lock that took too long."""


def once_more_if_cut(work: Callable[[], T]) -> T:
    """What `work` returns; when the connection was lost in it, what it returns on a new one.

    The lost connection may have committed just before: `work` must be safe to repeat. Inside a transaction nothing is
    repeated, because what came before in it is lost as well.

    Raises:
        OperationalError, InterfaceError: when it fails again, or for another reason.
    """
    held = None
    try:
        connection.ensure_connection()
        held = connection.connection
        return work()
    except CONNECTION_LOST:
        if connection.in_atomic_block or (connection.connection is held and _is_alive()):
            raise
        connection.close()
    return work()


def _is_alive() -> bool:
    return connection.connection is not None and connection.is_usable()
