"""Builds the engines that the settings name, once a process; never during a page view that only asks for a name."""

from __future__ import annotations

import json
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
from recommender.exceptions import EngineUnavailableError, IndexUnusableError
from recommender.models import EncoderVersion
from recommender.storage import encoders


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


def get_encoder(version: str = "") -> Encoder:
    """The image encoder of this version; without one, the live encoder as this process last heard of it.

    Cheap: networks load on first use. An encoder that nobody knows any more, or that has another version by now because
    the software changed, is replaced by the one that the settings name: pictures are embedded anew by that.
    """
    return encoder_of(version or _live.version) or encoder_of_settings()


@lru_cache(maxsize=1)
def encoder_of_settings() -> Encoder:
    """The encoder that the settings name: the live one as long as there is no snapshot of another."""
    encoder: Encoder = build(settings.ENCODER, Encoder)
    return encoder


def encoder_of(version: str, known: EncoderVersion | None = None) -> Encoder | None:
    """The encoder of this version; None when it cannot be had any more.

    Args:
        version: its version.
        known: its row, where it was read already.

    Raises:
        EngineUnavailableError: when its files are missing on this machine.
    """
    named = encoder_of_settings()
    if version in ("", named.version):
        return named
    if version not in _live.encoders:
        row = known or encoders.find(version)
        if row is None:
            return None
        _live.encoders[version] = build(row.engine, Encoder)
    found = _live.encoders[version]
    return found if found.version == version else None


def encoder_here(version: str, known: EncoderVersion | None = None) -> Encoder | None:
    """As `encoder_of`; None also when it cannot be built on this machine."""
    try:
        return encoder_of(version, known)
    except (EngineUnavailableError, ImproperlyConfigured):
        return None


def is_outdated(version: str) -> bool:
    """Whether nobody can make vectors of this version any more; files that this machine lacks do not count."""
    try:
        return encoder_of(version) is None
    except EngineUnavailableError:
        return False
    except ImproperlyConfigured:
        return True


def follow_live(version: str | None = None) -> Encoder:
    """The live encoder as of now; `get_encoder` goes on with it.

    Args:
        version: of the active snapshot where it is known; one query otherwise.
    """
    _live.version = encoders.live_version() if version is None else version
    return get_encoder()


def remember(encoder: Encoder) -> None:
    """Keep the encoder of the settings among those that pictures are embedded by, also when the settings change."""
    if encoder is encoder_of_settings():
        encoders.keep(encoder.version, plain(settings.ENCODER), encoder.dimension)


def plain(engine: Engine) -> dict[str, Any]:
    """The engine as JSON can carry it: paths become text."""
    found: dict[str, Any] = json.loads(json.dumps(dict(engine), default=str))
    return found


class _Live:
    """What this process knows of the encoder that is served from."""

    def __init__(self) -> None:
        self.version = ""
        self.encoders: dict[str, Encoder] = {}


_live = _Live()


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
        encoder_of_settings.cache_clear()
        _live.version = ""
        _live.encoders.clear()


setting_changed.connect(_forget, dispatch_uid="recommender.services.engines")
