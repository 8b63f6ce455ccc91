"""What the first visitors of a process would wait for, made ready when it starts."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from recommender.exceptions import RecommenderError
from recommender.services import serving
from recommender.services.engines import get_encoder

logger = logging.getLogger(__name__)


def warm() -> None:
    """Open the snapshot that is served and its vector index, and load the encoder's network where there is one.

    For the hook that a web server runs in each process after it was forked. What cannot be made ready is logged, and
    left to the first visitor who needs it: a database that is away must not keep a server from starting.
    """
    for make_ready in (_shelves, _photos):
        _attempt(make_ready)


def _attempt(make_ready: Callable[[], None]) -> None:
    try:
        make_ready()
    except (RecommenderError, DatabaseError, ImproperlyConfigured, OSError):
        logger.exception("This process starts cold")


def _shelves() -> None:
    view = serving.current()
    _ = view.popular, view.index, view.catalogue.trending
    if view.catalogue.factor_search is not None:
        view.catalogue.factor_search.warm()


def _photos() -> None:
    encoder = get_encoder()
    if not encoder.missing():
        encoder.warm()
