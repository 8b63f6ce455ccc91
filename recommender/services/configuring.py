"""What a catalogue is learned with: engine, half-lives, blends; from the settings, a selection or a snapshot."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from recommender.conf import Engine, named, settings
from recommender.core.catalogue import BlendConfig
from recommender.models import Snapshot
from recommender.storage import snapshots

DEFAULTS = "defaults"
LEARNED = "learned"

SELECTABLE = (
    "COLLABORATIVE",
    "WEIGHTS",
    "STRENGTHS",
    "VISITOR_WEIGHTS",
    "VISITOR_STRENGTHS",
    "EVENT_HALF_LIFE_DAYS",
    "TREND_HALF_LIFE_DAYS",
)
"""The settings that a selection chooses by itself, unless the shop names them."""


@dataclass(frozen=True)
class Configuration:
    """Everything that tells one way to learn a catalogue from another.

    Attributes:
        origin: "defaults", "learned", or the signal that it relies on alone.
        engine: the collaborative engine.
        half_life_days: after how many days an event counts half; inf for no decay.
        trend_half_life_days: the same for what is popular.
        item_blend: of item-to-item scores.
        visitor_blend: of for-you scores.
    """

    origin: str
    engine: Engine
    half_life_days: float
    trend_half_life_days: float
    item_blend: BlendConfig
    visitor_blend: BlendConfig

    def to_config(self) -> dict[str, Any]:
        """What a snapshot's configuration keeps of it, for JSON; the blends are there already."""
        return {
            "origin": self.origin,
            "engine": {"BACKEND": self.engine["BACKEND"], "OPTIONS": dict(self.engine.get("OPTIONS", {}))},
            "half_life_days": finite(self.half_life_days),
            "trend_half_life_days": finite(self.trend_half_life_days),
        }


def default_blends() -> tuple[BlendConfig, BlendConfig]:
    """The item-to-item and the for-you blend of the settings."""
    item = BlendConfig(settings.WEIGHTS, settings.STRENGTHS)
    return item, BlendConfig(settings.VISITOR_WEIGHTS, settings.VISITOR_STRENGTHS)


def from_settings() -> Configuration:
    """The published defaults, with what the shop's settings name instead."""
    return Configuration(
        DEFAULTS,
        settings.COLLABORATIVE,
        settings.EVENT_HALF_LIFE_DAYS,
        settings.TREND_HALF_LIFE_DAYS,
        *default_blends(),
    )


def live() -> Configuration | None:
    """That of the active snapshot, as the settings allow it now; None when nothing was ever trained."""
    active = snapshots.active()
    return None if active is None else respecting_settings(of(active))


def of(snapshot: Snapshot) -> Configuration:
    """The configuration that a snapshot was learned with."""
    kept: Mapping[str, Any] = snapshot.config.get("configuration", {})
    default = from_settings()
    if not kept:  # written before configurations were kept
        return default
    return Configuration(
        kept["origin"],
        kept["engine"],
        _endless(kept["half_life_days"]),
        _endless(kept["trend_half_life_days"]),
        BlendConfig(**snapshot.config["item_blend"]),
        BlendConfig(**snapshot.config["visitor_blend"]),
    )


def half_life_days(snapshot: Snapshot | None) -> float:
    """After how many days a visitor's event counts half in what is served: as it did when the snapshot was learned."""
    kept = snapshot.config.get("configuration") if snapshot is not None else None
    return _endless(kept["half_life_days"]) if kept else settings.EVENT_HALF_LIFE_DAYS


def pinned() -> tuple[str, ...]:
    """The settings that a selection must leave alone, because the shop names them."""
    return tuple(name for name in SELECTABLE if name in named())


def respecting_settings(configuration: Configuration) -> Configuration:
    """The configuration with what the shop's settings name; the defaults as they are today, if it was the defaults."""
    given = from_settings()
    if configuration.origin == DEFAULTS:
        return given
    names = set(pinned())
    own = {
        "engine": {"COLLABORATIVE"},
        "half_life_days": {"EVENT_HALF_LIFE_DAYS"},
        "trend_half_life_days": {"TREND_HALF_LIFE_DAYS"},
        "item_blend": {"WEIGHTS", "STRENGTHS"},
        "visitor_blend": {"VISITOR_WEIGHTS", "VISITOR_STRENGTHS"},
    }
    return replace(configuration, **{part: getattr(given, part) for part, by in own.items() if names & by})


def finite(value: float) -> float | None:
    """For JSON, which has no infinity."""
    return None if math.isinf(value) else value


def _endless(value: float | None) -> float:
    return math.inf if value is None else value
