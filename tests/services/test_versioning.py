"""Two encoders side by side, a switch that is one, and the way back."""

import numpy as np
import pytest

from recommender.conf import load
from recommender.exceptions import EncoderError, PhotoQueryExpiredError, SnapshotVersionError
from recommender.models import CatalogueChange, EncoderVersion, ImageEmbedding, Snapshot
from recommender.services import (
    catching_up,
    embedding,
    publishing,
    recommending,
    searching,
    serving,
    training,
    versioning,
)
from recommender.services.diagnosing import diagnose, gather
from recommender.services.engines import follow_live, get_encoder
from recommender.storage import changes, snapshots
from tests.eyes import COARSE
from tests.shop import add_picture, make_product, phone_picture

pytestmark = pytest.mark.django_db(transaction=True)

COLOURS = ("red", "blue", (20, 160, 60), (230, 200, 20), (90, 30, 120))


@pytest.fixture
def shop():
    return [make_product(f"phone-{number}", colour=colour, corner=5) for number, colour in enumerate(COLOURS)]


@pytest.fixture
def live(shop):
    return training.train()


@pytest.fixture
def candidate(live):
    """Everything is embedded by the second encoder, and its snapshot made."""
    version = versioning.prepare(COARSE).version
    catching_up.embed_here(catching_up.outstanding(version), version)
    return training.build(version)


def states():
    return {one.version: one.state for one in versioning.standings()}


def found_by_photo(colour):
    result = searching.search(searching.look(phone_picture(colour, corner=5)), anyway=True)
    return result.items[0].product.sku


def test_a_candidate_is_prepared_without_a_trace_in_what_is_live(live):
    before = get_encoder().version
    number, shelf = changes.current(), [str(item.product.pk) for item in shelf_of("phone-0").items]
    version = versioning.prepare(COARSE).version
    assert versioning.lacking(version) == len(COLOURS)
    catching_up.embed_here(catching_up.outstanding(version), version)
    training.build(version)
    assert changes.current() == number
    assert not CatalogueChange.objects.filter(sequence__gt=live.sequence).exists()
    assert snapshots.active() == live
    assert [str(item.product.pk) for item in shelf_of("phone-0").items] == shelf
    assert states() == {before: "live", "coarse-1": "candidate"}


def shelf_of(sku):
    from catalog.models import Product

    return recommending.similar(Product.objects.get(sku=sku))


def test_a_switch_is_refused_while_the_candidate_lacks_products_and_says_how_many(live):
    version = versioning.prepare(COARSE).version
    with pytest.raises(EncoderError, match="not looked at 5 products yet"):
        versioning.switch(version)
    catching_up.embed_here(catching_up.outstanding(version)[:3], version)
    with pytest.raises(EncoderError, match="not looked at 2 products yet"):
        versioning.switch(version)
    catching_up.embed_here(catching_up.outstanding(version), version)
    with pytest.raises(EncoderError, match="has no snapshot yet"):
        versioning.switch(version)
    assert snapshots.active() == live


def test_after_a_switch_and_after_a_roll_back_everything_is_of_one_encoder(live, candidate):
    first = live.encoder_version
    for version, go in (("coarse-1", lambda: versioning.switch("coarse-1")), (first, versioning.roll_back)):
        served = go()
        assert snapshots.active() == served
        view = serving.current()
        encoder = get_encoder()
        assert view.snapshot.encoder_version == encoder.version == version
        assert view.catalogue.vectors.shape[1] == encoder.dimension
        assert view.catalogue.blocks == encoder.blocks
        assert view.index.search(np.asarray(view.catalogue.vectors[:1]), 1).rows.tolist() == [[0]]
        assert [found_by_photo(colour) for colour in COLOURS] == [f"phone-{n}" for n in range(len(COLOURS))]
        assert len(shelf_of("phone-0").items) == len(COLOURS) - 1
    assert states() == {first: "live", "coarse-1": "former"}


def test_a_process_that_did_not_hear_of_the_switch_looks_at_photos_as_the_others(live, candidate):
    assert found_by_photo("blue") == "phone-1"
    publishing.activate(candidate)  # elsewhere: this process has not been told
    serving.expire()
    assert found_by_photo("blue") == "phone-1"


def test_a_query_of_before_the_switch_has_expired(live, candidate):
    _, query_id = searching.seal(searching.look(phone_picture("blue")))
    versioning.switch("coarse-1")
    serving.expire()
    serving.current()
    with pytest.raises(PhotoQueryExpiredError):
        searching.unseal(query_id)


