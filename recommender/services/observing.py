"""Taking in what belongs to nobody: lists that were really seen, and searches.

Nothing here names a visitor, and of a search neither its words are kept: people type names, numbers and illnesses into
search fields, and no figure of ours needs them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from recommender.models import Search
from recommender.services.reading_events import Seen
from recommender.storage import observations

LATEST = timedelta(days=1)
"""An older impression or search counts as of a day ago: the figures of earlier days are settled."""


def record(seen: Sequence[Seen], searches: Sequence[Search], products: Collection[Any]) -> int:
    """Store impressions and searches, each id once; return how many were new.

    Args:
        seen: impressions.
        searches: searches.
        products: keys of products that exist.
    """
    oldest = timezone.now() - LATEST
    impressions = [found.impression for found in seen]
    for impression in impressions:
        impression.occurred_at = max(impression.occurred_at, oldest)
    for search in searches:
        search.occurred_at = max(search.occurred_at, oldest)
    accepted = observations.insert(impressions) + observations.insert(searches)
    shown = {key for found in seen for key in found.products if key in products}
    observations.note_shown(shown, timezone.localdate())
    return accepted
