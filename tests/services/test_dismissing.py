"""What a visitor dismissed is out of each of their shelves at once, and nobody else's."""

import pytest

from recommender.core.weighting import interaction_weights
from recommender.models import Visitor
from recommender.services import past, recommending, serving, tracking, visitors
from recommender.storage import interactions
from tests.services.test_tracking import event, request_of
from tests.shop import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def phones():
    """Four families without pictures: shelves show the newest first."""
    return [make_product(f"phone-{number}", picture=False) for number in range(4)]


def keys(shelf):
    return [item.product.pk for item in shelf.items]


def test_a_dismissed_product_is_out_of_every_shelf_at_once_and_back_when_undone(phones):
    seed, *others = phones
    request = request_of()
    tracking.track(request, "dismiss", others[0])
    visitor = Visitor.objects.get()
    for shelf in (
        recommending.similar(seed, visitor=visitor),
        recommending.similar_to(seed.pk, visitor=visitor),
        recommending.for_you(visitor, exclude=[seed.pk]),
        recommending.trending(visitor=visitor, exclude=[seed.pk]),
    ):
        assert keys(shelf) == [others[2].pk, others[1].pk]
    assert others[0].pk in keys(recommending.similar(seed, visitor=Visitor.objects.create()))
    assert others[0].pk in keys(recommending.similar(seed))
    tracking.undo_dismissal(request_of(session=request.session), others[0].pk)
    assert others[0].pk in keys(recommending.similar(seed, visitor=visitor))


def test_a_dismissal_costs_no_query(phones, django_assert_num_queries, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"POLL_SECONDS": 60}
    visitor = Visitor.objects.create()
    tracking.record_batch(visitor, [event(phones[1], kind="dismiss")])
    serving.current()
    for known in (None, visitor):
        with django_assert_num_queries(2):  # the newest products and their pictures
            recommending.similar(phones[0], visitor=known)


def test_a_product_taken_out_of_the_basket_is_not_owned(phones):
    visitor = Visitor.objects.create()
    in_time = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")
    for kinds, owned in ((("cart",), True), (("cart", "remove"), False), (("cart", "remove", "cart"), True)):
        for kind, moment in zip(kinds, in_time, strict=False):
            tracking.record_batch(visitor, [event(phones[0], kind=kind, occurred_at=moment)])
        events = interactions.recent(visitor, 10)
        found = past.bought(events) | past.in_basket(events)
        assert found == ({str(phones[0].pk)} if owned else set())
        visitor = Visitor.objects.create()


def test_undoing_what_was_never_dismissed_changes_nothing(phones):
    request = request_of()
    tracking.undo_dismissal(request, phones[0].pk)
    assert visitors.from_request(request) is None


@pytest.mark.parametrize(
    ("kinds", "weight"),
    [
        (["cart", "remove"], None),
        (["view", "cart", "remove"], 1.0),
        (["view"] * 9 + ["dismiss"], None),
        (["view", "favourite", "dismiss"], None),
    ],
)
def test_removing_takes_back_the_basket_and_dismissing_everything(kinds, weight):
    import numpy as np

    from recommender.conf import settings

    n = len(kinds)
    worth = np.array([settings.EVENT_WEIGHTS[kind] for kind in kinds], np.float32)
    zeros = np.zeros(n, np.int32)
    found = interaction_weights(
        zeros, zeros, worth, zeros.astype(np.float32), np.ones(n, np.float32), n=1, half_life_days=90
    )
    assert found.weights.tolist() == ([] if weight is None else [weight])
