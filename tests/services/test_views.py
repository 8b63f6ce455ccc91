"""Products with several pictures: judged picture by picture, from a snapshot and before the next one alike."""

import numpy as np
import pytest
from django.db import transaction
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core.item_signals import item_raws
from recommender.core.views import MOST_VIEWS
from recommender.models import ImageEmbedding, Snapshot
from recommender.services import indexing, recommending, serving, training, weighing
from recommender.services.engines import get_encoder
from recommender.services.likenesses import likenesses
from recommender.storage import changes
from tests.shop import add_picture, make_product, phone_picture

pytestmark = pytest.mark.django_db(transaction=True)

PALER = {"red": (191, 39, 49), "blue": (39, 69, 191)}


def seen_from(name, *pictures):
    product = make_product(name, picture=False)
    for position, picture in enumerate(pictures):
        add_picture(product, picture, position=position)
    return product


@pytest.fixture
@transaction.atomic  # then all pictures are embedded in one go
def shop():
    """A phone that is red in front and blue behind; one picture that is its back; a rival like both a little."""
    return {
        "seed": seen_from("seed", phone_picture("red"), phone_picture("blue")),
        "back": seen_from("back", phone_picture("blue")),
        "rival": seen_from("rival", *(phone_picture(colour) for colour in PALER.values())),
        "gold": seen_from("gold", phone_picture("gold")),
    }


def stored(row):
    return np.frombuffer(bytes(row.vector), "<f4")


def looks(shop, *names):
    """How alike the view that is served finds the seed and these, and their vectors."""
    view = serving.current()
    rows = np.array([view.row(shop[name].pk) for name in names], np.int32)
    row = view.row(shop["seed"].pk)
    vectors = view.catalogue.vectors
    return item_raws(view.catalogue, row, rows, wanted={"visual"})["visual"].values, vectors[rows] @ vectors[row]


def shelf(product):
    return [item.card.title for item in recommending.similar(product, k=3).items]


def test_the_product_that_shares_a_view_comes_first_though_the_mean_prefers_another(shop):
    training.train()
    (back, rival), (back_by_mean, rival_by_mean) = looks(shop, "back", "rival")
    assert back_by_mean < rival_by_mean
    assert back > rival
    assert shelf(shop["seed"]) == ["back", "rival", "gold"]
    assert [one.card.title for one in likenesses(shop["seed"]).alike] == ["back", "rival", "gold"]
    (compared,) = weighing.weigh(product_key=str(shop["seed"].pk)).products
    assert [item.card.title for item in compared.now][:2] == ["back", "rival"]


def test_fresh_products_are_judged_as_those_of_a_snapshot(shop):
    fresh = looks(shop, "back", "rival", "gold")[0]
    assert shelf(shop["seed"]) == ["back", "rival", "gold"]
    training.train()
    assert_allclose(looks(shop, "back", "rival", "gold")[0], fresh, atol=1e-6)


def test_a_picture_that_comes_or_goes_counts_before_the_next_training(shop):
    training.train()
    before = looks(shop, "back", "rival")[0]
    add_picture(shop["back"], phone_picture("red"), position=1)
    twin, rival = looks(shop, "back", "rival")[0]
    assert_allclose([twin, rival], [1.0, before[1]], atol=1e-6)
    for product in (shop["seed"], shop["back"]):
        product.images.order_by("position").first().delete()
    served, means = looks(shop, "back")
    assert_array_equal(served, means)  # one picture each
    assert served[0] < 0.1  # a blue one and a red one
    add_picture(shop["seed"], phone_picture("gold"), position=2)
    trained = looks(shop, "back", "rival", "gold")[0]
    training.train()
    assert_allclose(looks(shop, "back", "rival", "gold")[0], trained, atol=1e-6)


def test_what_is_gone_takes_its_pictures_along(shop):
    training.train()
    shop["rival"].delete()
    add_picture(shop["gold"], phone_picture("red"), position=1)
    shop["gold"].delete()
    assert shelf(shop["seed"]) == ["back"]


def test_a_damaged_vector_costs_its_product_the_look_and_nobody_a_training(shop):
    damaged = ImageEmbedding.objects.filter(product=shop["rival"]).order_by("position").last()
    ImageEmbedding.objects.filter(pk=damaged.pk).update(vector=np.full_like(stored(damaged), np.nan).tobytes())
    assert shelf(shop["seed"])[0] == "back"
    assert looks(shop, "rival")[0].tolist() == [0.0]
    serving.reset()
    training.train()
    assert looks(shop, "rival")[0].tolist() == [0.0]


def test_a_snapshot_from_before_is_served_by_its_vectors(shop):
    snapshot = training.train()
    files = {name: file for name, file in snapshot.files.items() if not name.startswith("views.")}
    assert len(files) == len(snapshot.files) - 2
    Snapshot.objects.update(files=files)
    changes.advance()
    serving.reset()
    served, means = looks(shop, "back", "rival")
    assert_array_equal(served, np.clip(means, -1, 1))


def test_a_shop_of_single_pictures_keeps_no_views():
    for colour in ("red", "blue", "gold"):
        make_product(colour, colour=colour)
    snapshot = training.train()
    assert not any(name.startswith("views.") for name in snapshot.files)
    assert serving.current().catalogue.views is None


def test_only_the_first_pictures_are_compared_one_by_one():
    with transaction.atomic():
        many = seen_from("many", *(phone_picture("red", corner=corner) for corner in range(10, 10 + MOST_VIEWS + 2)))
    fresh = serving.current()
    assert len(fresh.catalogue.views.of(fresh.row(many.pk))) == MOST_VIEWS
    assert indexing.collect(get_encoder()).views.spans.tolist() == [[0, MOST_VIEWS]]
