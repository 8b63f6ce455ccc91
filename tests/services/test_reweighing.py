"""Other block weights: vectors made of the stored ones, without a look at any picture, and put live at once."""

import numpy as np
import pytest

from catalog.models import ProductImage
from recommender.exceptions import EncoderError
from recommender.models import ImageEmbedding, Job
from recommender.services import catching_up, embedding, putting_live, recommending, serving, training, versioning
from recommender.services.engines import encoder_of, get_encoder
from recommender.services.reweighing import engine_with
from recommender.storage import embeddings
from tests.eyes import COARSE, TWO
from tests.shop import add_picture, make_product, phone_picture

pytestmark = pytest.mark.django_db(transaction=True)

COLOUR_FIRST = {"shape": 10, "colour": 90}


@pytest.fixture
def live(settings):
    """Four phones, and their shelves, as an encoder of two blocks sees them."""
    settings.RECOMMENDER = settings.RECOMMENDER | {"ENCODER": TWO}
    for name, colour, corner in (("rr", "red", 60), ("sr", "red", 1), ("rb", "blue", 60), ("sb", "blue", 1)):
        make_product(name, colour=colour, corner=corner)
    return training.train()


def prepared(weights):
    return versioning.prepare(engine_with(weights)).version


def stored(version):
    """The vectors of an encoder by product and picture."""
    rows = ImageEmbedding.objects.filter(encoder_version=version, status="ready")
    return {(row.product_id, row.image_key): np.frombuffer(bytes(row.vector), "<f4") for row in rows}


def lose_the_files():
    """A picture that is read from now on fails."""
    for image in ProductImage.objects.all():
        image.file.storage.delete(image.file.name)


def best_beside(sku):
    from catalog.models import Product

    serving.expire()
    return recommending.similar(Product.objects.get(sku=sku)).items[0].product.sku


def test_the_vectors_are_those_that_the_encoder_would_make(live):
    version = prepared(COLOUR_FIRST)
    encoder = encoder_of(version)
    assert [block.weight for block in encoder.blocks] == [0.1, 0.9]
    report = embedding.embed(catching_up.outstanding(version), version)
    assert (report.derived, report.embedded, report.failed) == (4, 0, 0)
    derived = stored(version)
    ImageEmbedding.objects.filter(encoder_version=version).delete()
    assert embedding._embed(list(dict.fromkeys(key for key, _ in derived)), encoder) is not None
    for name, vector in stored(version).items():
        np.testing.assert_allclose(vector, derived[name], atol=1e-6)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_no_picture_is_read(live):
    before = {row.image_key: row for row in ImageEmbedding.objects.all()}
    lose_the_files()
    version = prepared(COLOUR_FIRST)
    assert catching_up.embed_here(catching_up.outstanding(version), version).derived == 4
    for row in ImageEmbedding.objects.filter(encoder_version=version):
        known = before[row.image_key]
        assert (row.status, row.error, row.attempts) == ("ready", "", 0)
        assert (row.content_hash, row.perceptual_hash) == (known.content_hash, known.perceptual_hash)


def test_they_are_put_live_at_once_and_taken_back(live):
    assert best_beside("rr") == "rb"
    version = prepared(COLOUR_FIRST)
    assert best_beside("rr") == "rb"
    lose_the_files()
    snapshot = putting_live.put_live(version)
    assert snapshot.is_active
    assert get_encoder().version == serving.current().snapshot.encoder_version == version
    assert best_beside("rr") == "sr"
    assert [block.weight for block in serving.current().catalogue.blocks] == [0.1, 0.9]
    versioning.roll_back()
    assert best_beside("rr") == "rb"


def test_what_was_stopped_goes_on_and_what_is_done_is_left(live):
    version = prepared(COLOUR_FIRST)
    embedding.embed(catching_up.outstanding(version)[:3], version)
    first = putting_live.put_live(version)
    assert putting_live.put_live(version) is None
    assert Job.objects.filter(kind="train").count() == 2
    assert versioning.standings()[0].snapshot == first


