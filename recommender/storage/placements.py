"""The shop's placements: a small table, read whole."""

from __future__ import annotations

from recommender.models import Placement


def by_slug() -> dict[str, Placement]:
    """All placements by their names, those switched off included."""
    return {placement.slug: placement for placement in Placement.objects.all()}
