"""Taking in what belongs to nobody: lists that were really seen, and searches.

Nothing here names a visitor, and of a search neither its words are kept: people type names, numbers and illnesses into
search fields, and no figure of ours needs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from recommender.models import Search
from recommender.services.reading_events import Seen
from recommender.storage import inserting, observations

LATEST = timedelta(days=1)
"""An older impression or search counts as of a day ago: the figures of earlier days are settled."""


def record(seen: Sequence[Seen], searches: Sequence[Search]) -> int:
    """Store impressions and searches, each id once; return how many were new."""
    oldest = timezone.now() - LATEST
    impressions = [found.impression for found in seen]
    for impression in impressions:
        impression.occurred_at = max(impression.occurred_at, oldest)
    for search in searches:
        search.occurred_at = max(search.occurred_at, oldest)
    accepted = inserting.insert(impressions) + inserting.insert(searches)
    observations.note_shown({key for found in seen for key in found.products}, timezone.localdate())
    return accepted
