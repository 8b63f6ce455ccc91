"""A checkpoint goes on only with what it was made of; any other is refused with the cure."""

import numpy as np
import pytest

from recommender.engines.vision import checkpoints
from recommender.exceptions import CheckpointError

ARRAYS = [np.arange(6, dtype=np.float32).reshape(2, 3), np.ones(4, np.float32)]


def test_a_checkpoint_comes_back_as_it_was(tmp_path):
    checkpoints.save(tmp_path / "checkpoint.npz", ARRAYS, "lite0", {"epochs": 3})
    arrays, progress = checkpoints.load(tmp_path / "checkpoint.npz", [(2, 3), (4,)], "lite0")
    assert [array.tolist() for array in arrays] == [array.tolist() for array in ARRAYS]
    assert progress == {"epochs": 3}


@pytest.mark.parametrize(
    ("shapes", "identity"),
    [([(2, 3), (5,)], "lite0"), ([(2, 3)], "lite0"), ([(2, 3), (4,)], "small")],
    ids=["another layer", "fewer layers", "another course"],
)
def test_a_checkpoint_of_another_architecture_is_refused_with_the_cure_and_kept(tmp_path, shapes, identity):
    path = tmp_path / "checkpoint.npz"
    checkpoints.save(path, ARRAYS, "lite0", {})
    before = path.read_bytes()
    with pytest.raises(CheckpointError, match=r"another architecture.*--fresh.*--output"):
        checkpoints.load(path, shapes, identity)
    assert path.read_bytes() == before
