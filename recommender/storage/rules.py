"""Merchandising rules as rows."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from recommender.models import Rule


def in_force(now: datetime) -> list[Rule]:
    """The rules that have an effect now or will have one, the oldest first."""
    return list(Rule.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), is_active=True).order_by("pk"))
