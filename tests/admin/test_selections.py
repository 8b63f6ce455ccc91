"""The page of a snapshot tells how its configuration was chosen."""

import pytest
from django.urls import reverse

from recommender.admin.selections import selection_context
from recommender.models import Selection, Snapshot
from recommender.services import training

pytestmark = pytest.mark.django_db(transaction=True)


def row(rival, kind, low, high):
    return {"rival": rival, "kind": kind, "difference": (low + high) / 2, "low": low, "high": high}


def candidate(name, *against, for_you=0.4):
    return {
        "name": name,
        "means": {"for_you": for_you, "similar": 0.2},
        "against": list(against),
        "engine": {"BACKEND": "recommender.engines.item_item.ImplicitItemItem", "OPTIONS": {"kind": "bm25"}},
        "visitor_weights": {"affinity": 0.25, "collaborative": 0.75},
        "item_weights": {"visual": 1.0},
    }


@pytest.fixture
def page(boss, shop):
    """The page of a snapshot whose selection refused what was learned."""
    snapshot = training.train()
    trial = {
        "engine": "bm25",
        "options": {"k": 200, "half_life_days": None},
        "value": 0.41,
        "seconds": 0.1,
        "best": True,
    }
    selection = Selection.objects.create(
        verdict=Selection.Verdict.KEPT,
        winner="live",
        n_judges=450,
        n_steps=506,
        seconds=26,
        pinned=["WEIGHTS"],
        candidates=[
            candidate("learned", row("live", "for_you", -0.05, -0.01)),
            candidate("live", row("affinity", "for_you", 0.01, 0.03), for_you=0.5),
            candidate("affinity"),
        ],
        trials=[trial] * 12,
    )
    Snapshot.objects.filter(pk=snapshot.pk).update(selection=selection)

    def get(language="en") -> str:
        url = reverse("admin:recommender_snapshot_change", args=[snapshot.pk])
        return boss.get(url, headers={"accept-language": language}).content.decode()

    return get


def test_it_tells_verdict_candidates_intervals_and_trials(page):
    text = page()
    assert "The configuration stays as it was" in text
    assert "450 visitors and 506 steps between products judged" in text
    assert "Refused: learned, surely worse than as it was (for you: -0.0500 to -0.0100)." in text
    assert "The settings name WEIGHTS, which was left alone." in text
    assert "+0.0200 [+0.0100, +0.0300]" in text
    assert "ImplicitItemItem (bm25)" in text
    assert "k 200, half_life_days without end" in text
    assert "2 more trials" in text
    assert text.count('class="rec-won"') == 1


def test_it_speaks_chinese(page):
    text = page("zh-hans")
    assert "其配置是如何选出的" in text
    assert "配置维持原样" in text
    assert "仅外观" in text


def test_too_little_history_is_said(boss, shop):
    snapshot = training.train()
    text = boss.get(reverse("admin:recommender_snapshot_change", args=[snapshot.pk])).content.decode()
    assert "There is not enough history to judge" in text
    assert "Trials:" not in text


def test_a_snapshot_without_a_selection_has_a_page(boss, shop):
    snapshot = training.train()
    Snapshot.objects.filter(pk=snapshot.pk).update(selection=None, config={})
    text = boss.get(reverse("admin:recommender_snapshot_change", args=[snapshot.pk])).content.decode()
    assert "How its configuration was chosen" not in text
    assert selection_context(None) == {}


@pytest.mark.parametrize("verdict", Selection.Verdict.values)
def test_every_verdict_has_words(verdict):
    context = selection_context(Selection(verdict=verdict, winner="affinity", candidates=[candidate("affinity")]))
    assert context["sentences"][0]
    assert "%" not in context["sentences"][0]
