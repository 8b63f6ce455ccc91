"""From labelled pictures to an encoder: what is learned, what is written, and what an interruption leaves behind."""

import json
import multiprocessing
import shutil
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection
from PIL import Image

from catalog.models import Product
from recommender.engines.trained import TrainedEncoder, read_description, read_heads
from recommender.imaging.decode import decode
from recommender.models import EncoderVersion, ImageEmbedding, Snapshot
from recommender.services import recommending, serving, training
from recommender.services.engines import follow_live
from tests.services.teaching import worker
from tests.services.teaching.range import draw_range
from tests.shop import add_picture, make_product, phone_picture

LONG = {"epochs": 50, "rate": 3e-3, "patience": 50, "copies": 4}


@pytest.fixture(scope="module")
def train():
    """Runs `worker.train` in a process that has TensorFlow."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=worker.prepare) as pool:
        yield lambda *args, **options: pool.submit(worker.train, *args, **options).result(timeout=300)


@pytest.fixture(scope="module")
def learned(train, tmp_path_factory):
    """A range, and the report of a network that learned it."""
    root = tmp_path_factory.mktemp("learned")
    draw_range(root / "range")
    (root / "range" / "images" / "f0-red.png").write_bytes(b"no picture")
    return root, train(root / "range", root / "out", **LONG)


def test_a_network_names_the_colours_of_families_it_never_saw(learned):
    _, report = learned
    judged = {head: parts["judging"] for head, parts in report["heads"].items()}
    assert judged["color"]["pictures"] == judged["camera_layout"]["pictures"] == 11
    assert judged["color"]["accuracy"] == 1.0
    assert report["jobs"] == [("vision", "done")]


def test_a_broken_picture_is_left_out_and_listed(learned):
    root, report = learned
    assert [line["file"] for line in report["refused"]] == ["images/f0-red.png"]
    assert any("f0-red.png" in text for text in report["heard"])
    page = (root / "out" / report["encoder"].split("/")[-1] / "report" / "index.html").read_text()
    assert "images/f0-red.png" in page


def test_the_encoder_serves_without_tensorflow_and_says_what_it_sees(learned):
    _, report = learned
    encoder = TrainedEncoder(path=report["encoder"])
    shown = [decode(phone_picture(colour, corner=31, lens=2, size=120)) for colour in ("red", "blue", "gold")]
    vectors = encoder.encode(shown)
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, encoder.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    head = encoder.heads["color"]
    shares = head.probabilities(encoder.parts(vectors))
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert [head.classes[row] for row in shares.argmax(axis=1)] == ["red", "blue", "gold"]
    assert encoder.version == report["version"]
    assert {block.name: round(100 * block.weight) for block in encoder.blocks} == report["weights"]


def test_the_report_is_a_page_with_its_pictures_and_json(learned):
    root, report = learned
    folder = root / "out" / report["encoder"].split("/")[-1] / "report"
    page = (folder / "index.html").read_text()
    for name in ("curves.png", "retrieval.png", "confusion-color.png", "confusion-camera_layout.png"):
        assert f'src="{name}"' in page
        with Image.open(folder / name) as image:
            assert image.width > 300
    written = json.loads((folder / "report.json").read_text())
    assert written["heads"]["color"]["judging"]["accuracy"] == 1.0
    assert set(written["retrieval"]) == {"before", "after"}
    assert not (root / "out" / "work").exists()


def test_heads_read_blocks_and_not_the_network_that_learned_by_heart(train, tmp_path):
    draw_range(tmp_path / "range", families=34)
    report = train(tmp_path / "range", tmp_path / "out", backbone="lite0", epochs=1, copies=0)
    judged = {head: parts["judging"] for head, parts in report["heads"].items()}
    assert judged["color"]["accuracy"] == judged["camera_layout"]["accuracy"] == 1.0
    encoder = TrainedEncoder(path=report["encoder"])
    assert [block.name for block in encoder.blocks] == ["semantic", "colour", "shape", "upper", "lower"]
    assert all("semantic" not in parts["reads"] for parts in report["heads"].values())
    shown = [decode(phone_picture("blue", corner=31, lens=lens, size=120)) for lens in (1, 2, 3)]
    assert sum(report["weights"].values()) == 100
    assert min(report["weights"].values()) >= 1
    classes, shares = encoder.read_attributes(encoder.encode(shown))["camera_layout"]
    assert [classes[row] for row in shares.argmax(axis=1)] == ["one lens", "two lenses", "three lenses"]
    for name, head in encoder.heads.items():
        read = [block.name for block in encoder.blocks if head.directions[:, block.start : block.stop].any()]
        assert read == report["heads"][name]["reads"]


def test_a_stopped_training_goes_on_as_if_it_had_never_stopped(train, learned, tmp_path):
    root, report = learned
    stopped = train(root / "range", tmp_path, stop_after=2, **LONG)
    assert (stopped["error"], stopped["jobs"]) == ("KeyboardInterrupt", [("vision", "failed")])
    assert [path.name for path in tmp_path.iterdir()] == ["work"]
    resumed = train(root / "range", tmp_path, stop_after=4, **LONG)
    assert losses(resumed) == pytest.approx(losses(report)[2:4], abs=2e-3)


def losses(report):
    """The loss of each epoch that was told."""
    told = [text for text in report["heard"] if text.startswith("Epoch")]
    return [float(text.split("loss ")[1].split(";")[0]) for text in told]


def test_unfinished_work_of_another_course_is_refused_and_kept(train, learned, tmp_path):
    root, _ = learned
    train(root / "range", tmp_path, stop_after=1, epochs=3)
    before = (tmp_path / "work" / "checkpoint.npz").read_bytes()
    other = train(root / "range", tmp_path, epochs=3, heads=("color",))
    assert other["error"] == "CheckpointError"
    assert "--fresh" in other["message"]
    assert (tmp_path / "work" / "checkpoint.npz").read_bytes() == before
    (tmp_path / "work" / "checkpoint.npz").write_bytes(before[: len(before) // 2])
    torn = train(root / "range", tmp_path, epochs=3)
    assert torn["error"] == "CheckpointError"
    assert "damaged" in torn["message"]
    anew = train(root / "range", tmp_path, epochs=3, fresh=True, stop_after=1)
    assert [text.split(":")[0] for text in anew["heard"] if text.startswith("Epoch")] == ["Epoch 1"]


LOOKS = {
    f"{colour} {lens}": {"colour": colour, "lens": lens, "corner": 31, "size": 120}
    for colour in ("red", "blue", "gold")
    for lens in (1, 3)
}


@pytest.fixture
def shop(transactional_db):
    """Phones whose attributes say nothing, so that looks alone decide; their shelves are of the light encoder."""
    for name, look in LOOKS.items():
        add_picture(make_product(name, colour="grey", picture=False), phone_picture(**look))
    return training.train()


def encoder(*args):
    call_command("recommender_encoder", *args, stdout=StringIO(), stderr=StringIO())


def shelves():
    """By product what is shown beside it with its score, the best first, read anew."""
    read_description.cache_clear()
    read_heads.cache_clear()
    serving.reset()
    found = {}
    for product in Product.objects.order_by("sku"):
        shown = [(item.product.sku, item.score) for item in recommending.similar(product).items]
        found[product.sku] = sorted(shown, key=lambda item: -item[1])
    return found


def vectors(version):
    """By product the vector that is stored of an encoder."""
    rows = ImageEmbedding.objects.filter(encoder_version=version, status="ready").select_related("product")
    return {row.product.sku: np.frombuffer(bytes(row.vector), "<f4") for row in rows}


def order(shown):
    return {sku: [other for other, _ in items] for sku, items in shown.items()}


def order_of(version):
    """By product the others, the most alike first, by the vectors that are stored of an encoder."""
    stored = vectors(version)
    return {
        sku: sorted(stored.keys() - {sku}, key=lambda other: -float(stored[other] @ vector))
        for sku, vector in stored.items()
    }


def test_a_trained_network_goes_live_as_a_candidate_and_back(learned, shop):
    _, report = learned
    before = shelves()
    assert order(before) == order_of(shop.encoder_version)
    encoder("prepare", "--trained", report["encoder"])
    assert shelves() == before
    network, stored = TrainedEncoder(path=report["encoder"]), vectors(report["version"])
    assert stored.keys() == LOOKS.keys()
    for sku, look in LOOKS.items():
        np.testing.assert_allclose(stored[sku], network.encode([decode(phone_picture(**look))])[0], atol=1e-2)
    encoder("switch")
    after = shelves()
    assert serving.current().snapshot.encoder_version == follow_live().version == report["version"]
    assert order(after) == order_of(report["version"])
    assert after != before
    encoder("rollback")
    assert shelves() == before
    assert follow_live().version == shop.encoder_version


def everything(folder):
    """What a training must leave as it is: the live encoder, its files, all vectors, snapshots and shelves."""
    return {
        "files": {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()},
        "vectors": list(ImageEmbedding.objects.order_by("pk").values()),
        "encoders": list(EncoderVersion.objects.order_by("pk").values()),
        "snapshots": list(Snapshot.objects.order_by("pk").values()),
        "shelves": shelves(),
        "live": follow_live().version,
    }


def test_a_training_that_is_stopped_or_fails_leaves_what_is_live_untouched(train, learned, shop, tmp_path):
    _, report = learned
    out, live = tmp_path / "out", tmp_path / "out" / "encoder"
    shutil.copytree(report["encoder"], live)
    encoder("prepare", "--trained", str(live))
    encoder("switch")
    before = everything(live)
    assert before["live"] == report["version"]
    draw_range(tmp_path / "range", families=4)
    work = {"database": connection.settings_dict, "epochs": 3, "copies": 1}
    stopped = train(tmp_path / "range", out, stop_after=1, **work)
    assert (stopped["error"], stopped["jobs"][0]) == ("KeyboardInterrupt", ("vision", "failed"))
    assert everything(live) == before
    checkpoint = out / "work" / "checkpoint.npz"
    checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    failed = train(tmp_path / "range", out, **work)
    assert (failed["error"], failed["jobs"]) == ("CheckpointError", [("vision", "failed")])
    assert everything(live) == before
    assert {path.name for path in out.iterdir()} == {live.name, "work"}
