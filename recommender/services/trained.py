"""The encoders that `recommender_train_vision` left in this host's cache folder, with what their reports say."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from recommender.conf import Engine
from recommender.engines.trained import TrainedEncoder
from recommender.exceptions import EngineUnavailableError
from recommender.services.block_names import block_name
from recommender.services.engines import cache_dir

MOST = 12
"""Encoders that are listed, the newest ones."""

_REPORT = Path("report") / "report.json"
_PICTURES = ("confusion", "worst")
"""Kinds of pictures that a report has of each head."""


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


def read_report(found: Trained) -> dict[str, Any] | None:
    """What the page of its report shows, see `page_context`; None where there is none that can be read."""
    try:
        return page_context(json.loads((found.path / _REPORT).read_text()), found.path / _REPORT.parent)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def report_picture(found: Trained, name: str) -> Path | None:
    """The file of a picture that its report shows; None for any other name."""
    context = read_report(found)
    if context is None:
        return None
    shown = {"curves.png", "retrieval.png", *(head[kind] for head in context["heads"] for kind in _PICTURES)}
    path = found.path / _REPORT.parent / name
    return path if name in shown and path.is_file() else None


def page_context(report: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """What `recommender/training_report_body.html` shows, in the language of who reads.

    Args:
        report: as report.json has it.
        folder: where its pictures are; one that is not there is not shown.
    """
    heads = []
    for name, parts in report["heads"].items():
        reads = [block_name(block) for block in parts.get("reads", ())]
        shown: dict[str, Any] = {"name": name, "judged": judged_by(parts), "reads": reads}
        for kind in _PICTURES:
            picture = picture_name(kind, name)
            shown[kind] = picture if (folder / picture).is_file() else ""
        heads.append(shown)
    return {
        "report": report,
        "heads": heads,
        "weights": [(block_name(name), weight) for name, weight in report.get("weights", {}).items()],
        "shows_retrieval": (folder / "retrieval.png").is_file(),
    }


def judged_by(parts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The figures of pictures that nothing was chosen by, else of those that were held out."""
    judging: Mapping[str, Any] = parts["judging"]
    held_out: Mapping[str, Any] = parts["held_out"]
    return judging if judging["pictures"] else held_out


def picture_name(kind: str, head: str) -> str:
    """The file of a head's picture in a report."""
    stem = re.sub(r"\W+", "-", head)
    return f"{kind}-{stem}.png"


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
            judged = judged_by(parts)
            if judged["pictures"]:
                found.append(Named(head, float(judged["accuracy"]), int(judged["pictures"])))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(found)
