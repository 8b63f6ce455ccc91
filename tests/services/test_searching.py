"""Search by photo as a service: thresholds, order, filters, what is kept in a query id."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.recognition import UNMEASURED, Verdict
from recommender.exceptions import PhotoQueryError, PhotoQueryExpiredError, SnapshotVersionError
from recommender.imaging.decode import decode
from recommender.imaging.degrading import badly_photographed
from recommender.models import ImageEmbedding
from recommender.services import embedding, searching, serving, training
from recommender.services.searching import Filters, finding, measuring, photos
from recommender.services.searching.candidates import Candidate
from tests.shop import make_product, phone_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    """Twelve families in twelve colours, each in two sizes."""
    made = {}
    for number in range(12):
        colour = (20 * number, 255 - 20 * number, (97 * number) % 256)
        for size in ("small", "large"):
            product = make_product(f"{number}-{size}", colour=colour, family=f"family-{number}", price=100 + number)
            made[number, size] = product
    embedding.embed([product.pk for product in made.values()])
    training.train()
    return made


def picture(number):
    return phone_picture((20 * number, 255 - 20 * number, (97 * number) % 256))


def keys(result):
    return [item.product.sku for item in result.items]


def test_one_of_each_family_comes_before_its_other_sizes(shop):
    found = searching.search(searching.look(picture(3)), k=24)
    assert found.verdict is Verdict.EXACT
    assert keys(found)[0].startswith("3-")
    families = [key.split("-")[0] for key in keys(found)]
    assert len(set(families[:12])) == 12
    assert sorted(families[12:]) == sorted(families[:12])
    assert {item.product.sku for item in found.items if item.is_exact} == {"3-small", "3-large"}
    assert [item.position for item in found.items] == list(range(1, 25))


def test_the_nearest_being_sold_out_leaves_the_others_in_their_order(shop):
    glance = searching.look(picture(3))
    order = [key.split("-")[0] for key in keys(searching.search(glance, k=12))]
    for (number, _), product in shop.items():
        if str(number) in order[:8]:
            type(product).objects.filter(pk=product.pk).update(stock=0)
    found = searching.search(glance, k=3)
    assert [key.split("-")[0] for key in keys(found)] == order[8:11]
    assert found.has_more


def test_many_sizes_of_each_family_cost_no_further_queries(shop, settings, django_assert_num_queries):
    settings.RECOMMENDER = settings.RECOMMENDER | {"CANDIDATES": 4, "POLL_SECONDS": 600}
    glance = searching.look(picture(3))
    order = [key.split("-")[0] for key in keys(searching.search(glance, k=12))]
    for (number, size), product in shop.items():
        if str(number) in order[1:3] and size == "large":
            type(product).objects.filter(pk=product.pk).update(stock=0)
    with django_assert_num_queries(3):  # hashes, products, their pictures
        found = searching.search(glance, k=4)
    assert [key.split("-")[0] for key in keys(found)] == order[:4]


@given(
    families=st.lists(st.integers(0, 6), max_size=30),
    wanted=st.integers(1, 8),
    data=st.data(),
)
def test_what_is_read_at_first_never_changes_the_order(families, wanted, data):
    pool = [Candidate(str(place), family, 1 - place / 100) for place, family in enumerate(families)]
    fitting = {c.key for c in pool if data.draw(st.booleans())}
    near = {candidate.key for candidate in finding._of_families(pool, wanted)}
    known = finding._known_firsts(pool, near, fitting & near)
    firsts, _ = finding._families_first(pool, fitting)
    assert known == firsts[: len(known)]
    if fitting == {c.key for c in pool}:
        assert len(known) == min(wanted, len(firsts))


def test_a_rare_filter_still_returns_all_that_fit(shop, monkeypatch):
    monkeypatch.setattr("recommender.services.searching.finding.POOL", 3)
    glance = searching.look(picture(3))
    dear = searching.search(glance, Filters.parse({"price_min": ["110"]}), k=4)
    assert {key.split("-")[0] for key in keys(dear)} == {"10", "11"}
    assert len(keys(dear)) == 4
    assert not dear.has_more
    assert len(keys(searching.search(glance, k=24))) == 24


@pytest.mark.parametrize("pool", [200, 5])
def test_pages_do_not_overlap(shop, monkeypatch, pool):
    monkeypatch.setattr("recommender.services.searching.finding.POOL", pool)
    glance = searching.look(picture(5))
    pages = [searching.search(glance, k=10, page=page) for page in (1, 2, 3)]
    assert [page.has_more for page in pages] == [True, True, False]
    assert sorted(key for page in pages for key in keys(page)) == sorted(p.sku for p in shop.values())


def test_a_query_id_gives_the_same_answer(shop):
    seen, query_id = searching.seal(searching.look(picture(7)))
    again = searching.unseal(query_id)
    np.testing.assert_array_equal(again.vector, seen.vector)
    assert again.fingerprint == seen.fingerprint
    assert keys(searching.search(again)) == keys(searching.search(seen))


def test_a_query_id_is_of_this_shop_and_of_this_encoder(shop, settings):
    _, query_id = searching.seal(searching.look(picture(7)))
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    with pytest.raises(PhotoQueryError):
        searching.unseal(query_id)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert searching.unseal(query_id).vector.size
    settings.RECOMMENDER = settings.RECOMMENDER | {
        "ENCODER": {"BACKEND": "recommender.engines.composite.CompositeEncoder"}
    }
    with pytest.raises(PhotoQueryExpiredError):
        searching.unseal(query_id)


def test_a_catalogue_of_another_encoder_is_said_not_searched(shop):
    glance = searching.look(picture(1))
    with pytest.raises(SnapshotVersionError):
        searching.search(photos.Glance(glance.vector, glance.fingerprint, "other"))


def test_a_deleted_product_is_not_found(shop):
    for size in ("small", "large"):
        shop[3, size].delete()
    serving.reset()
    found = searching.search(searching.look(picture(3)), k=48)
    assert len(found.items) == 22


def test_training_measures_the_thresholds_on_the_shops_own_pictures(shop, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"PHOTO_SAMPLE": 24}
    snapshot = training.train()
    measured = snapshot.metrics["photos"]
    assert measured["photos"] == 24
    thresholds = measuring.thresholds_of(snapshot)
    assert -1 <= thresholds.similar <= thresholds.exact <= 1
    sample = measuring.take(snapshot, 24)
    assert (sample.known < thresholds.similar).mean() <= 0.1
    assert (sample.unknown > thresholds.exact).mean() <= 0.1
    assert (sample.unknown <= sample.known).all()


def test_without_measurements_nothing_is_refused(shop):
    assert measuring.thresholds_of(serving.current().snapshot) == UNMEASURED
    assert measuring.thresholds_of(None) == UNMEASURED


def test_every_embedded_picture_has_its_perceptual_hash(shop):
    assert not ImageEmbedding.objects.filter(perceptual_hash=None).exists()


def test_a_badly_photographed_product_is_still_found(shop):
    rng = np.random.default_rng(0)
    photo = badly_photographed(decode(picture(0)), rng)
    found = searching.search(photos.glance(photo), k=24)
    assert "0" in {key.split("-")[0] for key in keys(found)[:3]}


def test_an_empty_shop_has_nothing_like_it(db):
    assert searching.search(searching.look(phone_picture())).verdict is Verdict.NOTHING
