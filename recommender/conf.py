"""Typed settings: every key of the host's `RECOMMENDER` dictionary, its type and default, in one frozen dataclass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

Engine = Mapping[str, Any]
"""`{"BACKEND": "dotted.path.Class", "OPTIONS": {...}}`, Django's CACHES idiom."""


def _engine(backend: str, **options: object) -> dict[str, Any]:
    return {"BACKEND": backend, "OPTIONS": options}


def _is_engine(value: Engine | None, *, optional: bool) -> bool:
    return optional if value is None else "BACKEND" in value


@dataclass(frozen=True)
class Settings:
    """The recommender's settings. docs/reference/settings.md explains each; a test holds the two together."""

    PRODUCT_SOURCE: str = "recommender.sources.ProductSource"
    TASKS: Literal["inline", "celery"] = "inline"
    ENCODER: Engine = field(default_factory=lambda: _engine("recommender.engines.composite.CompositeEncoder"))
    INDEX: Engine | None = None
    EXACT_LIMIT: int = 100_000
    COLLABORATIVE: Engine = field(default_factory=lambda: _engine("recommender.engines.item_item.ImplicitItemItem"))
    SNAPSHOT_STORAGE: str = "recommender"
    CACHE_DIR: Path | str = ""
    CACHE: str = "default"

    WEIGHTS: Mapping[str, float] = field(
        default_factory=lambda: {"visual": 0.45, "collaborative": 0.45, "attributes": 0.10}
    )
    STRENGTHS: Mapping[str, float] = field(
        default_factory=lambda: {"visual": 1.0, "collaborative": 20.0, "attributes": 1.0}
    )
    VISITOR_WEIGHTS: Mapping[str, float] = field(
        default_factory=lambda: {"affinity": 0.25, "collaborative": 0.60, "attributes": 0.10, "trend": 0.05}
    )
    VISITOR_STRENGTHS: Mapping[str, float] = field(
        default_factory=lambda: {"affinity": 1.0, "collaborative": 5.0, "attributes": 1.0, "trend": 1.0}
    )
    EVENT_WEIGHTS: Mapping[str, float] = field(
        default_factory=lambda: {
            "view": 1.0,
            "click": 1.0,
            "favourite": 2.0,
            "cart": 3.0,
            "remove": -3.0,
            "dismiss": -10.0,
            "purchase": 5.0,
            "refund": -5.0,
        }
    )
    EVENT_HALF_LIFE_DAYS: float = 90.0
    TREND_HALF_LIFE_DAYS: float = 14.0
    EVENT_RETENTION_DAYS: int = 730
    IMPRESSION_RETENTION_DAYS: int = 90
    ATTRIBUTION_DAYS: float = 7.0
    VISITOR_MAX_EVENTS: int = 500
    VISITOR_HALF_LIFE_PRODUCTS: float = 20.0
    VISITOR_ROTATION_DAYS: int = 30
    CONSENT: str = "recommender.services.consent.allows_by_default"

    SHELF_SIZE: int = 12
    NEIGHBOURS: int = 200
    CANDIDATES: int = 48
    NEWCOMER_EVERY: int = 8
    DIVERSITY: float = 0.2
    BRAND_SHARE: float = 0.5
    SAME_PICTURE: float = 0.995
    PROMOTED_SHARE: float = 0.25
    FRESH_LIMIT: int = 5000
    POLL_SECONDS: float = 1.0

    IMAGE_MAX_BYTES: int = 10 * 1024 * 1024
    IMAGE_MAX_PIXELS: int = 40_000_000
    PHOTO_CONCURRENCY: int = 2
    PHOTO_WAIT_SECONDS: float = 1.0
    PHOTO_SAMPLE: int = 80
    EMBED_MAX_ATTEMPTS: int = 3
    EMBED_BATCH: int = 16
    TRAINING_BUDGET_SECONDS: float = 10.0
    SEED: int = 0

    METRICS_TOKEN: str = ""

    def __post_init__(self) -> None:
        if self.TASKS not in ("inline", "celery"):
            raise ImproperlyConfigured(f'RECOMMENDER["TASKS"] is {self.TASKS!r}; use "inline" or "celery".')
        for name in ("ENCODER", "INDEX", "COLLABORATIVE"):
            if not _is_engine(getattr(self, name), optional=name == "INDEX"):
                raise ImproperlyConfigured(
                    f'RECOMMENDER["{name}"] needs a "BACKEND": a dotted path to an engine class.'
                )
        for name in ("WEIGHTS", "STRENGTHS", "VISITOR_WEIGHTS", "VISITOR_STRENGTHS"):
            if any(value < 0 for value in getattr(self, name).values()):
                raise ImproperlyConfigured(
                    f'RECOMMENDER["{name}"] has a negative value; every value must be 0 or more.'
                )
        self._check_shares()
        if self.PHOTO_CONCURRENCY < 1 or self.PHOTO_WAIT_SECONDS < 0 or self.PHOTO_SAMPLE < 0:
            raise ImproperlyConfigured(
                'RECOMMENDER["PHOTO_CONCURRENCY"] must be 1 or more, "PHOTO_WAIT_SECONDS" and "PHOTO_SAMPLE" 0 or more.'
            )
        for name in ("WEIGHTS", "VISITOR_WEIGHTS"):
            if sum(getattr(self, name).values()) <= 0:
                raise ImproperlyConfigured(f'RECOMMENDER["{name}"] are all 0; at least one signal must count.')

    def _check_shares(self) -> None:
        if not self.TRAINING_BUDGET_SECONDS >= 0:
            raise ImproperlyConfigured('RECOMMENDER["TRAINING_BUDGET_SECONDS"] must be 0 or more.')
        for name in ("DIVERSITY", "BRAND_SHARE", "SAME_PICTURE", "PROMOTED_SHARE"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ImproperlyConfigured(f'RECOMMENDER["{name}"] is {getattr(self, name)!r}; use a number in [0, 1].')


def product_model_label() -> str:
    """The host's `RECOMMENDER_PRODUCT_MODEL`, "app_label.Model".

    Raises:
        ImproperlyConfigured: when it is not set.
    """
    label: str = getattr(django_settings, "RECOMMENDER_PRODUCT_MODEL", "")
    if not label:
        raise ImproperlyConfigured(
            'Set RECOMMENDER_PRODUCT_MODEL to your product model, for example "catalog.Product".'
        )
    return label


@lru_cache(maxsize=1)
def load() -> Settings:
    """The host's settings, read once a process and again after `setting_changed`.

    Raises:
        ImproperlyConfigured: for an unknown key or a value out of range.
    """
    given = getattr(django_settings, "RECOMMENDER", {})
    known = {item.name for item in fields(Settings)}
    if unknown := sorted(set(given) - known):
        raise ImproperlyConfigured(
            f"RECOMMENDER has unknown keys: {', '.join(unknown)}. Known keys: {', '.join(sorted(known))}."
        )
    return Settings(**given)


def named() -> frozenset[str]:
    """The keys that the host's `RECOMMENDER` names: the shop's own decisions, even where they equal a default."""
    return frozenset(getattr(django_settings, "RECOMMENDER", {}))


class _CurrentSettings:
    """Reads through to `load()`, so that a module may hold it at import time."""

    def __getattr__(self, name: str) -> Any:
        return getattr(load(), name)


settings: Settings = _CurrentSettings()  # type: ignore[assignment]


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting == "RECOMMENDER":
        load.cache_clear()


setting_changed.connect(_forget, dispatch_uid="recommender.conf")
