"""Search by photo: a picture in memory, what it shows, the products most like it, and a query id to go on with.

`look` reads a picture, `search` answers, `seal` and `unseal` turn what was seen into a query id and back.
"""

from recommender.services.searching.filters import Filters, known_filters
from recommender.services.searching.finding import PAGE_SIZE, Found, PhotoResult, Refinement, search
from recommender.services.searching.photos import Glance, Region, look
from recommender.services.searching.query_ids import LIFETIME_SECONDS, seal, unseal

__all__ = [
    "LIFETIME_SECONDS",
    "PAGE_SIZE",
    "Filters",
    "Found",
    "Glance",
    "PhotoResult",
    "Refinement",
    "Region",
    "known_filters",
    "look",
    "seal",
    "search",
    "unseal",
]
