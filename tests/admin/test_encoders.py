"""Encoders side by side in the admin: seen, compared, switched and rolled back."""

import pytest
from django.urls import reverse

from recommender.models import Snapshot
from recommender.services import catching_up, training, versioning
from tests.eyes import COARSE

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "admin:recommender_encoders"


@pytest.fixture
def live(shop):
    return training.train()


@pytest.fixture
def candidate(live):
    version = versioning.prepare(COARSE).version
    catching_up.embed_here(catching_up.outstanding(version), version)
    return training.build(version)


def active():
    return Snapshot.objects.get(is_active=True)


def text_of(response):
    return response.content.decode()


def test_alone_there_is_nothing_to_compare_with(boss, live):
    page = text_of(boss.get(reverse(PAGE)))
    assert live.encoder_version in page
    assert "recommender_encoder prepare" in page
    assert reverse("admin:recommender_encoder_switch") not in page


def test_shelves_of_both_stand_side_by_side(boss, candidate):
    response = boss.get(reverse(PAGE))
    pairs = response.context["pairs"]
    assert pairs
    for pair in pairs:
        assert {place.card.id for place in pair.live} == {place.card.id for place in pair.other}
        assert pair.seed.id not in {place.card.id for place in pair.live}
    key = pairs[-1].seed.id
    assert [pair.seed.id for pair in boss.get(reverse(PAGE), {"product": key}).context["pairs"]] == [key]
    assert "There is no such product" in text_of(boss.get(reverse(PAGE), {"product": "4711"}))


def test_switching_and_rolling_back_ask_first(boss, live, candidate):
    for name, snapshot in (("switch", candidate), ("back", live)):
        url = reverse(f"admin:recommender_encoder_{name}")
        before = active()
        assert 'name="confirmed"' in text_of(boss.get(url))
        boss.post(url)
        assert active() == before
        page = text_of(boss.post(url, {"confirmed": "yes"}, follow=True))
        assert active() == snapshot
        assert f"Encoder {snapshot.encoder_version} is live." in page


def test_an_incomplete_candidate_is_not_switched_to_and_the_page_says_what_lacks(boss, live):
    versioning.prepare(COARSE)
    assert "4 products are lacking" in text_of(boss.get(reverse(PAGE)))
    page = text_of(boss.post(reverse("admin:recommender_encoder_switch"), {"confirmed": "yes"}, follow=True))
    assert "has not looked at 4 products yet" in page
    assert active() == live


def test_those_who_only_look_cannot_switch(staff, live, candidate):
    client = staff("view_snapshot")
    assert reverse("admin:recommender_encoder_switch") not in text_of(client.get(reverse(PAGE)))
    for name in ("switch", "back"):
        url = reverse(f"admin:recommender_encoder_{name}")
        assert client.post(url, {"confirmed": "yes"}).status_code == 403
    assert active() == live
