"""Trainings in a shop: what is selected, published and served, and that nothing that is live is ever lost."""

import uuid
from datetime import timedelta
from threading import Barrier, Thread

import numpy as np
import pytest
from django.db import connection, transaction
from django.utils import timezone

from recommender.core.weighting import interaction_weights
from recommender.exceptions import JobBusyError, NotEnoughHistoryError, RecommenderError, UnfitSnapshotError
from recommender.models import Interaction, Job, Selection, Snapshot, Visitor
from recommender.services import configuring, embedding, recommending, serving, training
from recommender.services.selecting import words
from recommender.services.training import Listener, Tuning
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)

SELECT = Tuning(True, 0.2)
ENGINE = {"BACKEND": "recommender.engines.ease.EASE", "OPTIONS": {"regularization": 20.0}}


def happen(visitors, products, *, each=8, seed=0, **values):
    """Each visitor views some products within one of two halves of the range, over two months."""
    rng = np.random.default_rng(seed)
    now = timezone.now()
    half = len(products) // 2
    Interaction.objects.bulk_create(
        Interaction(
            visitor=visitor,
            product_id=products[int(row) + half * (number % 2)],
            kind="view",
            occurred_at=now - timedelta(days=float(days)),
            client_id=uuid.uuid4(),
            **values,
        )
        for number, visitor in enumerate(visitors)
        for row, days in zip(rng.permutation(half)[:each], np.sort(rng.uniform(0, 60, each)), strict=True)
    )


@pytest.fixture
@transaction.atomic  # then all pictures are embedded in one go
def range_():
    """Forty products, two in three without a picture, so that a test takes no longer than it must."""
    made = [make_product(f"p{i:02}", colour=("red", "blue")[i < 20], picture=i % 3 == 0) for i in range(40)]
    keys = [product.pk for product in made]
    embedding.embed(keys)
    return keys


@pytest.fixture
def crowd(range_):
    """Enough history to judge: 400 visitors of two tastes."""
    visitors = Visitor.objects.bulk_create([Visitor() for _ in range(400)])
    happen(visitors, range_)
    return visitors


def active() -> Snapshot:
    return Snapshot.objects.get(is_active=True)


def test_the_first_training_with_enough_history_selects_and_the_next_learns_the_same_anew(settings, crowd):
    settings.RECOMMENDER = settings.RECOMMENDER | {"TRAINING_BUDGET_SECONDS": 0.2}
    first = training.train()
    assert first.selection.verdict in (Selection.Verdict.LEARNED, Selection.Verdict.SINGLE)
    assert first.selection.n_positives >= 500
    assert first.config["configuration"]["origin"] == first.selection.winner
    second = training.train()
    assert second.selection == first.selection
    assert second.config["configuration"] == first.config["configuration"]
    assert second.config["visitor_blend"] == first.config["visitor_blend"]
    assert Selection.objects.count() == 1


@pytest.mark.once
def test_what_was_selected_is_what_is_served(crowd):
    snapshot = training.train(tuning=SELECT)
    view = serving.current()
    kept = configuring.of(snapshot)
    assert view.catalogue.visitor_blend == kept.visitor_blend
    assert view.catalogue.item_blend == kept.item_blend
    assert configuring.half_life_days(view.snapshot) == kept.half_life_days
    shelf = recommending.for_you(crowd[0], k=6)
    assert {name for item in shelf.items for name in item.parts} <= {*kept.visitor_blend.weights, "trend"}


@pytest.mark.once
def test_a_doubled_history_is_selected_on_again(settings, crowd, range_):
    settings.RECOMMENDER = settings.RECOMMENDER | {"TRAINING_BUDGET_SECONDS": 0.1}
    first = training.train().selection
    happen(Visitor.objects.bulk_create([Visitor() for _ in range(400)]), range_, seed=1)
    second = training.train().selection
    assert second != first
    assert second.n_events == 2 * first.n_events
    assert "live" in {candidate["name"] for candidate in second.candidates} | {second.winner}


@pytest.mark.once
def test_learning_anew_keeps_a_configuration_that_the_settings_did_not_name(range_, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"COLLABORATIVE": ENGINE}
    first = training.train()
    assert first.config["configuration"]["engine"] == ENGINE
    Snapshot.objects.update(
        config=first.config | {"configuration": first.config["configuration"] | {"origin": "learned"}}
    )
    settings.RECOMMENDER = {name: value for name, value in settings.RECOMMENDER.items() if name != "COLLABORATIVE"}
    assert training.train(tuning=Tuning(False)).config["configuration"]["engine"] == ENGINE


def test_too_little_history_says_so_and_the_defaults_go_live(range_):
    happen([Visitor.objects.create() for _ in range(5)], range_)
    snapshot = training.train()
    assert snapshot.selection.verdict == Selection.Verdict.TOO_LITTLE
    assert words.verdict(snapshot.selection)[0].startswith("There is not enough history to judge")
    assert snapshot.config["configuration"]["origin"] == "defaults"
    assert configuring.of(snapshot) == configuring.from_settings()


def test_a_rehearsal_changes_nothing(crowd):
    selection = training.rehearse(budget_seconds=0.1)
    assert selection.pk is None
    assert selection.candidates
    assert not Snapshot.objects.exists()
    assert not Selection.objects.exists()


# Nothing that is live is lost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["Choosing options", "Learning", "Publishing"])
def test_interrupting_anywhere_loses_nothing(crowd, stage):
    before = training.train(tuning=Tuning(False))

    def stop(name: str) -> None:
        if name == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(Listener(say=stop), tuning=Tuning(True, 0.1))
    assert active() == before
    assert recommending.similar(next(iter(_products())), k=3).snapshot_id == before.pk
    assert Job.objects.first().state == Job.State.FAILED
    assert training.train(tuning=Tuning(False)).is_active


