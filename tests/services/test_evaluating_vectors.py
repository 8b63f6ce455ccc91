"""Vectors of a folder's pictures: read once, by content, whatever else lies in the folder."""

import logging

import numpy as np
import pytest

from recommender.services.engines import cache_dir, get_encoder
from recommender.services.evaluating.vectors import VectorStore, embed_pictures
from tests.services.evaluating_folders import Shop, make_folder


@pytest.fixture
def pictures(tmp_path):
    make_folder(tmp_path / "set", Shop())
    return [[path] for path in sorted((tmp_path / "set" / "images").glob("*.png"))]


def test_every_product_gets_a_unit_vector_and_a_second_run_reads_it(pictures):
    seen = []
    first = embed_pictures(get_encoder(), pictures, lambda done, total: seen.append((done, total)))
    assert first is not None
    assert first.shape == (40, get_encoder().dimension)
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1, atol=1e-3)
    assert seen[-1] == (40, 40)

    seen.clear()
    second = embed_pictures(get_encoder(), pictures, lambda done, total: seen.append((done, total)))
    np.testing.assert_array_equal(first, second)
    assert seen == []


def test_equal_contents_are_one_picture(pictures, tmp_path):
    copy = tmp_path / "copy.png"
    copy.write_bytes(pictures[0][0].read_bytes())
    vectors = embed_pictures(get_encoder(), [pictures[0], [copy]])
    assert vectors is not None
    np.testing.assert_array_equal(vectors[0], vectors[1])
    assert len(list(cache_dir().rglob("*.f16"))) == 1


def test_broken_missing_and_huge_files_leave_their_product_without_a_vector(pictures, tmp_path, settings, caplog):
    settings.RECOMMENDER = settings.RECOMMENDER | {"IMAGE_MAX_BYTES": 100_000}
    broken, huge = tmp_path / "broken.png", tmp_path / "huge.png"
    broken.write_bytes(b"\x89PNG nothing")
    huge.write_bytes(b"0" * 100_001)
    with caplog.at_level(logging.WARNING):
        vectors = embed_pictures(get_encoder(), [pictures[0], [broken], [tmp_path / "none.png"], [huge], []])
    assert vectors is not None
    assert vectors.any(axis=1).tolist() == [True, False, False, False, False]
    assert "3 pictures could not be read" in caplog.text


def test_no_readable_picture_means_no_vectors(tmp_path):
    assert embed_pictures(get_encoder(), [[tmp_path / "none.png"], []]) is None


def test_a_damaged_cache_file_is_written_again(pictures):
    first = embed_pictures(get_encoder(), pictures[:1])
    (file,) = cache_dir().rglob("*.f16")
    file.write_bytes(b"12")
    assert VectorStore(get_encoder()).get(file.stem) is None
    np.testing.assert_array_equal(embed_pictures(get_encoder(), pictures[:1]), first)
