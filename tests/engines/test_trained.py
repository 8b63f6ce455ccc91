"""A trained encoder's folder: whole or absent, never in the place of another, and clear about what is wrong with it."""

import json

import numpy as np
import pytest

from recommender.engines import finish, shape
from recommender.engines.places import LENGTH, Places, fit_places
from recommender.engines.trained import Head, TrainedEncoder, read_description, read_places, write_artefact
from recommender.exceptions import EngineUnavailableError

HEADS = {"file": Head(("red", "blue"), np.eye(2, 4, dtype=np.float32), 10.0)}
"""Named like an argument of np.savez, which must not matter."""


WIDE = 4 + finish.LENGTH + shape.LENGTH
READS_ALL = {"color": Head(("red", "blue"), np.eye(2, WIDE, 4, dtype=np.float32), 10.0, np.float32([0.5, 0]))}
"""Reads the first two columns of colour, and favours red."""


def write(folder, network=b"network", heads=HEADS, **options):
    settings = {"side": 64, "dimension": 4, "weights": {"colour": 0.2}, "about": {}}
    return write_artefact(folder, network, heads, **{**settings, **options})


def write_reading_all(folder):
    return write(folder, heads=READS_ALL, weights={"colour": 0.2, "shape": 0.02})


def test_an_encoder_is_a_folder_named_by_its_content(tmp_path):
    first, again, other = write(tmp_path), write(tmp_path), write(tmp_path, b"another")
    assert first == again != other
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([first.name, other.name])
    assert {path.name for path in first.iterdir()} == {"encoder.json", "network.tflite", "heads.npz"}
    assert TrainedEncoder(path=first).version != TrainedEncoder(path=other).version


def test_heads_and_blocks_are_read_without_a_network(tmp_path):
    encoder = TrainedEncoder(path=write(tmp_path))
    assert [(block.name, block.start, round(block.weight, 6)) for block in encoder.blocks] == [
        ("semantic", 0, 0.8),
        ("colour", 4, 0.2),
    ]
    vectors = np.zeros((2, encoder.dimension), np.float32)
    vectors[0, 0] = vectors[1, 1] = np.sqrt(0.8)
    classes, shares = encoder.read_attributes(vectors)["file"]
    assert classes == ("red", "blue")
    assert shares[0, 0] == shares[1, 1] == pytest.approx(1 / (1 + np.exp(-10)), abs=1e-6)


def test_another_weight_of_colour_is_another_version(tmp_path):
    folder = write(tmp_path)
    plain = TrainedEncoder(path=folder, colour=0.0)
    assert plain.dimension == 4
    assert plain.version != TrainedEncoder(path=folder).version
    with pytest.raises(ValueError, match="weights of colour"):
        TrainedEncoder(path=folder, colour=1.0)


def test_a_head_that_reads_all_blocks_finds_colour_whatever_it_weighs(tmp_path):
    folder = write_reading_all(tmp_path)
    for options in ({}, {"colour": 0.0}, {"colour": 0.9, "shape": 0.0}):
        encoder = TrainedEncoder(path=folder, **options)
        assert [block.name for block in encoder.blocks] == ["semantic", "colour", "shape"]
        assert sum(block.weight for block in encoder.blocks) == pytest.approx(1)
        assert min(block.weight for block in encoder.blocks) >= 0.01
        vectors = np.zeros((2, encoder.dimension), np.float32)
        vectors[0, 4] = vectors[1, 5] = np.sqrt(encoder.blocks[1].weight)
        _, shares = encoder.read_attributes(vectors)["color"]
        assert shares[0, 0] == pytest.approx(1 / (1 + np.exp(-15)), abs=1e-6)
        assert shares[1, 1] == pytest.approx(1 / (1 + np.exp(-5)), abs=1e-6)


def test_weights_of_sliders_leave_something_to_what_was_trained(tmp_path):
    encoder = TrainedEncoder(path=write_reading_all(tmp_path))
    options = encoder.weight_options({"semantic": 0.0, "colour": 0.8, "shape": 0.2})
    other = TrainedEncoder(path=tmp_path / next(tmp_path.iterdir()).name, **options)
    assert {block.name: round(block.weight, 6) for block in other.blocks} == {
        "semantic": 0.01,
        "colour": 0.79,
        "shape": 0.2,
    }
    assert (other.sight, other.version) == (encoder.sight, f"{encoder.sight}-79-20")


