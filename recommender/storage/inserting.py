"""Rows written so that one that is there already stays as it is, and counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections, router
from django.db.models import Model

_BATCH = 1000


def insert(rows: Sequence[Model]) -> int:
    """Write rows of one model, passing over those that break a unique constraint; return how many were new.

    The count is the database's own: exact too when another writer stores the same rows at this moment, and without
    asking first which of them are there.
    """
    if not rows:
        return 0
    model = type(rows[0])
    written = 0

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal written
        result = execute(sql, params, many, context)
        if sql.startswith("INSERT"):
            written += context["cursor"].rowcount
        return result

    with connections[router.db_for_write(model)].execute_wrapper(count):
        model._default_manager.bulk_create(rows, ignore_conflicts=True, batch_size=_BATCH)
    return written
