"""Erasure: one visitor at a visitor's wish, old events by age, events of products long gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from recommender.conf import settings
from recommender.models import Interaction, Visitor
from recommender.storage import interactions, observations


@dataclass(frozen=True)
class PurgeReport:
    """What a purge deleted."""

    expired: int
    orphaned: int
    guests: int
    observations: int = 0


def forget_visitor(visitor: Visitor) -> int:
    """Delete a visitor and all of the visitor's events; return how many events. Models forget at the next fit."""
    with transaction.atomic():
        events = Interaction.objects.filter(visitor=visitor).delete()[0]
        visitor.delete()
    return events


def forget_user(user: Any) -> int:
    """Delete what is known of a user; return how many events."""
    visitor = Visitor.objects.filter(user=user).first()
    return forget_visitor(visitor) if visitor is not None else 0


def purge() -> PurgeReport:
    """Delete events and observations past their retention, events of deleted products, and guests without an event."""
    now = timezone.now()
    seen_since = now - timedelta(days=settings.IMPRESSION_RETENTION_DAYS)
    return PurgeReport(
        expired=interactions.purge_before(now - timedelta(days=settings.EVENT_RETENTION_DAYS)),
        orphaned=interactions.purge_orphans(),
        guests=interactions.purge_idle_guests(now - timedelta(days=settings.VISITOR_ROTATION_DAYS)),
        observations=observations.purge(seen_since, timezone.localdate(seen_since)),
    )
