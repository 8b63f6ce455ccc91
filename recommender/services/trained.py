"""The encoders that `recommender_train_vision` left in this host's cache folder, with what their reports say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from recommender.conf import Engine
from recommender.engines.trained import TrainedEncoder
from recommender.exceptions import EngineUnavailableError
from recommender.services.engines import cache_dir

MOST = 12
"""Encoders that are listed, the newest ones."""

_REPORT = Path("report") / "report.json"


@dataclass(frozen=True)
class Named:
    """How well a network names an attribute on pictures that it never learned from.

    Attributes:
        head: the attribute.
        accuracy: share of the pictures that it named right, in [0, 1].
        pictures: how many there were.
    """

    head: str
    accuracy: float
    pictures: int


@dataclass(frozen=True)
class Trained:
    """A trained encoder in its folder.

    Attributes:
        name: the folder's own name.
        path: the folder.
        version: the encoder's.
        trained_at: when it was written.
        named: what the report says of it; empty without a readable report.
        report: the page of the report; None where there is none.
    """

    name: str
    path: Path
    version: str
    trained_at: datetime
    named: tuple[Named, ...]
    report: Path | None


def engine_in(path: Path | str) -> Engine:
    """The engine of a trained encoder's folder, as the setting `ENCODER` has it."""
    return {"BACKEND": "recommender.engines.trained.TrainedEncoder", "OPTIONS": {"path": str(path)}}


def folder() -> Path:
    """Where encoders are trained unless `--output` says otherwise."""
    return cache_dir() / "trained"


def trained() -> list[Trained]:
    """The encoders of the folder, the newest first; those that cannot be read are passed over."""
    described = [(path.stat().st_mtime, path.parent) for path in folder().glob("encoder-*/encoder.json")]
    newest = sorted(described, reverse=True)[:MOST]
    return [one for moment, path in newest if (one := _read(path, moment)) is not None]


def find(name: str) -> Trained | None:
    """The one of this folder name, among those that are listed."""
    return next((one for one in trained() if one.name == name), None)


def _read(path: Path, moment: float) -> Trained | None:
    try:
        version = TrainedEncoder(path=path).version
    except (EngineUnavailableError, KeyError):
        return None
    page = path / "report" / "index.html"
    return Trained(
        path.name,
        path,
        version,
        datetime.fromtimestamp(moment, UTC),
        _named(path / _REPORT, page.stat().st_mtime) if page.is_file() else (),
        page if page.is_file() else None,
    )


@lru_cache(maxsize=MOST)
def _named(report: Path, _written_at: float) -> tuple[Named, ...]:
    found = []
    try:
        heads: Mapping[str, Mapping[str, Any]] = json.loads(report.read_text())["heads"]
        for head, parts in heads.items():
            judged = parts["judging"] if parts["judging"]["pictures"] else parts["held_out"]
            if judged["pictures"]:
                found.append(Named(head, float(judged["accuracy"]), int(judged["pictures"])))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(found)
