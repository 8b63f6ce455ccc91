"""The network: its weights, its export, and what its absence says."""

import multiprocessing
import os
import pickle
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from recommender.core.types import Picture
from recommender.engines import export, finish, semantic, shape, texture
from recommender.engines.colour_encoder import colour_block
from recommender.engines.composite import WEIGHTS, CompositeEncoder
from recommender.engines.efficientnet_lite0 import FEATURES, GRID, MIDDLE_FEATURES, MIDDLE_GRID, SIDE, weights_path
from recommender.engines.framing import clutter, crop_to_product, shrink, square, zoom
from recommender.engines.litert import LiteRTNetwork
from recommender.engines.projections import UNKNOWN, doubted, unit
from recommender.engines.torch_weights import read_state
from recommender.exceptions import EngineUnavailableError
from tests.engines.pictures import phone, scene


@pytest.fixture(scope="module")
def state():
    return read_state(weights_path())


def test_the_state_has_the_networks_tensors(state):
    assert state["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert state["_fc.weight"].shape == (1000, FEATURES)
    assert sum(tensor.size for name, tensor in state.items() if name.endswith((".weight", ".bias"))) == 4_652_008
    assert all(np.isfinite(tensor).all() for tensor in state.values())


class Exploit:
    def __reduce__(self):
        return os.system, ("echo pwned",)


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(Exploit()),
        pickle.dumps(0x1950A86A20F9469CFC6C) + pickle.dumps(1001) + pickle.dumps({}) + pickle.dumps(Exploit()),
        pickle.dumps("another magic"),
        b"",
        b"PK\x03\x04 a zip",
    ],
)
def test_a_file_of_weights_runs_nothing_and_is_refused(tmp_path, capfd, content):
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"weights\.pth"):
        read_state(path)
    assert "pwned" not in capfd.readouterr().out


