"""Cards for templates: a shelf never raises and never breaks a page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, transaction
from django.http import HttpRequest

from recommender.exceptions import RecommenderError
from recommender.models import Visitor
from recommender.services import recommending, visitors
from recommender.services.recommending import Recommended, RecommendedList

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shelf:
    """What the template recommender/shelf.html shows; one without items renders nothing."""

    id: str
    title: str
    items: Sequence[Recommended] = ()
    recommendation_id: str = ""


def similar_shelf(request: HttpRequest | None, product: Any, *, title: str, k: int | None = None) -> Shelf:
    """The shelf of products like this one, without what the visitor of this request dismissed."""
    return _shelf("similar", title, lambda: recommending.similar(product, k=k, visitor=_visitor(request)))


def visitor_shelf(request: HttpRequest | None, *, title: str, k: int | None = None) -> Shelf:
    """The shelf for the visitor of this request."""
    return _shelf("for-you", title, lambda: recommending.for_you(_visitor(request), k=k))


def _visitor(request: HttpRequest | None) -> Visitor | None:
    return visitors.reader(request) if request is not None else None


def _shelf(name: str, title: str, recommend: Callable[[], RecommendedList]) -> Shelf:
    try:
        # A failed query must not poison the page's own transaction; where there is none, opening one costs two queries.
        with transaction.atomic() if transaction.get_connection().in_atomic_block else nullcontext():
            found = recommend().at(name)
    except (RecommenderError, DatabaseError, ValueError, LookupError, OSError):
        logger.exception("The shelf %r is empty", name)
        return Shelf(name, title)
    return Shelf(name, title, found.items, str(found.id))
