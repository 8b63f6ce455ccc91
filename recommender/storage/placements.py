"""The shop's placements: a small table, read whole."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from recommender.models import Placement


def by_slug() -> dict[str, Placement]:
    """All placements by their names, those switched off included."""
    return {placement.slug: placement for placement in Placement.objects.all()}


def switch(slugs: Iterable[str], *, is_active: bool) -> int:
    """Switch placements on or off; return how many there were."""
    rows = Placement.objects.filter(slug__in=list(slugs))
    return rows.update(is_active=is_active, updated_at=timezone.now())