@pytest.mark.parametrize("heavy", ["colour", "shape"])
def test_no_block_is_lost_to_a_heavy_one(tmp_path, heavy):
    folder = write(tmp_path, heads=READS_ALL, weights={"colour": 0.02, "shape": 0.02})
    encoder = TrainedEncoder(path=folder, **{heavy: 0.985})
    assert {block.name: round(block.weight, 6) for block in encoder.blocks} == {
        "semantic": 0.01,
        "colour": 0.02,
        "shape": 0.02,
        heavy: 0.97,
    }


def test_an_encoder_of_the_first_format_is_read_as_it_was(tmp_path):
    folder = write(tmp_path)
    description = json.loads((folder / "encoder.json").read_text())
    del description["weights"], description["reads_all"]
    (folder / "encoder.json").write_text(json.dumps({**description, "format": 1, "colour": 0.2}))
    with np.load(folder / "heads.npz") as file:
        np.savez(folder / "heads.npz", h0=file["h0"])
    encoder = TrainedEncoder(path=folder)
    assert encoder.version == f"{encoder.sight}-20"
    assert [block.name for block in encoder.blocks] == ["semantic", "colour"]
    assert encoder.heads["file"].scores(np.eye(1, 4, dtype=np.float32)).tolist() == [[1, 0]]


def test_the_halves_of_a_product_are_blocks_where_a_network_has_a_trunk(tmp_path):
    places = fit_places(np.random.default_rng(2).normal(size=(9, 4, 2, 3)).astype(np.float32))
    wide = {"color": Head(("red", "blue"), np.eye(2, WIDE + 2 * LENGTH, WIDE, dtype=np.float32), 10.0)}
    weights = {"colour": 0.2, "shape": 0.02, "upper": 0.02, "lower": 0.02}
    folder = write(tmp_path, heads=wide, weights=weights, places=places)
    encoder = TrainedEncoder(path=folder)
    assert [(block.name, block.stop - block.start) for block in encoder.blocks][-2:] == [
        ("upper", LENGTH),
        ("lower", LENGTH),
    ]
    assert encoder.version == f"{encoder.sight}-20-02-02-02"
    heavier = TrainedEncoder(path=folder, **encoder.weight_options({"colour": 0.1, "upper": 0.3}))
    assert heavier.version == f"{encoder.sight}-10-02-30-02"
    kept = read_places(folder)
    assert kept.means == pytest.approx(places.means)
    assert kept.directions == pytest.approx(places.directions, abs=1e-3)
    (folder / "places.npz").unlink()
    read_places.cache_clear()
    assert any("places.npz is missing" in text for text in encoder.missing())
    with pytest.raises(EngineUnavailableError, match="places"):
        read_places(folder)
    (folder / "places.npz").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(EngineUnavailableError, match="damaged"):
        read_places(folder)
    other = Places(places.means + 1, places.directions)
    assert write(tmp_path, heads=wide, weights=weights, places=other) != folder


def test_an_encoder_of_the_second_format_is_read_as_it_was(tmp_path):
    folder = write_reading_all(tmp_path)
    description = json.loads((folder / "encoder.json").read_text())
    del description["places"]
    (folder / "encoder.json").write_text(json.dumps({**description, "format": 2}))
    encoder = TrainedEncoder(path=folder)
    assert [block.name for block in encoder.blocks] == ["semantic", "colour", "shape"]
    assert read_description(folder)["places"] is False


def test_a_folder_without_an_encoder_says_how_to_get_one(tmp_path):
    encoder = TrainedEncoder(path=tmp_path / "none")
    with pytest.raises(EngineUnavailableError, match="recommender_train_vision"):
        encoder.version  # noqa: B018
    assert any("recommender_train_vision" in text for text in encoder.missing())


def test_a_folder_of_another_format_or_with_damaged_heads_is_refused(tmp_path):
    folder = write(tmp_path)
    (folder / "heads.npz").write_bytes(b"no arrays")
    with pytest.raises(EngineUnavailableError, match="damaged"):
        TrainedEncoder(path=folder).heads  # noqa: B018
    other = write(tmp_path, b"other")
    description = json.loads((other / "encoder.json").read_text())
    (other / "encoder.json").write_text(json.dumps({**description, "format": 99}))
    with pytest.raises(EngineUnavailableError, match="format 99"):
        read_description(other)
