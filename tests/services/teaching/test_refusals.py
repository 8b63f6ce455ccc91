"""What cannot be learned is said before any work, and a full disk before anything is written."""

import errno
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from recommender.engines.vision.backbones import Backbone
from recommender.exceptions import NoSpaceError, TrainingDataError
from recommender.imaging.augmenting import Variation
from recommender.services.teaching import Course, copies, teach
from recommender.services.teaching.examples import Example, from_folder
from recommender.services.teaching.subjects import choose
from tests.services.teaching.range import draw_range


def example(product, family="", split=None, **labels):
    labels |= {"product": product} if split else {}
    return Example(f"{product}.png", lambda: b"", labels, product, family or product, split)


def test_one_class_only_cannot_be_learned():
    with pytest.raises(TrainingDataError, match=r"color: all pictures are 'red'; at least two classes"):
        choose([example("a", color="red"), example("b", color="red"), example("c", color="Red")], ("color",), 0)


def test_one_picture_a_class_cannot_be_learned():
    with pytest.raises(TrainingDataError, match="every class has one picture only; add a second"):
        choose([example("a", color="red"), example("b", color="blue")], ("color",), 0)


def test_pictures_without_any_label_cannot_be_learned():
    with pytest.raises(TrainingDataError, match="color: no picture that teaches has this label"):
        choose([example("a"), example("b")], ("color",), 0)
    with pytest.raises(TrainingDataError, match="Name heads with --heads"):
        choose([example("a"), example("b")], (), 0)


def test_a_head_that_cannot_be_learned_does_not_stop_the_others():
    shown = [example(f"p{row}", color=("red", "blue")[row % 2], brand="Orbis") for row in range(6)]
    subjects = choose(shown, (), 0)
    assert list(subjects.classes) == ["color"]
    assert subjects.notes == ["brand: all pictures are 'Orbis'; at least two classes are needed."]


def test_single_pictures_of_some_classes_are_told():
    shown = [example("a", color="red"), example("b", color="red"), example("c", color="blue")]
    assert choose(shown, (), 0).notes == [
        "color: 1 classes have one picture, and are learned from its varied copies alone."
    ]


def test_labels_in_two_chinese_scripts_are_told():
    shown = [example(f"p{row}", color=("红色", "紅色", "iPhone蓝", "iphone蓝")[row % 4]) for row in range(8)]
    subjects = choose(shown, ("color",), 0)
    assert len(subjects.classes["color"].names) == 3
    assert subjects.notes == [
        "color: 'iphone蓝' is read as 'iPhone蓝'.",
        "color: '紅色' and '红色' differ only in Chinese script, and are learned as 2 classes. "
        "Write them alike to make them one.",
    ]


def test_what_is_odd_about_labels_is_told_before_any_work(tmp_path):
    shown = [example("a", color="red"), example("b", color="red"), example("c", color="blue")]
    told = []

    def stop(text):
        told.append(text)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        teach(shown, Course(), tmp_path, note=stop)
    assert told == choose(shown, (), 0).notes
    assert list(tmp_path.iterdir()) == []


def test_photos_of_another_split_only_judge_and_a_class_that_only_they_have_is_unknown():
    shown = [
        *(example("a", split="train") for _ in range(8)),
        *(example("b", split="train") for _ in range(8)),
        example("a", split="val"),
        example("c", split="val"),
    ]
    subjects = choose(shown, (), 0)
    assert subjects.classes["product"].names == ("a", "b")
    assert subjects.classes["product"].rows[-2:].tolist() == [0, -1]
    assert subjects.parts.tolist() == [0] * 7 + [1] + [0] * 7 + [1] + [2, 2]


@pytest.fixture
def tiny(tmp_path):
    """A range of 4 pictures, and a backbone of which everything learns, so that its maps are the pixels."""
    draw_range(tmp_path / "range", families=1)
    tail = SimpleNamespace(input=SimpleNamespace(shape=(None, 64, 64, 3)))
    return from_folder(tmp_path / "range"), Backbone(None, tail, 64, "stand-in")


def make(tiny, folder, **options):
    examples, backbone = tiny
    given = {"varied": np.ones(len(examples), np.bool_), "count": 1, "seed": 0, "folder": folder} | options
    return copies.make_copies(examples, backbone, Variation(), **given)


def test_a_disk_that_is_too_small_is_told_before_anything_is_written(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=10_000))
    (tmp_path / "work").mkdir()
    with pytest.raises(NoSpaceError, match=r"need 200\.1\xa0MB, and .* has 9\.8\xa0KB\. Free some space"):
        make(tiny, tmp_path / "work")
    assert list((tmp_path / "work").iterdir()) == []


def test_a_disk_that_fills_up_is_told_with_the_cure(tiny, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(copies.os, "posix_fallocate", full)
    (tmp_path / "work").mkdir()
    with pytest.raises(NoSpaceError, match=r"is full\. Free some space"):
        make(tiny, tmp_path / "work")


def test_copies_are_made_once_and_an_interruption_costs_a_chunk(tiny, tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    whole = make(tiny, tmp_path / "work")
    assert whole.maps.shape == (2, 4, 64, 64, 3)
    assert whole.maps.dtype == np.uint8
    assert whole.readable.all()
    monkeypatch.setattr(copies, "decode", None)  # nothing is looked at again
    assert np.array_equal(make(tiny, tmp_path / "work").maps, whole.maps)


def test_what_is_not_varied_has_its_plain_map_alone(tiny, tmp_path):
    (tmp_path / "work").mkdir()
    maps = make(tiny, tmp_path / "work", varied=np.array([True, False, False, True])).maps
    assert [bool(maps[1, row].any()) for row in range(4)] == [True, False, False, True]
    assert maps[0].reshape(4, -1).any(axis=1).all()