def test_one_that_was_given_up_meanwhile_is_not_put_live(live):
    version = prepared(COLOUR_FIRST)
    versioning.give_up(version)
    with pytest.raises(EncoderError, match="given up meanwhile"):
        putting_live.put_live(version)
    versioning.give_up(live.encoder_version)
    assert {one.version: one.state for one in versioning.standings()} == {live.encoder_version: "live"}


def test_pictures_that_changed_meanwhile_are_looked_at(live, settings):
    version = prepared(COLOUR_FIRST)
    catching_up.embed_here(catching_up.outstanding(version), version)
    settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}
    image = ProductImage.objects.get(product__sku="rr")
    product = image.product
    image.delete()
    add_picture(product, phone_picture("gold", corner=60))
    report = embedding.embed(catching_up.outstanding(version), version)
    assert (report.derived, report.embedded) == (0, 1)  # the live encoder has not seen it either
    embedding.embed([product.pk])
    ours, live_ones = stored(version), stored(live.encoder_version)
    assert ours.keys() == live_ones.keys()
    expected = encoder_of(version).blocks
    for name, vector in ours.items():
        shape = vector[:2] / np.sqrt(expected[0].weight)
        np.testing.assert_allclose(shape, live_ones[name][:2] / np.sqrt(0.75), atol=1e-6)


def test_new_pictures_are_encoded_once_for_both(live):
    version = prepared(COLOUR_FIRST)
    putting_live.put_live(version)
    product = make_product("new", colour="green")
    assert len({row.encoder_version for row in ImageEmbedding.objects.filter(product=product, status="ready")}) == 2
    embeddings.mark_pending([product.pk], live.encoder_version)
    lose_the_files()
    assert embedding.embed([product.pk], live.encoder_version).derived == 1


def test_earlier_weights_leave_no_vectors_behind_but_those_of_the_settings(live):
    first, second, third = (prepared({"shape": share, "colour": 100 - share}) for share in (10, 20, 30))
    assert versioning.lacking(second) == 4
    putting_live.put_live(first)
    again = [prepared({"shape": share, "colour": 100 - share}) for share in (20, 30)]
    assert again == [second, third]
    putting_live.put_live(second)
    assert set(ImageEmbedding.objects.values_list("encoder_version", flat=True)) == {
        live.encoder_version,
        first,
        second,
    }


def test_another_encoder_is_not_taken_for_one_with_other_weights(live):
    for engine in (COARSE, {**TWO, "OPTIONS": {"sight": "two-2"}}):
        version = versioning.prepare(engine).version
        report = embedding.embed(catching_up.outstanding(version), version)
        assert (report.derived, report.embedded) == (0, 4)


def test_a_part_that_weighed_nothing_cannot_come_back_from_the_vectors(live):
    version = prepared({"colour": 1})
    putting_live.put_live(version)
    with pytest.raises(EncoderError, match="hold nothing of a part that weighed 0"):
        engine_with({"shape": 1, "colour": 1})
    versioning.roll_back()
    assert engine_with({"shape": 1, "colour": 1})["OPTIONS"] == {"shape": 0.5}


def test_an_encoder_without_weights_says_so(light):
    make_product("one")
    training.train()
    with pytest.raises(EncoderError, match="has no weights to choose"):
        engine_with({"colour": 1})
    with pytest.raises(ValueError, match="Unknown blocks: smell"):
        engine_with({"smell": 1})


def test_an_encoder_that_comes_back_hears_of_what_it_missed(live):
    version = versioning.prepare(COARSE).version
    catching_up.embed_here(catching_up.outstanding(version), version)
    before = stored(version)
    versioning.give_up(version)
    image = ProductImage.objects.get(product__sku="rr")
    product = image.product
    image.delete()
    add_picture(product, phone_picture("gold", corner=60))
    assert versioning.prepare(COARSE).version == version
    assert versioning.lacking(version) == 4
    report = embedding.embed(catching_up.outstanding(version), version)
    assert (report.embedded, report.unchanged, report.removed) == (1, 3, 1)
    assert stored(version).keys() != before.keys()
