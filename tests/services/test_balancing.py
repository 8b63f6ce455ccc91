"""Block weights by the shop's labels: what is found, what is said of it, and what cannot be chosen by."""

import re
from itertools import product

import pytest
from django.db import transaction

from recommender.exceptions import EncoderError, TrainingDataError
from recommender.services import balancing, serving, training
from tests.eyes import TWO
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)

CORNERS = range(26, 36)
"""Roundnesses that `TwoBlocks` tells apart."""


@pytest.fixture
def draw(settings):
    """Draws families of one roundness in some colours, each in two storage sizes with one picture, and trains."""
    settings.RECOMMENDER = settings.RECOMMENDER | {"ENCODER": {**TWO, "OPTIONS": {"shape": 0.1}}}

    def _draw(corners=CORNERS, colours=("red", "blue"), storages=(64, 128), **options):
        with transaction.atomic():  # then all pictures are embedded in one go
            for corner, colour, storage in product(corners, colours, storages):
                name = f"{corner}-{colour}-{storage}"
                make_product(name, colour=colour, corner=corner, **{"family": f"f{corner}", "brand": "Orbis"} | options)
        training.train()
        serving.reset()

    return _draw


@pytest.mark.once
def test_what_tells_families_apart_gets_the_weight_and_others_say_what_it_gains(draw):
    draw()
    advice = balancing.advise(["family"])
    assert advice.now == {"shape": 10, "colour": 90}
    assert advice.weights["shape"] >= 60
    (judged,) = advice.judged
    # Ten families of two pictures each, half of them for either: storage sizes share a picture and count once.
    assert advice.products == (10, 10)
    assert judged == ("family", 10, advice.before, advice.after)
    assert advice.after >= advice.before + 0.3
    low, high = advice.gain
    assert 0 < low <= advice.after - advice.before <= high
    assert advice.is_better
    assert not advice.left_out
    training.train()
    serving.reset()
    assert balancing.advise(["family"]) == advice
    assert balancing.known_labels() == ["family", "brand", "category", "color"]
    everything = balancing.advise()
    assert [one.label for one in everything.judged] == ["family", "color"]
    assert everything.left_out == [
        "brand: all products are of one kind; two kinds are needed.",
        "category: all products are of one kind; two kinds are needed.",
    ]
    assert everything.after == pytest.approx(sum(one.after for one in everything.judged) / 2)


@pytest.mark.once
def test_weights_that_are_the_best_already_are_not_called_better(draw):
    draw()
    advice = balancing.advise(["color"])
    assert advice.weights == advice.now
    assert not advice.is_better
    assert advice.gain == (0, 0)


@pytest.mark.parametrize(
    ("drawn", "labels", "reason"),
    [
        ({}, ["taste"], "taste: no product with a picture has this label."),
        ({}, ["brand"], "brand: all products are of one kind; two kinds are needed."),
        ({"colours": ("red",)}, ["family"], "family: no two pictures carry the same label."),
        (
            {"corners": (27, 29, 31, 33)},
            ["family"],
            "family: only 4 products of a half share their label with another; it takes 10.",
        ),
        ({"picture": False}, [], "No picture was trained on yet."),
    ],
)
def test_what_cannot_be_chosen_by_is_named(draw, drawn, labels, reason):
    draw(**{"corners": (27, 33)} | drawn)
    with pytest.raises(TrainingDataError, match=re.escape(reason)):
        balancing.advise(labels)


def test_an_encoder_without_weights_is_named(light):
    make_product("one")
    training.train()
    serving.reset()
    with pytest.raises(EncoderError, match="has no weights to choose"):
        balancing.advise()


def test_a_shop_before_its_first_training_is_told(db):
    serving.reset()
    with pytest.raises(TrainingDataError, match="No picture was trained on yet"):
        balancing.advise()