def test_new_pictures_are_embedded_by_both_before_the_switch_and_after_it(live, candidate):
    versions = {live.encoder_version, "coarse-1"}
    for name in ("early", "late"):
        product = make_product(name, colour=(120, 120, 60))
        rows = ImageEmbedding.objects.filter(product=product, status="ready")
        assert set(rows.values_list("encoder_version", flat=True)) == versions
        if name == "early":
            versioning.switch("coarse-1")
        else:
            versioning.roll_back()
        serving.expire()
        assert name in {item.product.sku for item in shelf_of("phone-0").items}


def test_a_changed_picture_is_seen_on_both_sides_of_a_switch(live, candidate, shop):
    shop[0].images.get().delete()
    add_picture(shop[0], phone_picture((10, 90, 200), corner=5))
    assert found_by_photo((10, 90, 200)) == "phone-0"
    versioning.switch("coarse-1")
    serving.expire()
    assert found_by_photo((10, 90, 200)) == "phone-0"


def test_trainings_go_on_with_the_encoder_that_is_live(live, candidate):
    versioning.switch("coarse-1")
    again = training.train()
    assert (again.encoder_version, snapshots.active()) == ("coarse-1", again)
    assert versioning.roll_back() == live


def test_changing_the_setting_switches_nothing(live, candidate, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"ENCODER": COARSE}
    assert load().ENCODER == COARSE
    assert follow_live().version == live.encoder_version
    assert training.train().encoder_version == live.encoder_version
    versioning.switch("coarse-1")
    assert follow_live().version == "coarse-1"
    assert versioning.roll_back().encoder_version == live.encoder_version


def test_an_encoder_that_the_software_can_make_no_more_gives_way_to_the_setting(live):
    EncoderVersion.objects.update(version="old-1", engine=COARSE)
    Snapshot.objects.update(encoder_version="old-1")
    new = follow_live().version
    assert new == live.encoder_version
    make_product("late")
    assert set(ImageEmbedding.objects.values_list("encoder_version", flat=True)) == {new}
    assert training.train().encoder_version == new


def test_a_snapshot_of_an_encoder_that_nobody_knows_is_not_gone_back_to(live):
    training.train()
    Snapshot.objects.filter(pk=live.pk).update(encoder_version="lost-1")
    with pytest.raises(SnapshotVersionError, match="lost-1, which is known no more"):
        publishing.roll_back()
    assert snapshots.active().encoder_version == live.encoder_version


def test_a_third_encoder_takes_the_place_of_the_one_before_the_last(live, candidate):
    versioning.switch("coarse-1")
    version = versioning.prepare({**COARSE, "OPTIONS": {"name": "fine"}}).version
    catching_up.embed_here(catching_up.outstanding(version), version)
    training.build(version)
    versioning.switch("fine-1")
    assert states() == {"fine-1": "live", "coarse-1": "former"}
    with pytest.raises(EncoderError, match=r"There is no encoder .*colour"):
        versioning.switch(live.encoder_version)


def test_the_live_encoder_is_no_candidate_and_there_is_no_way_back_without_a_switch(live):
    with pytest.raises(EncoderError, match="is live already"):
        versioning.prepare()
    with pytest.raises(EncoderError, match="No other encoder was live"):
        versioning.roll_back()


def test_work_for_a_candidate_that_was_lost_is_found_and_one_that_was_given_up_does_nothing(live, shop):
    version = versioning.prepare(COARSE).version
    assert embedding.overdue(encoder_version=version) == [product.pk for product in shop]
    EncoderVersion.objects.filter(version=version).delete()
    assert embedding.embed([shop[0].pk], "gone-1").embedded == 0


def test_a_complete_candidate_without_a_snapshot_is_known(live):
    version = versioning.prepare(COARSE).version
    assert versioning.unbuilt() == []
    catching_up.embed_here(catching_up.outstanding(version), version)
    assert versioning.unbuilt() == [version]
    training.build(version)
    assert versioning.unbuilt() == []


def test_the_doctor_says_when_the_setting_names_another_encoder_than_the_live_one(live, settings):
    assert "The setting ENCODER" not in doctor()
    settings.RECOMMENDER = settings.RECOMMENDER | {"ENCODER": COARSE}
    assert f"The setting ENCODER names coarse-1, and {live.encoder_version} is live" in doctor()


def doctor():
    visual = diagnose(gather()).strategies[0]
    return " ".join(finding.text for finding in visual.findings)


def test_a_candidate_may_come_before_the_first_snapshot(shop):
    named = follow_live().version
    versioning.prepare(COARSE)
    assert embedding.beside() == ["coarse-1"]
    assert states() == {named: "live", "coarse-1": "candidate"}
