"""The shop's own events, held out by time."""

import uuid
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from recommender.models import Interaction, Visitor
from recommender.services import embedding
from recommender.services.evaluating.evaluation import evaluate, read_shop
from tests.shop import make_product

pytestmark = pytest.mark.django_db

STRATEGIES = ["random", "popularity", "recent_popularity", "visual", "attributes", "cosine", "hybrid"]


@pytest.fixture
def events():
    products = [make_product(f"p{i}", colour=("red", "blue")[i % 2], lens=1 + i // 6) for i in range(12)]
    embedding.embed([product.pk for product in products])
    now = timezone.now()
    for person in range(12):
        visitor = Visitor.objects.create()
        for step in range(5):
            Interaction.objects.create(
                visitor=visitor,
                product=products[(person % 2 + 2 * (person + step)) % 12],
                kind="purchase",
                occurred_at=now - timedelta(days=50 - 10 * step, minutes=person),
                client_id=uuid.uuid4(),
            )


def test_the_shop_is_its_own_data_set(events):
    history = read_shop()
    assert history.n == 12
    assert history.is_dated
    assert float(history.train.ages_days.min()) == 0
    report = evaluate(history, strategies=STRATEGIES, budget_seconds=2)
    assert set(report["strategies"]) == set(STRATEGIES)
    assert report["users"] == {"judged": 12, "new": 0}


def test_a_shop_without_events_says_so():
    make_product("p1", picture=False)
    with pytest.raises(CommandError, match="Nobody has both a history and something new to foresee"):
        call_command("recommender_evaluate", verbosity=0)
