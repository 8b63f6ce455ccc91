import uuid
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone, translation

from catalog.models import Product
from recommender.core.fold_in import fold_in_scores
from recommender.exceptions import (
    JobBusyError,
    NotEnoughHistoryError,
    SnapshotMissingError,
    UnfitSnapshotError,
    UnknownProductError,
)
from recommender.models import Interaction, Job, Snapshot, Visitor
from recommender.services import explaining, jobs, publishing, recommending, serving, training
from tests.shop import add_picture, make_product, phone_picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
@transaction.atomic  # then all pictures are embedded in one go
def shop():
    """Ten families in red and blue; storage variants share the family."""
    products = {}
    for number in range(10):
        for colour in ("red", "blue"):
            name = f"f{number}-{colour}"
            products[name] = make_product(name, colour=colour, family=f"f{number}", corner=5 * number)
    return products


def visit(visitor, *products, kind="view", **values):
    Interaction.objects.bulk_create(
        Interaction(
            visitor=visitor,
            product_id=product.pk,
            kind=kind,
            occurred_at=timezone.now(),
            client_id=uuid.uuid4(),
            **values,
        )
        for product in products
    )


@pytest.fixture
@transaction.atomic
def history(shop):
    """Shoppers of two tastes: one half looks at most of f0..f4 together, the other at f5..f9."""
    for number in range(80):
        visitor = Visitor.objects.create()
        families = range(5) if number % 2 else range(5, 10)
        liked = [shop[f"f{family}-{colour}"] for family in families for colour in ("red", "blue")]
        visit(visitor, *(product for i, product in enumerate(liked) if (i + number // 2) % 3))
    return shop


def names(shelf):
    return [item.card.title for item in shelf.items]


def check_shape(shelf):
    assert [item.position for item in shelf.items] == list(range(1, len(shelf.items) + 1))
    for item in shelf.items:
        assert 0 <= item.score <= 1
        assert sum(item.parts.values()) == pytest.approx(item.score, abs=1e-5)
        assert item.reason
        assert item.card.id == str(item.product.pk)


def test_shelves_fill_before_anything_was_trained(shop):
    shelf = recommending.similar(shop["f3-red"], k=4)
    check_shape(shelf)
    assert shelf.snapshot_id is None
    assert all(name.endswith("red") for name in names(shelf))
    assert {item.source for item in shelf.items} == {explaining.Source.VISUAL}


def test_similar_after_training(shop):
    snapshot = training.train()
    shelf = recommending.similar(shop["f3-red"], k=4)
    check_shape(shelf)
    assert shelf.snapshot_id == snapshot.pk
    assert all(name.endswith("red") for name in names(shelf))
    assert "f3-blue" not in names(recommending.similar(shop["f3-red"], k=12))
    families = [item.product.family_id for item in recommending.similar(shop["f3-red"], k=12).items]
    assert len(set(families)) == len(families)


def test_a_new_product_stands_in_shelves_without_training(shop):
    training.train()
    make_product("late", colour="red", corner=15)
    assert names(recommending.similar(shop["f3-red"], k=20)).count("late") == 1
    late = make_product("later", colour="blue", corner=15)
    assert all(name.endswith("blue") for name in names(recommending.similar(late, k=4)))


def test_a_new_picture_moves_a_product_without_training(shop):
    training.train()
    assert names(recommending.similar(shop["f3-red"], k=9)).count("f4-red") == 1
    shop["f4-red"].images.get().delete()
    add_picture(shop["f4-red"], phone_picture("blue", corner=20))
    similar_to_blue = names(recommending.similar(shop["f3-blue"], k=9))
    assert "f4-red" in similar_to_blue or "f4-blue" in similar_to_blue
    scores = {item.card.title: item.score for item in recommending.similar(shop["f3-red"], k=20).items}
    assert "f4-red" not in scores or scores["f4-red"] < scores["f5-red"]


def test_deleted_sold_out_and_hidden_products_leave_at_once(shop):
    training.train()
    before = names(recommending.similar(shop["f3-red"], k=3))
    gone, sold_out, hidden = (shop[name] for name in before)
    gone.delete()
    type(sold_out).objects.filter(pk=sold_out.pk).update(stock=0)
    type(hidden).objects.filter(pk=hidden.pk).update(is_visible=False)
    assert not set(before) & set(names(recommending.similar(shop["f3-red"], k=20)))


def test_similar_products_keep_to_their_category_while_they_can(shop):
    tablets = [make_product(f"tablet{i}", colour="red", corner=15, category="tablet") for i in range(3)]
    training.train()
    assert not {"tablet0", "tablet1", "tablet2"} & set(names(recommending.similar(shop["f3-red"], k=9)))
    assert set(names(recommending.similar(tablets[0], k=4))[:2]) == {"tablet1", "tablet2"}
    assert len(recommending.similar(tablets[0], k=4).items) == 4


def test_behaviour_counts(history):
    training.train()
    shelf = recommending.similar(history["f3-red"], k=4)
    check_shape(shelf)
    assert len({name[:2] for name in names(shelf)} & {"f0", "f1", "f2", "f4"}) >= 3
    assert all(item.parts["collaborative"] > 0 for item in shelf.items)


def test_what_is_bought_together_is_told_from_what_is_looked_at(history, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"WEIGHTS": {"collaborative": 1.0}}
    for _ in range(2):
        visit(Visitor.objects.create(), history["f3-red"], history["f1-blue"], kind="purchase")
    visit(Visitor.objects.create(), history["f3-red"], history["f2-blue"], kind="purchase")
    training.train()
    sources = {item.card.title: item.source for item in recommending.similar(history["f3-red"], k=4).items}
    assert sources["f1-blue"] is explaining.Source.BOUGHT_TOGETHER
    assert set(sources.values()) == {explaining.Source.BOUGHT_TOGETHER, explaining.Source.ALSO_VIEWED}


def test_the_product_that_a_visitor_owes_a_recommendation_to_is_named(history):
    training.train()
    visitor = Visitor.objects.create()
    visit(visitor, history["f6-blue"])
    with translation.override("en"):
        assert {item.reason for item in recommending.for_you(visitor, k=3).items} == {"Because you viewed f6-blue"}
        history["f6-blue"].delete()
        assert not any("f6" in item.reason for item in recommending.for_you(visitor, k=3).items)


def test_a_sold_out_product_is_replaced_by_a_variant_of_its_family(shop):
    training.train()
    first = recommending.similar(shop["f3-red"], k=4).items[0].product
    make_product("twin", colour="red", family=first.family.key, corner=15)
    Product.objects.filter(pk=first.pk).update(stock=0)
    shown = names(recommending.similar(shop["f3-red"], k=4))
    assert first.title not in shown
    assert "twin" in shown


def test_a_shelf_is_full_while_enough_is_in_stock(shop):
    training.train()
    best = names(recommending.similar(shop["f3-red"], k=9))[:7]
    Product.objects.filter(title__in=best).update(stock=0)
    left = names(recommending.similar(shop["f3-red"], k=9))
    assert len(left) == 9
    assert not set(left) & set(best)


def test_a_family_that_changed_since_the_training_is_not_shown_beside_itself(shop):
    training.train()
    first = names(recommending.similar(shop["f3-red"], k=4))[0]
    Product.objects.filter(title=first).update(family=shop["f3-red"].family)
    assert first not in names(recommending.similar(shop["f3-red"], k=9))


def test_no_brand_has_more_than_half_of_the_places_while_others_fit(settings):
    for number in range(8):
        make_product(f"a{number}", colour="red", brand="Ada", corner=3 * number)
    for number in range(4):
        make_product(f"b{number}", colour="blue", brand="Bob", corner=3 * number)
    training.train()
    seed = Product.objects.get(title="a0")
    assert [item.card.brand for item in recommending.similar(seed, k=6).items].count("Ada") == 3
    settings.RECOMMENDER = settings.RECOMMENDER | {"BRAND_SHARE": 1.0, "DIVERSITY": 0.0}
    assert {item.card.brand for item in recommending.similar(seed, k=6).items} == {"Ada"}


def test_similar_by_key_is_the_same_and_refuses_what_visitors_may_not_see(shop):
    training.train()
    assert names(recommending.similar_to(shop["f3-red"].pk, k=4)) == names(recommending.similar(shop["f3-red"], k=4))
    Product.objects.filter(title="f3-red").update(is_visible=False)
    for hidden in (shop["f3-red"].pk, 0):
        with pytest.raises(UnknownProductError):
            recommending.similar_to(hidden, k=4)


def test_for_a_known_visitor(history):
    training.train()
    visitor = Visitor.objects.create()
    visit(visitor, history["f6-blue"], history["f7-blue"])
    shelf = recommending.for_you(visitor, k=3)
    check_shape(shelf)
    assert {name[:2] for name in names(shelf)} <= {"f5", "f6", "f7", "f8", "f9"}
    assert {item.source for item in shelf.items} == {explaining.Source.FOR_YOU}


def test_what_a_visitor_knows_is_not_offered_again(history):
    training.train()
    visitor = Visitor.objects.create()
    visit(visitor, history["f6-blue"])
    visit(visitor, history["f7-blue"], kind="purchase")
    assert not {"f6-blue", "f7-blue"} & set(names(recommending.for_you(visitor, k=20)))


@pytest.mark.parametrize("kind", ["purchase", "cart"])
def test_no_variant_of_what_a_visitor_owns_is_offered(history, kind):
    training.train()
    visitor = Visitor.objects.create()
    visit(visitor, history["f1-red"])
    assert "f1-blue" in names(recommending.for_you(visitor, k=10))
    visit(visitor, history["f1-red"], kind=kind)
    shelf = recommending.for_you(visitor, k=10)
    assert not {"f1-red", "f1-blue"} & set(names(shelf))
    assert len(shelf.items) == 9


def test_a_stranger_sees_what_is_popular(history):
    training.train()
    visit(Visitor.objects.create(), history["f1-red"], kind="purchase")
    training.train()
    shelf = recommending.for_you(None, k=3)
    check_shape(shelf)
    assert names(shelf)[0] == "f1-red"
    assert {item.source for item in shelf.items} == {explaining.Source.TRENDING}
    assert names(recommending.trending(k=3)) == names(shelf)


def test_without_history_the_newest_fill_the_shelf():
    make_product("plain", picture=False)
    latest = make_product("latest", picture=False)
    shelf = recommending.for_you(None)
    assert names(shelf) == ["latest", "plain"]
    assert {item.source for item in shelf.items} == {explaining.Source.NEWEST}
    assert names(recommending.similar(latest)) == ["plain"]


def test_an_empty_shop_has_empty_shelves():
    assert recommending.trending().items == []
    with pytest.raises(NotEnoughHistoryError):
        training.train()
    assert Job.objects.get().state == Job.State.FAILED


def test_query_counts(history, django_assert_num_queries, settings):
    training.train()
    settings.RECOMMENDER = settings.RECOMMENDER | {"POLL_SECONDS": 60}
    visitor = Visitor.objects.create()
    visit(visitor, history["f6-blue"])
    serving.current()
    for k in (1, 9):
        with django_assert_num_queries(2):  # products and their pictures
            recommending.similar(history["f3-red"], k=k)
        with django_assert_num_queries(3):
            recommending.for_you(visitor, k=k)


def test_reasons_are_translated(shop):
    with translation.override("en"):
        assert recommending.similar(shop["f3-red"], k=1).items[0].reason == "Same colour: red"


def test_a_snapshot_survives_packing(history):
    snapshot = training.train()
    loaded = publishing.load(Snapshot.objects.get(pk=snapshot.pk))
    assert loaded.catalogue.n == len(history) == snapshot.n_products
    assert snapshot.metrics["events"] == Interaction.objects.count()
    assert snapshot.metrics["visitors"] == 80
    artefact = loaded.catalogue.artefact
    row = serving.current().row(history["f0-red"].pk)
    scores = fold_in_scores(artefact, loaded.catalogue.visual.rows[row][:1], loaded.catalogue.events[:1])
    assert scores.shape == (20,)


def test_rolling_back_serves_the_earlier_snapshot(shop):
    first, second = training.train(), training.train()
    assert serving.current().snapshot == second
    assert publishing.roll_back() == first
    assert serving.current().snapshot == first
    assert Snapshot.objects.filter(is_active=True).count() == 1
    with pytest.raises(SnapshotMissingError):
        publishing.roll_back()


def damage_objects():
    storage = storages["recommender"]
    for name in storage.listdir("objects")[1]:
        Path(storage.path(f"objects/{name}")).write_bytes(b"damaged")


def test_a_damaged_snapshot_leaves_the_shop_standing(shop, settings, tmp_path):
    training.train()
    settings.RECOMMENDER = settings.RECOMMENDER | {"CACHE_DIR": tmp_path / "another host"}
    damage_objects()
    assert len(recommending.similar(shop["f3-red"], k=4).items) == 4


def test_an_unknown_format_leaves_the_shop_standing(shop):
    training.train()
    Snapshot.objects.update(format_version=99)
    serving.reset()
    assert len(recommending.similar(shop["f3-red"], k=4).items) == 4


def test_two_trainings_cannot_run_at_once(shop):
    with jobs.running(Job.Kind.TRAIN), pytest.raises(JobBusyError):
        training.train()
    training.train()


def test_a_dead_training_frees_its_place(shop):
    Job.objects.create(kind=Job.Kind.TRAIN, heartbeat_at=timezone.now() - 2 * jobs.SILENCE)
    training.train()
    assert sorted(Job.objects.values_list("state", flat=True)) == ["done", "failed"]


def test_a_catalogue_that_shrank_by_half_is_not_published(shop):
    first = training.train()
    for name, product in shop.items():
        if name != "f0-red":
            product.delete()
    with pytest.raises(UnfitSnapshotError):
        training.train()
    assert Snapshot.objects.get(is_active=True) == first
    assert training.train(force=True).n_products == 1


def test_one_product_alone():
    only = make_product("only")
    training.train()
    assert recommending.similar(only).items == []


def test_identical_pictures_are_fine():
    twins = [make_product(f"t{i}", colour="gold") for i in range(5)]
    training.train()
    shelf = recommending.similar(twins[0], k=10)
    check_shape(shelf)
    assert len(shelf.items) == 4


def test_old_snapshots_are_dropped_with_their_files(shop):
    for _ in range(7):
        training.train()
    assert Snapshot.objects.count() == 5
    named = {checksum for files in Snapshot.objects.values_list("files", flat=True) for checksum in files.values()}
    assert {name.removesuffix(".npy") for name in storages["recommender"].listdir("objects")[1]} == named
