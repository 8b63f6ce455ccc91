import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Order, OrderLine
from recommender.models import ImageEmbedding, Interaction, Snapshot, Visitor
from recommender.services import training
from recommender.services.diagnosing import Facts, diagnose, gather
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop():
    products = [make_product(f"p{n}", colour=colour) for n, colour in enumerate(("red", "blue", "green"))]
    for visitor in (Visitor.objects.create() for _ in range(4)):
        for product in products:
            Interaction.objects.create(
                visitor=visitor, product=product, kind="view", occurred_at=timezone.now(), client_id=uuid.uuid4()
            )
    return products


def works(facts: Facts):
    return {strategy.name: strategy.works for strategy in diagnose(facts).strategies}


def cures(facts: Facts):
    diagnosis = diagnose(facts)
    findings = [*diagnosis.general, *(finding for strategy in diagnosis.strategies for finding in strategy.findings)]
    return {finding.cure for finding in findings if not finding.ok}


def test_an_empty_shop_lacks_everything():
    facts = gather()
    assert works(facts) == dict.fromkeys(["visual", "collaborative", "attributes", "trend", "hybrid"], False)
    assert not diagnose(facts).shelves_work
    assert "manage.py recommender_train" in cures(facts)


def test_a_trained_shop_lacks_nothing(shop):
    training.train()
    facts = gather(orders=True)
    assert works(facts) == dict.fromkeys(["visual", "collaborative", "attributes", "trend", "hybrid"], True)
    assert cures(facts) == set()
    assert (facts.products, facts.with_vector, facts.events, facts.visitors) == (3, 3, 12, 4)
    assert facts.orders_missing == 0


def test_pictures_that_wait_or_failed_are_counted_and_do_not_stop_shelves(shop):
    training.train()
    rows = list(ImageEmbedding.objects.all())
    ImageEmbedding.objects.filter(pk=rows[0].pk).update(status="failed")
    long_ago = timezone.now() - timedelta(hours=1)
    ImageEmbedding.objects.filter(pk=rows[1].pk).update(status="pending", updated_at=long_ago)
    facts = gather()
    assert (facts.pictures["failed"], facts.pictures["pending"], facts.overdue) == (1, 1, 1)
    assert works(facts)["visual"]
    assert "manage.py recommender_embed" in cures(facts)


def test_orders_that_are_no_events_yet_are_counted(shop):
    order = Order.objects.create()
    OrderLine.objects.create(order=order, product=shop[0], sku="p0", title="P", quantity=1, position=1)
    facts = gather(orders=True)
    assert facts.orders_missing == 1
    assert "manage.py recommender_backfill" in cures(facts)
    assert gather().orders_missing is None


def test_a_snapshot_of_another_encoder_an_old_one_and_a_damaged_one_are_named(shop, tmp_path):
    training.train()
    Snapshot.objects.update(encoder_version="other-1", created_at=timezone.now() - timedelta(days=90))
    facts = gather()
    assert works(facts)["hybrid"], "it is still served"
    assert "manage.py recommender_embed && manage.py recommender_train" in cures(facts)
    assert facts.snapshot_age_days == pytest.approx(90, abs=0.1)
    Snapshot.objects.update(files={"ids": "0" * 64})
    facts = gather()
    assert not works(facts)["hybrid"]
    assert "is not in the storage" in facts.snapshot_error


def test_an_encoder_that_cannot_run_here_matters_only_before_anything_is_embedded(shop):
    facts = replace(gather(), encoder_lacks=["needs x: pip install x"])
    assert works(facts)["visual"]
    assert not works(replace(facts, with_vector=0))["visual"]
    assert "needs x: pip install x" in cures(facts)


def test_an_engine_that_cannot_fit_here_matters_only_before_behaviour_was_learned(shop):
    training.train()
    facts = replace(gather(), model_lacks=["needs x: pip install x"])
    assert works(facts)["collaborative"]
    assert not works(replace(facts, snapshot=None))["collaborative"]


def test_a_broker_and_its_workers(shop):
    facts = gather()
    assert "Start it, and look at CELERY_BROKER_URL." in cures(replace(facts, tasks="celery", broker=False))
    assert any("celery -A" in cure for cure in cures(replace(facts, tasks="celery", broker=True, workers=0)))
    assert not any("celery" in cure for cure in cures(replace(facts, tasks="celery", broker=True, workers=2)))


def test_optional_methods_that_are_missing_are_named(settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"PRODUCT_SOURCE": "recommender.sources.ProductSource"}
    facts = gather(orders=True)
    assert facts.optional_missing == ["upsert", "purchases", "import_history"]
    assert facts.orders_missing is None
    assert any("override upsert()" in cure for cure in cures(facts))
    assert any("Override attributes()" in cure for cure in cures(facts))


def test_the_number_of_queries_does_not_grow(shop, django_assert_max_num_queries):
    training.train()
    for n in range(10):
        make_product(f"more{n}")
    with django_assert_max_num_queries(16):
        gather()
