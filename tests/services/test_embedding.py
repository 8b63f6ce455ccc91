from datetime import timedelta

import numpy as np
import pytest
from django.db import transaction
from django.utils import timezone

from recommender.models import CatalogueChange, ImageEmbedding
from recommender.services import embedding
from recommender.services.engines import get_encoder
from recommender.storage import changes, embeddings
from tests.shop import add_picture, make_product, phone_picture

pytestmark = pytest.mark.django_db(transaction=True)

Status = ImageEmbedding.Status


def vector_of(product):
    (found,) = embeddings.vectors(get_encoder().version, get_encoder().dimension, [product.pk])
    return found[1]


def test_a_saved_picture_is_embedded_after_commit():
    with transaction.atomic():
        product = make_product("nova")
        assert not ImageEmbedding.objects.filter(status=Status.READY).exists()
    row = ImageEmbedding.objects.get(product=product)
    assert (row.status, row.attempts, row.error) == (Status.READY, 1, "")
    assert vector_of(product).shape == (1, get_encoder().dimension)
    assert np.linalg.norm(vector_of(product)) == pytest.approx(1, abs=1e-5)
    assert CatalogueChange.objects.get(product_key=str(product.pk)).sequence == changes.current()


def test_a_rolled_back_picture_leaves_nothing():
    with pytest.raises(RuntimeError), transaction.atomic():
        make_product("nova")
        raise RuntimeError
    assert not ImageEmbedding.objects.exists()
    assert changes.current() == 0


def test_the_same_content_is_not_embedded_twice():
    product = make_product("nova")
    before = ImageEmbedding.objects.get()
    report = embedding.embed([product.pk])
    assert (report.embedded, report.unchanged) == (0, 1)
    assert ImageEmbedding.objects.get().attempts == 0 != before.attempts


def test_a_new_picture_changes_the_vectors():
    product = make_product("nova")
    add_picture(product, phone_picture("blue"), position=1)
    assert vector_of(product).shape[0] == 2
    product.images.get(position=0).delete()
    assert vector_of(product).shape[0] == 1


def test_a_product_without_pictures_is_looked_at_once():
    make_product("nova", picture=False)
    assert ImageEmbedding.objects.get().status == Status.EMPTY
    assert embedding.overdue() == []


def test_a_broken_file_fails_with_its_reason_and_spares_the_rest():
    broken, sound = make_product("broken"), make_product("sound", colour="blue")
    image = broken.images.get()
    with image.file.storage.open(image.file.name, "wb") as file:
        file.write(b"\x89PNG not a picture")
    embedding.embed([broken.pk, sound.pk])
    row = ImageEmbedding.objects.get(product=broken)
    assert row.status == Status.FAILED
    assert row.error
    assert ImageEmbedding.objects.get(product=sound).status == Status.READY


def test_a_missing_file_fails_with_its_reason():
    product = make_product("nova")
    image = product.images.get()
    image.file.storage.delete(image.file.name)
    report = embedding.embed([product.pk])
    assert report.failed == 1
    assert "cannot be read" in ImageEmbedding.objects.get().error


def test_a_picture_that_kills_its_worker_is_given_up_after_three_attempts(settings):
    product = make_product("nova")
    ImageEmbedding.objects.update(vector=None, status=Status.PENDING, attempts=3)  # what three kills leave behind
    report = embedding.embed([product.pk])
    row = ImageEmbedding.objects.get()
    assert (report.failed, row.status) == (1, Status.FAILED)
    assert "died" in row.error
    embedding.request([product.pk])  # "embed again" gives it three more
    assert embedding.embed([product.pk]).embedded == 1


def test_overdue_finds_lost_requests_and_products_never_seen():
    lost, unseen, fine = make_product("lost"), make_product("unseen"), make_product("fine")
    ImageEmbedding.objects.filter(product=unseen).delete()
    ImageEmbedding.objects.filter(product=lost).update(
        status=Status.PENDING, updated_at=timezone.now() - embedding.SWEEP_AFTER - timedelta(seconds=1)
    )
    assert embedding.overdue() == [lost.pk, unseen.pk]
    embedding.embed(embedding.overdue())
    assert embedding.overdue() == []
    assert fine.pk not in embedding.overdue()


def test_a_deleted_product_is_withdrawn():
    product = make_product("nova")
    key = str(product.pk)
    product.delete()
    assert CatalogueChange.objects.get(product_key=key).deleted
    assert not ImageEmbedding.objects.exists()


def test_embedding_a_product_that_is_gone_is_harmless():
    product = make_product("nova")
    key = product.pk
    product.delete()
    assert embedding.embed([key]) == embedding.EmbeddingReport()


def test_vectors_of_another_length_are_left_out():
    product = make_product("nova")
    ImageEmbedding.objects.update(vector=np.ones(3, "<f4").tobytes())
    encoder = get_encoder()
    assert list(embeddings.vectors(encoder.version, encoder.dimension, [product.pk])) == []
