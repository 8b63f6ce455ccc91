"""What every encoder promises."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from recommender.core.blocks import reweighed
from recommender.engines.colour_encoder import ColourEncoder
from recommender.engines.composite import CompositeEncoder
from tests.engines.pictures import odd_ones, phone, scene

COLOURS = [(200, 30, 40), (30, 60, 200), (20, 20, 24), (230, 230, 235), (90, 160, 110), (240, 200, 40)]


@pytest.fixture(params=[ColourEncoder, CompositeEncoder], scope="module")
def make(request):
    return request.param


@pytest.fixture(scope="module")
def encoder(make):
    return make()


@pytest.fixture(scope="module")
def shown():
    return [*(phone(colour) for colour in COLOURS), scene(1), scene(2)]


def test_vectors_are_float32_of_unit_length_in_the_order_of_the_pictures(encoder, shown):
    vectors = encoder.encode(shown)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(shown), encoder.dimension)
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5
    for picture, vector in zip(shown, vectors, strict=True):
        assert np.array_equal(encoder.encode([picture])[0], vector)


def test_no_pictures_give_no_vectors(encoder):
    vectors = encoder.encode([])
    assert vectors.shape == (0, encoder.dimension)
    assert vectors.dtype == np.float32


def test_permuted_pictures_give_permuted_vectors(encoder, shown):
    order = np.random.default_rng(3).permutation(len(shown))
    assert np.array_equal(encoder.encode([shown[row] for row in order]), encoder.encode(shown)[order])


def test_pictures_are_not_changed(encoder):
    picture = phone((200, 30, 40))
    before = (picture.pixels.copy(), picture.mask.copy())
    encoder.encode([picture])
    assert np.array_equal(picture.pixels, before[0])
    assert np.array_equal(picture.mask, before[1])


def test_odd_pictures_give_finite_unit_vectors(encoder):
    vectors = encoder.encode(odd_ones())
    assert np.isfinite(vectors).all()
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5


def test_blocks_tile_the_vector_and_their_weights_are_their_lengths(encoder, shown):
    blocks = encoder.blocks
    assert [block.start for block in blocks] == [0, *(block.stop for block in blocks[:-1])]
    assert sum(block.weight for block in blocks) == pytest.approx(1)
    for block in blocks:
        squares = (encoder.encode(shown)[:, block.start : block.stop] ** 2).sum(axis=1)
        assert np.abs(squares - block.weight).max() < 1e-5


def test_other_weights_are_another_version_of_the_same_sight(make, encoder, shown):
    even = 1 / len(encoder.blocks)
    options = encoder.weight_options({block.name: even for block in encoder.blocks})
    assert bool(options) == bool(encoder.sight)
    if options:
        other = make(**options)
        assert (other.sight, other.version == encoder.version) == (encoder.sight, False)
        assert [block.weight for block in other.blocks] == pytest.approx([even] * len(encoder.blocks))
        stored = reweighed(encoder.encode(shown), encoder.blocks, other.blocks)
        np.testing.assert_allclose(stored, other.encode(shown), atol=1e-6)


def test_the_most_alike_is_the_picture_itself_then_the_same_colour(encoder):
    base, moved, other = phone((200, 30, 40)), phone((198, 32, 42), box=(24, 34, 144, 94)), phone((30, 60, 200))
    vectors = encoder.encode([base, moved, other])
    similar = vectors @ vectors[0]
    assert similar[0] == pytest.approx(1, abs=1e-5)
    assert similar[0] > similar[1] > similar[2]


def test_another_instance_gives_the_same_version_and_vectors(make, encoder, shown):
    again = make()
    assert again.version == encoder.version
    assert len(encoder.version) <= 100
    assert np.array_equal(again.encode(shown), encoder.encode(shown))


def test_eight_threads_equal_one(make, shown):
    encoder = make()
    expected = make().encode(shown)
    with ThreadPoolExecutor(8) as threads:
        for vectors in threads.map(encoder.encode, [shown] * 16):
            assert np.array_equal(vectors, expected)


def _encoded_in_child(encoder, picture, queue):
    queue.put(encoder.encode([picture]))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_worker_encodes_alike(make, shown):
    encoder = make()
    expected = encoder.encode(shown[:1])
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_encoded_in_child, args=(encoder, shown[0], queue))
    child.start()
    assert np.array_equal(queue.get(timeout=60), expected)
    child.join(10)
    assert child.exitcode == 0
