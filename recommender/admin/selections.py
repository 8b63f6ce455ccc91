"""How a selection is shown on the pages of the snapshots that came from it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from recommender.admin.readonly import badge
from recommender.models import Selection
from recommender.services.selecting import words

_SHOWN = 10

_BADGES = {
    Selection.Verdict.LEARNED: "done",
    Selection.Verdict.TOO_LITTLE: "pending",
}


def selection_context(selection: Selection | None) -> dict[str, Any]:
    """What admin/recommender/selection.html shows; nothing for a snapshot that was never selected for."""
    if selection is None:
        return {}
    winner = next((one for one in selection.candidates if one["name"] == selection.winner), None)
    against = {(row["rival"], row["kind"]): row for row in winner["against"]} if winner else {}
    trials = [{"standing": place, **_trial(trial)} for place, trial in enumerate(selection.trials, start=1)]
    return {
        "selection": selection,
        "verdict": badge(_BADGES.get(Selection.Verdict(selection.verdict), "none"), selection.get_verdict_display()),
        "sentences": words.verdict(selection),
        "kinds": [words.kind_of(kind) for kind in words.KINDS],
        "candidates": [
            {
                "name": words.name_of(one["name"]),
                "won": one["name"] == selection.winner,
                "engine": words.engine_of(one),
                "lists": [
                    {"mean": one["means"].get(kind), **_gain(against.get((one["name"], kind)))} for kind in words.KINDS
                ],
                "weights": [
                    (words.kind_of(kind), sorted(one[key].items(), key=lambda item: -item[1]))
                    for kind, key in (("for_you", "visitor_weights"), ("similar", "item_weights"))
                ],
            }
            for one in selection.candidates
        ],
        "best_trials": trials[:_SHOWN],
        "other_trials": trials[_SHOWN:],
    }


def _gain(row: dict[str, Any] | None) -> dict[str, str]:
    """The winner's gain over a candidate, with its interval."""
    if row is None:
        return {"gain": ""}
    return {"gain": f"{row['difference']:+.4f} [{row['low']:+.4f}, {row['high']:+.4f}]"}


def _trial(trial: dict[str, Any]) -> dict[str, Any]:
    options = ", ".join(
        f"{name} {_('without end') if value is None else value}" for name, value in trial["options"].items()
    )
    return {**trial, "options": options}
