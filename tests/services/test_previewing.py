import uuid

import pytest
from django.utils import timezone

from recommender.models import Interaction, Visitor
from recommender.services import previewing, training
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop():
    return [make_product(f"Nova {n}", colour=("red", "blue")[n % 2], corner=5 * n) for n in range(6)]


@pytest.fixture
def visitor(shop):
    visitor = Visitor.objects.create()
    for product in shop[:2]:
        Interaction.objects.create(
            visitor=visitor, product=product, kind="view", occurred_at=timezone.now(), client_id=uuid.uuid4()
        )
    return visitor


def test_parts_are_stacked_and_sum_to_the_score(shop, visitor):
    training.train()
    preview = previewing.preview_product(shop[0])
    assert preview.seed.title == "Nova 0"
    assert preview.has_vector
    assert preview.n_events > 0
    assert len(preview.items) == 5
    for item in preview.items:
        ends = 0.0
        for part in item.parts:
            assert part.start == pytest.approx(ends, abs=1e-6)
            ends += part.value
        assert ends == pytest.approx(item.recommended.score, abs=1e-5)
        assert item.source_label
    assert sum(weight.share for weight in preview.weights) == pytest.approx(1)


def test_a_product_without_picture_or_history_says_so(shop):
    bare = make_product("Bare", picture=False)
    preview = previewing.preview_product(bare)
    assert not preview.has_vector
    assert (preview.n_events, preview.snapshot_id) == (0.0, None)


def test_a_visitors_shelf_comes_with_the_events_behind_it(shop, visitor):
    gone = make_product("Gone")
    Interaction.objects.create(
        visitor=visitor, product=gone, kind="cart", occurred_at=timezone.now(), client_id=uuid.uuid4()
    )
    gone.delete()
    training.train()
    preview = previewing.preview_visitor(visitor)
    assert [(seen.label, seen.card and seen.card.title) for seen in preview.events] == [
        ("put into the basket", None),
        ("viewed", "Nova 1"),
        ("viewed", "Nova 0"),
    ]
    assert preview.items
    assert preview.seed is None


def test_products_are_found_by_title_number_or_key(shop):
    assert [card.title for card in previewing.search_products("nova 3")] == ["Nova 3"]
    assert [card.title for card in previewing.search_products(str(shop[4].pk))][-1] == "Nova 4"
    assert previewing.search_products("nothing like it") == []
    assert len(previewing.search_products("nova", limit=2)) == 2
    assert previewing.find_product(str(shop[0].pk)) == shop[0]
    assert previewing.find_product("no key") is None


def test_visitors_are_found_by_id(visitor):
    assert previewing.find_visitor(f" {visitor.pk} ") == visitor
    assert previewing.find_visitor("no id") is None
    assert previewing.find_visitor(str(uuid.uuid4())) is None


@pytest.mark.parametrize(("n", "k", "share"), [(0, 20, 0.0), (20, 20, 0.5), (180, 20, 0.9), (0, 0, 0.0)])
def test_the_share_of_behaviour(n, k, share):
    assert previewing.behaviour_share(n, k) == share
