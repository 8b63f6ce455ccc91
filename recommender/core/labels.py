"""Labels as people type them, made comparable: one class for "Blue", "blue " and the same in full-width letters."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from recommender.core.types import Int32

SHOWN = ("family", "model", "brand", "category", "color", "style", "design", "finish", "camera_layout")
"""Attributes that a picture may show, the finest first. Nobody sees prices and storage sizes."""

TRADITIONAL = (
    "紅藍綠黃銀檳鈦鋁鋼銅鐵霧啞淺極鏡雙單後頭攝機電螢摺疊圓邊條橫豎點顏漸變無線號類顯寶瑪貝雲葉櫻蘭薔煙塵鑽遠"
    "晝陽曉欖礦鵝鴿龍鳳馬麥絲絨緞紋質飾純經標準輕艦遊戲競兩個閃燈環島藝術華爾靜靈風灣漿橋樹"
)
SIMPLIFIED = (
    "红蓝绿黄银槟钛铝钢铜铁雾哑浅极镜双单后头摄机电萤折叠圆边条横竖点颜渐变无线号类显宝玛贝云叶樱兰蔷烟尘钻远"
    "昼阳晓榄矿鹅鸽龙凤马麦丝绒缎纹质饰纯经标准轻舰游戏竞两个闪灯环岛艺术华尔静灵风湾浆桥树"
)
"""Characters of colours and phones that the two Chinese scripts write differently, in one order. By hand, and short:
what is missing is not noticed, and none of them stands for two that a shop must tell apart."""

_TO_SIMPLIFIED = str.maketrans(TRADITIONAL, SIMPLIFIED)


class Classes(NamedTuple):
    """What an attribute's labels come to.

    Attributes:
        names: the classes as they are most often written, sorted.
        rows: the class of each label, int32, shape (n,); -1 for no label.
        merged: class -> its other spellings, only where there are any.
    """

    names: tuple[str, ...]
    rows: Int32
    merged: dict[str, tuple[str, ...]]


def usual(present: Collection[str]) -> list[str]:
    """Those of `SHOWN` that are present; family and model are mostly the same, and one of them is enough."""
    return [name for name in SHOWN if name in present and (name != "model" or "family" not in present)]


def normalise(label: str) -> str:
    """The label without differences of case, width, ligature and white space (Unicode NFKC, then case folding)."""
    folded = unicodedata.normalize("NFKC", label).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def classify(labels: Sequence[str]) -> Classes:
    """Classes of labels that differ in more than spelling. Each is named by its commonest spelling, ties by order."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    keys = [normalise(label) for label in labels]
    for key, label in zip(keys, labels, strict=True):
        if key:
            spellings[key][label.strip()] += 1
    named = {key: min(counts, key=lambda name: (-counts[name], name)) for key, counts in spellings.items()}
    order = sorted(named, key=lambda key: (named[key], key))
    positions = {key: row for row, key in enumerate(order)}
    return Classes(
        tuple(named[key] for key in order),
        np.array([positions.get(key, -1) for key in keys], np.int32),
        {named[key]: tuple(sorted(set(spellings[key]) - {named[key]})) for key in order if len(spellings[key]) > 1},
    )


def in_two_scripts(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Names that differ only in the Chinese script that they are written in, those of one meaning together, sorted.

    They stay classes of their own: a shop may mean it, and only people know.
    """
    written: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        written[normalise(name).translate(_TO_SIMPLIFIED)].append(name)
    return [tuple(alike) for alike in written.values() if len({normalise(name) for name in alike}) > 1]
