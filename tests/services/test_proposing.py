"""Suggestions: what look-alikes say of products that lack an attribute, and that people have the last word."""

import numpy as np
import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from catalog.models import Product
from recommender.core.labels import normalise
from recommender.exceptions import SuggestionError
from recommender.models import Suggestion
from recommender.services import proposing
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)
Status = Suggestion.Status
COLOURS = ("red", "blue", "green", "gold")


@pytest.fixture
def boss():
    return get_user_model().objects.create_superuser("boss", "b@example.com", "secret")


@pytest.fixture
@transaction.atomic  # then all pictures are embedded in one go
def shop():
    """Six families in four colours; of the seventh nobody wrote down the colours."""
    for family in range(6):
        for colour in COLOURS:
            make_product(f"f{family}-{colour}", colour=colour, family=f"f{family}", corner=5 + 5 * family)
    bare = {}
    for colour in COLOURS:
        bare[colour] = make_product(f"bare-{colour}", colour=colour, family="bare", corner=33)
    Product.objects.filter(family__key="bare").update(color="")
    return bare


def test_look_alikes_name_the_colours_that_nobody_wrote_down(shop):
    refreshed = proposing.refresh()
    assert refreshed.open == 4
    assert refreshed.found == {"color": 4}
    assert refreshed.accuracy["color"] == 1.0
    found = {row.product_id: row for row in Suggestion.objects.all()}
    assert {colour: found[product.pk].value for colour, product in shop.items()} == {name: name for name in COLOURS}
    assert all(0.8 < row.confidence < 1 and row.origin == "neighbours" for row in found.values())


def test_what_is_accepted_is_written_and_not_proposed_again(shop, boss):
    proposing.refresh()
    suggestion = Suggestion.objects.get(product=shop["red"])
    assert proposing.decide(suggestion, "red", boss)
    assert Product.objects.get(pk=shop["red"].pk).color == "red"
    suggestion.refresh_from_db()
    assert (suggestion.status, suggestion.answer, suggestion.decided_by) == (Status.ACCEPTED, "red", boss)
    assert proposing.refresh().open == 3


def test_a_correction_is_written_instead(shop, boss):
    proposing.refresh()
    suggestion = Suggestion.objects.get(product=shop["blue"])
    assert proposing.decide(suggestion, "  midnight  ", boss)
    assert Product.objects.get(pk=shop["blue"].pk).color == "midnight"
    suggestion.refresh_from_db()
    assert (suggestion.status, suggestion.answer) == (Status.CORRECTED, "midnight")


def test_what_is_rejected_is_never_proposed_again(shop, boss):
    proposing.refresh()
    assert proposing.reject(Suggestion.objects.get(product=shop["gold"]), boss)
    assert proposing.refresh().open == 3
    assert Product.objects.get(pk=shop["gold"].pk).color == ""


def test_what_a_person_filled_in_meanwhile_stays(shop, boss):
    proposing.refresh()
    suggestion = Suggestion.objects.get(product=shop["green"])
    Product.objects.filter(pk=shop["green"].pk).update(color="teal")
    assert not proposing.decide(suggestion, "green", boss)
    assert Product.objects.get(pk=shop["green"].pk).color == "teal"
    suggestion.refresh_from_db()
    assert suggestion.status == Status.OVERTAKEN


@pytest.mark.parametrize("value", ["", "   ", "x" * 500])
def test_a_value_that_does_not_fit_is_refused_and_nothing_changes(shop, boss, value):
    proposing.refresh()
    suggestion = Suggestion.objects.get(product=shop["red"])
    with pytest.raises(SuggestionError):
        proposing.decide(suggestion, value, boss)
    suggestion.refresh_from_db()
    assert suggestion.status == Status.OPEN
    assert Product.objects.get(pk=shop["red"].pk).color == ""


def test_only_the_first_of_two_decisions_counts(shop, boss):
    proposing.refresh()
    suggestion = Suggestion.objects.get(product=shop["red"])
    assert proposing.reject(suggestion, boss)
    with pytest.raises(SuggestionError, match="already"):
        proposing.decide(suggestion, "red", boss)
    assert Product.objects.get(pk=shop["red"].pk).color == ""


def test_a_trained_network_speaks_before_look_alikes_do():
    class Trained:
        def read_attributes(self, vectors):
            shares = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8]], np.float32)
            return {"color": (("red", "blue"), shares)}

    eye = np.eye(3, dtype=np.float32)
    catalogue = proposing.Catalogue([1, 2], [{}, {"color": "Red"}], [eye[:2], eye[2:]], eye[:2])
    said = proposing.opinions(Trained(), catalogue, "color")
    (one,) = said.proposals()
    assert (one.product_key, one.value, one.origin) == (1, "red", "network")
    assert one.confidence == pytest.approx(0.8)
    assert [(row, value) for row, value, _ in said.contradictions(0.75)] == [(1, "blue")]
    assert normalise("Red") != normalise("blue")


def test_a_shop_with_few_labels_gets_no_suggestions():
    for colour in COLOURS:
        make_product(colour, colour=colour)
    make_product("bare", colour="red")
    Product.objects.filter(sku="bare").update(color="")
    assert proposing.refresh() == proposing.Refreshed(0, {}, {})
