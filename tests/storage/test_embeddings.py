"""The vectors of products' pictures, read for a comparison picture by picture."""

import numpy as np
import pytest

from recommender.models import ImageEmbedding
from recommender.storage import embeddings
from tests.shop import make_product

pytestmark = pytest.mark.django_db


def looked_at(product, position, vector, *, content="", hashed=0):
    ImageEmbedding.objects.create(
        product=product,
        image_key=f"{position}.webp",
        position=position,
        encoder_version="v1",
        content_hash=content,
        status=ImageEmbedding.Status.READY,
        vector=embeddings.to_bytes(np.array(vector, np.float32)),
        perceptual_hash=hashed,
    )


def test_a_picture_that_products_share_is_read_once_and_stands_for_each(db, django_assert_num_queries):
    small, large, other, single = (make_product(name, picture=False) for name in ("small", "large", "other", "single"))
    for product in (small, large):
        looked_at(product, 0, [1, 0], content="front", hashed=1)
        looked_at(product, 1, [0, 1], content="back", hashed=2)
    looked_at(other, 0, [3, 4], hashed=3)  # from before contents were known
    looked_at(other, 1, [5, 6], hashed=None)
    looked_at(single, 0, [1, 0], content="front", hashed=1)
    keys = [product.pk for product in (small, large, other, single)]
    with django_assert_num_queries(2):
        found = {key: (vectors, hashes) for key, vectors, hashes in embeddings.views("v1", 2, keys)}
    for product in (small, large):
        vectors, hashes = found[str(product.pk)]
        assert vectors.tolist() == [[1, 0], [0, 1]]
        assert hashes == [1, 2]
    vectors, hashes = found[str(other.pk)]
    assert vectors.tolist() == [[3, 4], [5, 6]]
    assert hashes == [3, None]
    assert found[str(single.pk)] == (None, [1])


def test_a_vector_of_another_dimension_is_left_out(db):
    product = make_product("phone", picture=False)
    looked_at(product, 0, [1, 0], hashed=1)
    looked_at(product, 1, [1, 0, 0], hashed=2)
    ((_, vectors, hashes),) = embeddings.views("v1", 2, [product.pk])
    assert vectors.tolist() == [[1, 0]]
    assert hashes == [1]
