"""A selection in words, for people: what came of it, why, and what the settings left to choose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommender.core.choices import MIN_POSITIVES
from recommender.models import Selection

NAMES: dict[str, Promise] = {
    "learned": gettext_lazy("learned"),
    "live": gettext_lazy("as it was"),
    "defaults": gettext_lazy("defaults"),
    "affinity": gettext_lazy("looks alone"),
    "collaborative": gettext_lazy("behaviour alone"),
    "attributes": gettext_lazy("attributes alone"),
    "trend": gettext_lazy("popularity alone"),
}
"""Candidates by name."""

KINDS: dict[str, Promise] = {"for_you": gettext_lazy("for you"), "similar": gettext_lazy("similar products")}
"""Kinds of list by name."""


def name_of(candidate: str) -> str:
    """A candidate's name for people."""
    return str(NAMES.get(candidate, candidate))


def kind_of(kind: str) -> str:
    """A kind of list for people."""
    return str(KINDS.get(kind, kind))


def verdict(selection: Selection) -> list[str]:
    """Sentences in the active language, the verdict first."""
    return [*_outcome(selection), *_refusals(selection), *_pins(selection)]


def _outcome(selection: Selection) -> Iterator[str]:
    if selection.verdict == Selection.Verdict.TOO_LITTLE:
        yield _(
            "There is not enough history to judge: %(found)d held-out choices of visitors with a history, where "
            "%(needed)d are needed. The configuration stays as it is; without an earlier one, the defaults go live."
        ) % {"found": selection.n_positives, "needed": MIN_POSITIVES}
        return
    yield {
        Selection.Verdict.LEARNED: _("What was learned from this shop goes live: %(engine)s with blends of its own."),
        Selection.Verdict.KEPT: _("The configuration stays as it was: nothing learned now may replace it."),
        Selection.Verdict.DEFAULTS: _("The defaults go live: nothing learned may replace them."),
        Selection.Verdict.SINGLE: _("One signal alone goes live, because no blend may replace it: %(winner)s."),
    }[Selection.Verdict(selection.verdict)] % {
        "engine": engine_of(_winner(selection)),
        "winner": name_of(selection.winner),
    }
    yield _(
        "%(judges)d visitors and %(steps)d steps between products judged lists learned on the time before; "
        "%(trials)d trials were made in %(seconds).0f seconds."
    ) % {
        "judges": selection.n_judges,
        "steps": selection.n_steps,
        "trials": len(selection.trials),
        "seconds": selection.seconds,
    }
    winner = _winner(selection)
    if winner and not any(row["high"] < 0 for row in winner["against"]):
        yield _("It is not surely worse than any of its rivals, in either kind of list.")


def _refusals(selection: Selection) -> Iterator[str]:
    for candidate in selection.candidates:
        worse = [row for row in candidate["against"] if row["high"] < 0]
        for row in worse[:1]:
            yield _("Refused: %(name)s, surely worse than %(rival)s (%(kind)s: %(low)+.4f to %(high)+.4f).") % {
                "name": name_of(candidate["name"]),
                "rival": name_of(row["rival"]),
                "kind": kind_of(row["kind"]),
                "low": row["low"],
                "high": row["high"],
            }


def _pins(selection: Selection) -> Iterator[str]:
    if selection.pinned:
        names = ", ".join(selection.pinned)
        yield ngettext(
            "The settings name %(names)s, which was left alone.",
            "The settings name %(names)s, which were left alone.",
            len(selection.pinned),
        ) % {"names": names}


def engine_of(candidate: dict[str, Any] | None) -> str:
    """The engine's class and the kind of neighbours, where it has one."""
    if candidate is None:
        return ""
    engine = candidate["engine"]
    kind = engine["OPTIONS"].get("kind")
    name = engine["BACKEND"].rpartition(".")[2]
    return f"{name} ({kind})" if kind else name


def _winner(selection: Selection) -> dict[str, Any] | None:
    return next((one for one in selection.candidates if one["name"] == selection.winner), None)
