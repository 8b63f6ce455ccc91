"""Builds the engines that the settings name, once a process; never during a page view that only asks for a name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import import_string

from recommender.conf import Engine, settings
from recommender.engines.base import CollaborativeModel, Encoder, VectorIndex
from recommender.exceptions import IndexUnusableError


def build(engine: Engine, base: Any, **wiring: object) -> Any:
    """An instance of `engine["BACKEND"]` made with `engine["OPTIONS"]`, and with that of `wiring` which it asks for.

    Raises:
        ImproperlyConfigured: when the path names no class of kind `base` or the options do not fit.
    """
    path = engine["BACKEND"]
    try:
        cls = import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(f"Cannot import the engine {path!r}: {error}. Check the dotted path.") from error
    wired = {name: wiring[name] for name in getattr(cls, "wired", ()) if name in wiring}
    try:
        instance = cls(**engine.get("OPTIONS", {}), **wired)
    except TypeError as error:
        raise ImproperlyConfigured(f"The engine {path!r} does not take these OPTIONS: {error}.") from error
    if not isinstance(instance, base):
        raise ImproperlyConfigured(f"{path!r} is not a {base.__name__}. Name a subclass of it.")
    return instance


@lru_cache(maxsize=1)
def get_encoder() -> Encoder:
    """The shop's image encoder. Cheap: networks load on first use."""
    encoder: Encoder = build(settings.ENCODER, Encoder)
    return encoder


def get_collaborative_model() -> CollaborativeModel:
    """A fresh collaborative engine for one fit."""
    model: CollaborativeModel = build(settings.COLLABORATIVE, CollaborativeModel)
    return model


def build_index(engine: Engine, encoder_version: str) -> VectorIndex:
    """An index of vectors of one encoder, not yet opened."""
    index: VectorIndex = build(engine, VectorIndex, transaction=_in_database, space=encoder_version)
    return index


@contextmanager
def _in_database() -> Iterator[Any]:
    """A cursor of the shop's database inside a transaction."""
    if connection.vendor != "postgresql":
        raise IndexUnusableError(f"This index is kept in PostgreSQL, and the database is {connection.display_name}.")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            yield cursor
    except DatabaseError as error:
        raise IndexUnusableError(f"The index in the database cannot be used: {error}") from error


def cache_dir() -> Path:
    """This host's folder for memory-mapped snapshots, vectors and exported networks; created when missing."""
    folder = Path(settings.CACHE_DIR) if settings.CACHE_DIR else Path.home() / ".cache" / "django-visual-recommender"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _forget(*, setting: str, **_: object) -> None:
    if setting == "RECOMMENDER":
        get_encoder.cache_clear()


setting_changed.connect(_forget, dispatch_uid="recommender.services.engines")
