"""The report folder of a training: a page for people, plots, a contact sheet, and everything as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from recommender.services.teaching.examples import Example
from recommender.services.teaching.plots import draw_confusion, draw_curves, draw_retrieval, draw_worst, measures
from recommender.services.trained import judged_by, page_context, picture_name


def write_report(report: Mapping[str, Any], examples: Sequence[Example], folder: Path) -> None:
    """Write report.json, index.html and their pictures into the folder, which is made if need be.

    Raises:
        EngineUnavailableError: when Matplotlib is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    named = _named(report, examples)
    (folder / "report.json").write_text(json.dumps(named, indent=1, ensure_ascii=False, default=str))
    draw_curves(report["curves"], folder / "curves.png")
    if measures(report["retrieval"]):
        draw_retrieval(report["retrieval"], folder / "retrieval.png")
    for head, parts in report["heads"].items():
        judged = judged_by(parts)
        if judged["pictures"]:
            draw_confusion(head, judged, folder / picture_name("confusion", head))
        if judged.get("worst"):
            draw_worst(judged["worst"], examples, folder / picture_name("worst", head))
    page = render_to_string("recommender/training_report.html", page_context(named, folder))
    (folder / "index.html").write_text(page)


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