def test_a_training_that_was_taken_for_dead_does_not_publish_over_its_successor(crowd):
    successors = []

    def be_overtaken(name: str) -> None:
        if name == "Publishing" and not successors:
            Job.objects.update(state=Job.State.FAILED)
            successors.append(training.train(tuning=Tuning(False)))

    with pytest.raises(RecommenderError, match="taken for dead"):
        training.train(Listener(say=be_overtaken), tuning=Tuning(False))
    assert active() == successors[0]


def test_of_two_trainings_at_once_one_publishes(range_):
    barrier = Barrier(2)
    outcomes = []

    def run() -> None:
        try:
            barrier.wait()
            outcomes.append(training.train(Listener(say=lambda name: _meet(name)), tuning=Tuning(False)))
        except JobBusyError as error:
            outcomes.append(error)
            busy.wait()
        finally:
            connection.close()

    busy = Barrier(2)

    def _meet(name: str) -> None:
        if name == "Publishing":  # the winner waits here until the other one was turned away
            busy.wait(timeout=30)

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["JobBusyError", "Snapshot"]
    assert Snapshot.objects.count() == 1


def test_a_snapshot_that_lost_its_pictures_does_not_go_live(range_):
    before = training.train(tuning=Tuning(False))
    Snapshot.objects.update(metrics=before.metrics | {"pictured": 1000})
    with pytest.raises(UnfitSnapshotError, match="14 products with a picture, the active one 1000"):
        training.train(tuning=Tuning(False))
    assert active() == before
    assert training.train(force=True, tuning=Tuning(False)).is_active


# Bad input -----------------------------------------------------------------------------------------------------------


def _products():
    from catalog.models import Product

    return Product.objects.order_by("pk")


def test_a_shop_without_products_keeps_what_it_has(range_):
    before = training.train(tuning=SELECT)
    _products().delete()
    with pytest.raises(NotEnoughHistoryError, match="The shop has no products yet"):
        training.train(tuning=SELECT)
    assert active() == before


ODD_HISTORIES = {
    "none": [],
    "one": [(0, 0, 1, 0)],
    "one user": [(0, row, 1, 0) for row in range(30)],
    "one product": [(visitor, 0, 1, 0) for visitor in range(30)],
    "all identical": [(0, 0, 1, 0)] * 600,
    "all cold": [(visitor, visitor, 1, 0) for visitor in range(40)],
    "negative": [(visitor, visitor % 7, -3, 0) for visitor in range(40)],
    "zero": [(visitor, visitor % 7, 0, 0) for visitor in range(40)],
    "future": [(visitor, visitor % 7, 1, -400) for visitor in range(40)],
    "huge quantities": [(visitor, visitor % 7, 2**31 - 1, 9) for visitor in range(40)],
}
"""Name -> (visitor, product, quantity, days ago) of each purchase."""
STORED_ALIKE = {"one user", "one product", "all identical", "all cold"}
"""Those that are odd to the arithmetic alone; to every database they are rows like any other."""


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(events, id=name, marks=[pytest.mark.once] if name in STORED_ALIKE else [])
        for name, events in ODD_HISTORIES.items()
    ],
)
def test_odd_histories_train_say_so_and_serve(range_, events):
    before = training.train(tuning=Tuning(False))
    visitors = Visitor.objects.bulk_create([Visitor() for _ in range(41)])
    now = timezone.now()
    Interaction.objects.bulk_create(
        Interaction(
            visitor=visitors[visitor],
            product_id=range_[row],
            kind="purchase",
            quantity=quantity,
            occurred_at=now - timedelta(days=days),
            client_id=uuid.uuid4(),
        )
        for visitor, row, quantity, days in events
    )
    snapshot = training.train(tuning=SELECT)
    assert snapshot.pk > before.pk
    assert snapshot.selection.verdict == Selection.Verdict.TOO_LITTLE
    assert configuring.of(snapshot) == configuring.from_settings()
    for shelf in (recommending.similar(_products()[0], k=4), recommending.for_you(visitors[0], k=4)):
        assert len(shelf.items) == 4
        assert all(0 <= item.score <= 1 for item in shelf.items)


def test_a_product_deleted_between_training_and_serving_is_not_shown(crowd, range_):
    training.train(tuning=SELECT)
    gone = recommending.for_you(crowd[0], k=3).items[0].product
    key = gone.pk
    gone.delete()
    assert key not in {item.product.pk for item in recommending.for_you(crowd[0], k=30).items}
    assert key not in {item.product.pk for item in recommending.similar(_products()[0], k=30).items}
    assert training.train(tuning=Tuning(False)).n_products == 39


@pytest.mark.once
def test_a_robot_weighs_no_more_than_a_busy_customer():
    rng = np.random.default_rng(0)
    robot, people = 300_000, 3000
    users = np.concatenate([np.zeros(robot), rng.integers(1, 300, people)]).astype(np.int32)
    rows = np.concatenate([rng.integers(0, 500, robot), rng.integers(0, 500, people)]).astype(np.int32)
    ones = np.ones(users.size, np.float32)
    weighted = interaction_weights(
        users, rows, ones, np.zeros(users.size, np.float32), ones, n=500, half_life_days=90.0
    )
    assert weighted.weights[weighted.users == 0].sum() <= 500.001
    without = interaction_weights(
        users[robot:], rows[robot:], ones[robot:], 0 * ones[robot:], ones[robot:], n=500, half_life_days=90.0
    )
    assert (weighted.events - without.events).max() == 1
    assert np.array_equal(weighted.weights[weighted.users > 0], without.weights)
