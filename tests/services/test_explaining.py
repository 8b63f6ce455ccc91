"""Each sentence, in both languages."""
# ruff: noqa: RUF001 - Chinese has marks of its own

import pytest
from django.utils import translation

from recommender.services.explaining import Source, fallback_reason, similar_reason, visitor_reason

LIKE, UNLIKE = 0.9, 0.1
BLUE = {"color": "Midnight Blue"}

SIMILAR = [
    (Source.ALSO_VIEWED, {}, {}, "Shoppers who looked at this also looked at it", "看过此商品的顾客也看了它"),
    (Source.BOUGHT_TOGETHER, {}, {}, "Shoppers who bought this also bought it", "买过此商品的顾客也买了它"),
    (Source.VISUAL, BLUE, {"semantic": UNLIKE}, "Same colour: Midnight Blue", "颜色相同：Midnight Blue"),
    (
        Source.VISUAL,
        BLUE,
        {"semantic": LIKE},
        "Same colour and a similar design: Midnight Blue",
        "颜色相同，设计相近：Midnight Blue",
    ),
    (
        Source.VISUAL,
        {"finish": "frosted glass"},
        {"colour": LIKE},
        "Similar colour and the same finish: frosted glass",
        "颜色相近，质感相同：frosted glass",
    ),
    (
        Source.VISUAL,
        {"camera_layout": "triangle"},
        {"semantic": LIKE, "colour": LIKE},
        "Similar design and the same camera layout: triangle",
        "设计相近，镜头布局相同：triangle",
    ),
    (Source.VISUAL, {}, {"semantic": LIKE, "colour": LIKE}, "Similar colour and design", "颜色与设计相近"),
    (Source.VISUAL, {}, {"colour": LIKE}, "Similar colour", "颜色相近"),
    (Source.VISUAL, {}, {"semantic": LIKE}, "A similar design", "设计相近"),
    (Source.VISUAL, {}, {"shape": LIKE}, "A similar shape", "形状相近"),
    (Source.VISUAL, {}, {"texture": LIKE}, "A similar surface", "表面质感相近"),
    (Source.VISUAL, {"brand": "Orbis"}, {}, "Same brand: Orbis", "品牌相同：Orbis"),
    (Source.VISUAL, {}, {}, "The closest look we have", "现有商品中外观最接近"),
    (Source.ATTRIBUTES, {"storage": "128 GB"}, {}, "Same storage: 128 GB", "存储容量相同：128 GB"),
    (
        Source.ATTRIBUTES,
        {"screen": "6.1″", "category": "compact", "brand": "Orbis"},
        {},
        "Same brand and screen size: Orbis, 6.1″",
        "品牌和屏幕尺寸相同：Orbis，6.1″",
    ),
    (Source.ATTRIBUTES, {"price band": "high"}, {}, "Similar features", "配置相近"),
]

FOR_VISITORS = [
    ({"affinity": 0.4, "trend": 0.1}, "Nova X2", "view", "Because you viewed Nova X2", "因为您看过 Nova X2"),
    ({"collaborative": 0.4}, "Nova X2", "purchase", "Because you bought Nova X2", "因为您买过 Nova X2"),
    (
        {"collaborative": 0.4},
        "Nova X2",
        "cart",
        "Because you put Nova X2 into your basket",
        "因为您把 Nova X2 放进了购物篮",
    ),
    ({"affinity": 0.4}, "Nova X2", "favourite", "Because you like Nova X2", "因为您喜欢 Nova X2"),
    ({"collaborative": 0.4}, "", "", "Shoppers with your taste chose it", "与您口味相近的顾客选择了它"),
    ({"affinity": 0.4}, "", "", "Looks like what you looked at", "与您看过的商品外观相近"),
    ({"attributes": 0.4}, "Nova X2", "view", "Fits what you looked at", "与您看过的商品相配"),
    ({"trend": 0.4}, "Nova X2", "view", "Popular right now", "近期热门"),
    ({"novelty": 0.4}, "", "", "New in the shop", "本店新品"),
    ({}, "", "", "Fits what you looked at", "与您看过的商品相配"),
]


@pytest.mark.parametrize(("source", "shared", "cosines", "english", "chinese"), SIMILAR)
def test_why_a_product_is_like_another(source, shared, cosines, english, chinese):
    seed, other = shared | {"chip": "one"}, shared | {"chip": "two"}
    with translation.override("en"):
        assert similar_reason(source, seed, other, cosines) == english
    with translation.override("zh-hans"):
        assert similar_reason(source, seed, other, cosines) == chinese


@pytest.mark.parametrize(("parts", "cause", "kind", "english", "chinese"), FOR_VISITORS)
def test_why_a_product_suits_a_visitor(parts, cause, kind, english, chinese):
    with translation.override("en"):
        assert visitor_reason(parts, cause, kind) == english
    with translation.override("zh-hans"):
        assert visitor_reason(parts, cause, kind) == chinese


def test_why_a_product_fills_a_place():
    with translation.override("en"):
        assert fallback_reason(Source.TRENDING) == "Popular right now"
        assert fallback_reason(Source.NEWEST) == "New in the shop"


def test_nothing_is_shared_where_values_differ_or_are_empty():
    seed, other = {"color": "blue", "brand": ""}, {"color": "red", "brand": ""}
    with translation.override("en"):
        assert similar_reason(Source.VISUAL, seed, other, {}) == "The closest look we have"