def test_a_file_cut_short_is_refused(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(weights_path().read_bytes()[:1_000_000])
    with pytest.raises(ValueError, match="cut short"):
        read_state(path)


COMPARE = """
import sys, numpy as np
from recommender.engines.efficientnet_lite0 import build, weights_path, SIDE
from recommender.engines.litert import LiteRTNetwork
from pathlib import Path
pixels = np.random.default_rng(0).integers(0, 256, (2, SIDE, SIDE, 3)).astype(np.float32)
expected = build(weights_path())(pixels, training=False).numpy()
network = LiteRTNetwork(Path(sys.argv[1]))
print(max(np.abs(network(one) - two).max() for one, two in zip(pixels, expected)))
"""


def test_the_exported_network_equals_the_keras_one():
    path = export.ensure_exported(export.default_path())
    done = subprocess.run(
        [sys.executable, "-c", COMPARE, str(path)], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.strip().splitlines()[-1]) < 1e-3


def test_the_network_maps_a_picture_to_features():
    features = LiteRTNetwork(export.ensure_exported(export.default_path()))(np.zeros((SIDE, SIDE, 3), np.float32))
    assert features.shape == (GRID, GRID, FEATURES)
    assert features.dtype == np.float32
    assert 0 <= features.min() <= features.max() <= 6


def test_the_middle_layer_is_an_output_too():
    outputs = LiteRTNetwork(export.ensure_exported(export.default_path())).outputs(np.ones((SIDE, SIDE, 3), np.float32))
    assert [output.shape for output in outputs] == [
        (GRID, GRID, FEATURES),
        (MIDDLE_GRID, MIDDLE_GRID, MIDDLE_FEATURES),
    ]


def test_texture_is_how_much_there_is_of_it_not_where():
    middle = np.random.default_rng(0).random((MIDDLE_GRID, MIDDLE_GRID, MIDDLE_FEATURES)).astype(np.float32)
    everywhere = np.ones((SIDE, SIDE), np.bool_)
    found = texture.statistics(middle, everywhere)
    assert np.allclose(found[:MIDDLE_FEATURES], middle.mean(axis=(0, 1)), atol=1e-5)
    assert np.allclose(found[MIDDLE_FEATURES:], middle.std(axis=(0, 1)), atol=1e-4)
    assert np.allclose(texture.statistics(middle[::-1, ::-1], everywhere), found, atol=1e-5)


def test_texture_is_the_products_alone():
    middle = np.zeros((MIDDLE_GRID, MIDDLE_GRID, MIDDLE_FEATURES), np.float32)
    middle[:, : MIDDLE_GRID // 2] = 3
    left = np.zeros((SIDE, SIDE), np.bool_)
    left[:, : SIDE // 2] = True
    found = texture.statistics(middle, left)
    assert np.allclose(found[:MIDDLE_FEATURES], 3, atol=1e-2)
    assert found[MIDDLE_FEATURES:].max() < 0.1


def test_edges_know_where_they_are_and_which_way_they_run_not_their_colour():
    upright, lying = phone((200, 30, 40), box=(60, 20, 130, 100)), phone((200, 30, 40), box=(20, 60, 100, 130))
    other_colour = phone((30, 60, 200), box=(60, 20, 130, 100))
    first, turned, blue = (unit(shape.edges(square(picture, SIDE))) for picture in (upright, lying, other_colour))
    assert first @ blue > 0.99
    assert first @ blue > first @ turned + 0.1


def test_a_plain_picture_has_no_edges():
    assert not shape.edges(Picture(np.full((SIDE, SIDE, 3), 128, np.uint8))).any()


def test_doubt_takes_its_share_of_a_block_and_leaves_its_length():
    block = unit(np.arange(1, 65, dtype=np.float32))
    assert np.array_equal(doubted(block, 0.0), np.append(block, np.zeros(UNKNOWN, np.float32)))
    half = doubted(block, 0.5)
    assert np.linalg.norm(half) == pytest.approx(1)
    assert half[: block.size] @ block == pytest.approx(0.5**0.5)
    assert half @ half == pytest.approx(1)


def test_two_blocks_of_which_little_is_known_are_not_alike_for_that():
    rng = np.random.default_rng(0)
    blocks = [doubted(unit(rng.normal(size=64).astype(np.float32)), 0.95) for _ in range(200)]
    cosines = np.stack(blocks[:100]) @ np.stack(blocks[100:]).T
    assert abs(cosines.mean()) < 0.02
    assert (np.abs(cosines) < 0.2).mean() > 0.9


def _export(path):
    export.ensure_exported(Path(path))


def test_two_processes_that_export_at_once_make_one_file(tmp_path):
    path = tmp_path / "new" / "network.tflite"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_export, args=(str(path),)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(300)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert sorted(file.name for file in path.parent.iterdir()) == ["network.lock", "network.tflite"]
    content = path.stat()
    export.ensure_exported(path)
    assert path.stat().st_mtime_ns == content.st_mtime_ns


def test_no_tensorflow_stays_in_the_process_that_encodes():
    code = (
        "import sys; from recommender.engines.composite import CompositeEncoder; import numpy as np;"
        "from recommender.core.types import Picture;"
        "CompositeEncoder().encode([Picture(np.zeros((9, 9, 3), np.uint8))]);"
        "print(sorted({'tensorflow', 'keras', 'django'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.strip() == "[]"


def test_the_version_and_blocks_build_nothing(tmp_path):
    encoder = CompositeEncoder(model_path=tmp_path / "none.tflite")
    assert encoder.version.startswith("composite-")
    assert encoder.dimension == semantic.LENGTH + finish.LENGTH + texture.LENGTH + shape.LENGTH
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_is_named_with_its_cure(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    with pytest.raises(EngineUnavailableError, match=r"pip install 'django-visual-recommender\[vision-build\]'"):
        CompositeEncoder(model_path=tmp_path / "none.tflite").encode([phone((1, 2, 3))])


def test_an_export_that_fails_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(EngineUnavailableError, match=r"could not be exported to .*none\.tflite"):
        export.ensure_exported(tmp_path / "none.tflite")


@pytest.mark.parametrize("weights", [{"smell": 1.0}, {"semantic": -1.0, "colour": 2.0}, {"semantic": 0.0}, {}])
def test_impossible_weights_are_refused(weights):
    with pytest.raises(ValueError, match="lock"):
        CompositeEncoder(weights=weights)


def test_weights_are_shares_and_change_the_version():
    first, second = CompositeEncoder(weights={"semantic": 3, "colour": 1}), CompositeEncoder(weights={"semantic": 1})
    assert [block.weight for block in first.blocks] == [0.75, 0.25, 0, 0]
    assert [block.weight for block in second.blocks] == [1, 0, 0, 0]
    doubled = {name: 2 * weight for name, weight in WEIGHTS.items()}
    assert CompositeEncoder(weights=doubled).version == CompositeEncoder().version
    assert len({first.version, second.version, CompositeEncoder().version}) == 3


def test_a_vector_of_no_length_becomes_the_uniform_direction():
    assert np.allclose(unit(np.zeros(4, np.float32)), 0.5)


def test_framing_keeps_the_shape_of_things():
    picture = phone((9, 9, 9), size=(200, 100), box=(50, 20, 150, 60))
    assert crop_to_product(picture, margin=0).pixels.shape == (100, 40, 3)
    assert crop_to_product(picture, margin=0.1).pixels.shape == (120, 60, 3)
    assert shrink(picture, 50).pixels.shape == (50, 25, 3)
    assert shrink(picture, 500) is picture
    assert zoom(picture, 0.5).pixels.shape == (100, 50, 3)
    framed = square(picture, 64)
    assert framed.pixels.shape == (64, 64, 3)
    assert (framed.pixels[:, :16] == 255).all()
    assert not framed.mask[:, :16].any()


def test_only_busy_pictures_without_ground_are_scenes():
    assert clutter(phone((9, 9, 9))) == 0
    assert clutter(phone((9, 9, 9))._replace(mask=None)) == 0
    assert clutter(scene(size=(64, 64))) == 1


def test_a_scene_leaves_most_of_its_colour_unknown():
    assert colour_block(phone((200, 0, 0)))[-1] == 0
    assert colour_block(scene(size=(64, 64)))[-1] ** 2 == pytest.approx(0.9, abs=1e-5)


CLASSIFY = """
import sys, numpy as np
from pathlib import Path
from recommender.engines.efficientnet_lite0 import build, weights_path, SIDE
from recommender.engines.framing import crop_to_product, square
from recommender.imaging.decode import decode
paths = sorted(Path(sys.argv[1]).iterdir())
pixels = np.stack([square(decode(path.read_bytes()), SIDE).pixels for path in paths]).astype(np.float32)
print(*build(weights_path(), classifier=True).predict(pixels, verbose=0, batch_size=16).argmax(axis=1))
"""


@pytest.mark.data
def test_phones_are_classified_as_phones():
    if "RECOMMENDER_DATA_DIR" not in os.environ:
        pytest.skip("RECOMMENDER_DATA_DIR is not set")
    folder = Path(os.environ["RECOMMENDER_DATA_DIR"]) / "phones-2011" / "images"
    done = subprocess.run(
        [sys.executable, "-c", CLASSIFY, str(folder)], capture_output=True, text=True, check=True, timeout=300
    )
    classes = Counter(int(name) for name in done.stdout.split("\n")[-2].split())
    assert classes.most_common(1)[0][0] == 487  # cellular telephone
    assert sum(classes[name] for name in (487, 590, 605)) / classes.total() > 0.5  # with hand-held computer, iPod
