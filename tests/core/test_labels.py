"""Labels: what counts as the same word, and what a class is called."""

import unicodedata

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.labels import SIMPLIFIED, TRADITIONAL, classify, in_two_scripts, normalise


def test_case_width_ligatures_and_space_make_no_class():
    spellings = ["Blue", "blue ", "BLUE", "\uff42\uff4c\uff55\uff45", "Blue"]
    assert {normalise(label) for label in spellings} == {"blue"}
    assert normalise("o\ufb03ce  grey") == "office grey"
    assert normalise("STRASSE") == normalise("straße")


def test_a_class_is_named_by_its_commonest_spelling_and_lists_the_others():
    classes = classify(["blue", "Blue", "Blue", "red", "", "  ", "RED", "red"])
    assert classes.names == ("Blue", "red")
    assert classes.rows.tolist() == [0, 0, 0, 1, -1, -1, 1, 1]
    assert classes.rows.dtype == np.int32
    assert classes.merged == {"Blue": ("blue",), "red": ("RED",)}


def test_what_differs_in_more_than_spelling_stays_apart():
    assert classify(["space grey", "space gray", "蓝", "藍"]).names == ("space gray", "space grey", "蓝", "藍")


def test_classes_that_differ_in_chinese_script_alone_are_noticed():
    names = classify(["紅色", "红色", "香檳金", "香槟金", "香檳金 ", "蓝色", "灰色", "雙鏡頭"]).names
    assert in_two_scripts(names) == [("紅色", "红色"), ("香槟金", "香檳金")]
    assert in_two_scripts(["深空灰", "深空黑", "Blue", "blue"]) == []


def test_the_two_scripts_differ_in_every_pair():
    assert len(TRADITIONAL) == len(SIMPLIFIED) == len(set(TRADITIONAL))
    assert not set(TRADITIONAL) & set(SIMPLIFIED)


@given(st.lists(st.text(max_size=8), max_size=20), st.randoms())
def test_classes_do_not_depend_on_the_order(labels, random):
    shuffled = random.sample(labels, len(labels))
    left, right = classify(labels), classify(shuffled)
    assert left.names == right.names
    assert sorted(left.rows.tolist()) == sorted(right.rows.tolist())


@given(st.text(max_size=12))
def test_normalising_twice_changes_nothing(text):
    once = normalise(text)
    assert normalise(once) == once
    assert normalise(unicodedata.normalize("NFD", text)) == normalise(unicodedata.normalize("NFC", text))
