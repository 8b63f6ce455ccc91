"""A trained encoder's folder: whole or absent, never in the place of another, and clear about what is wrong with it."""

import json

import numpy as np
import pytest

from recommender.engines.trained import Head, TrainedEncoder, read_description, write_artefact
from recommender.exceptions import EngineUnavailableError

HEADS = {"file": Head(("red", "blue"), np.eye(2, 4, dtype=np.float32), 10.0)}
"""Named like an argument of np.savez, which must not matter."""


def write(folder, network=b"network", **options):
    return write_artefact(folder, network, HEADS, **{"side": 64, "colour": 0.2, "about": {}, **options})


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
    with pytest.raises(ValueError, match="weight of colour"):
        TrainedEncoder(path=folder, colour=1.0)


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
