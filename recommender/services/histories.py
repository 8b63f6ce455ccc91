"""The shop's events as arrays: users and products as rows, ages in days."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import NamedTuple

import numpy as np

from recommender.conf import settings
from recommender.core.types import Bool, Float32, Int32
from recommender.models import InteractionKind
from recommender.services.publishing import Ids
from recommender.storage import interactions


class Events(NamedTuple):
    """e events in order of time.

    Attributes:
        users: int32, shape (e,), 0..n_users-1.
        rows: int32, shape (e,), product rows.
        kind_weights: float32, shape (e,), of `EVENT_WEIGHTS`; negative for refunds.
        ages_days: float32, shape (e,), >= 0, before the moment of loading.
        quantities: float32, shape (e,).
        n_users: how many users.
        bought: which of them are purchases, bool, shape (e,); None when not told.
    """

    users: Int32
    rows: Int32
    kind_weights: Float32
    ages_days: Float32
    quantities: Float32
    n_users: int
    bought: Bool | None = None


def load(ids: Ids, now: datetime) -> Events:
    """All events on products of `ids`; events on products long gone are passed over."""
    row_of = {key.decode(): row for row, key in enumerate(ids.tolist())}
    user_of: dict[uuid.UUID, int] = {}
    columns: list[tuple[int, int, float, float, int, bool]] = []
    for event in interactions.history():
        row = row_of.get(event.product_key)
        weight = settings.EVENT_WEIGHTS.get(event.kind, 0.0)
        if row is None or weight == 0.0:
            continue
        user = user_of.setdefault(event.visitor_id, len(user_of))
        age = max(0.0, (now - event.occurred_at).total_seconds() / 86_400)
        columns.append((user, row, weight, age, event.quantity, event.kind == InteractionKind.PURCHASE))
    table = np.array(columns, np.float64).reshape(-1, 6)
    return Events(
        users=table[:, 0].astype(np.int32),
        rows=table[:, 1].astype(np.int32),
        kind_weights=table[:, 2].astype(np.float32),
        ages_days=table[:, 3].astype(np.float32),
        quantities=table[:, 4].astype(np.float32),
        n_users=len(user_of),
        bought=table[:, 5] > 0,
    )
