"""The report folder of a training: a page for people, plots, a contact sheet, and everything as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from recommender.services.block_names import block_name
from recommender.services.teaching.examples import Example
from recommender.services.teaching.plots import draw_confusion, draw_curves, draw_retrieval, draw_worst, measures


def write_report(report: Mapping[str, Any], examples: Sequence[Example], folder: Path) -> None:
    """Write report.json, index.html and their pictures into the folder, which is made if need be.

    Raises:
        EngineUnavailableError: when Matplotlib is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    named = _named(report, examples)
    (folder / "report.json").write_text(json.dumps(named, indent=1, ensure_ascii=False, default=str))
    draw_curves(report["curves"], folder / "curves.png")
    if rows := measures(report["retrieval"]):
        draw_retrieval(report["retrieval"], folder / "retrieval.png")
    heads = [_drawn(head, parts, examples, folder) for head, parts in report["heads"].items()]
    page = render_to_string("recommender/training_report.html", {"report": named, "heads": heads, "measures": rows})
    (folder / "index.html").write_text(page)


def judged_by(parts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The figures of pictures that nothing was chosen by, else of those that were held out."""
    judging: Mapping[str, Any] = parts["judging"]
    return judging if judging["pictures"] else parts["held_out"]


def _drawn(head: str, parts: Mapping[str, Any], examples: Sequence[Example], folder: Path) -> dict[str, Any]:
    """A head's pictures, and what its part of the page says."""
    judged, stem = judged_by(parts), re.sub(r"\W+", "-", head)
    reads = [block_name(block) for block in parts["reads"]]
    shown: dict[str, Any] = {"name": head, "judged": judged, "held_out": parts["held_out"], "reads": reads}
    if judged["pictures"]:
        shown["confusion"] = f"confusion-{stem}.png"
        draw_confusion(head, judged, folder / shown["confusion"])
    if judged.get("worst"):
        shown["worst"] = f"worst-{stem}.png"
        draw_worst(judged["worst"], examples, folder / shown["worst"])
    return shown


def _named(report: Mapping[str, Any], examples: Sequence[Example]) -> dict[str, Any]:
    """The report with files where rows were."""

    def named(part: Mapping[str, Any]) -> dict[str, Any]:
        worst = [{**mistake, "file": examples[mistake["row"]].name} for mistake in part.get("worst", [])]
        return {**part, "worst": worst}

    heads = {
        head: {name: part if name == "reads" else named(part) for name, part in parts.items()}
        for head, parts in report["heads"].items()
    }
    return {**report, "heads": heads}
