# ruff: noqa: RUF001 - Chinese has its own commas and colons
"""What the shop says about a phone, in English and Simplified Chinese."""

from __future__ import annotations

from catalog.demo.families import Family, Tier
from catalog.demo.look import Finish, Layout
from catalog.demo.specs import Specs

BACKS: dict[Finish, tuple[str, str]] = {
    "gloss": ("gloss glass", "亮面玻璃"),
    "aurora": ("gradient glass", "渐变玻璃"),
    "ceramic": ("polished ceramic", "抛光陶瓷"),
    "frost": ("frosted glass", "磨砂玻璃"),
    "metal": ("brushed metal", "拉丝金属"),
    "leather": ("grained leather", "荔枝纹皮革"),
    "fibre": ("woven fibre", "编织纤维"),
    "armour": ("shock-absorbing armour", "减震护甲"),
}

LAYOUTS: dict[Layout, str] = {
    "halo": "round island in the middle",
    "pill": "upright pill",
    "tile": "square island",
    "visor": "bar across the back",
    "beads": "lenses in a column",
    "capsule": "capsule in the middle",
    "deck": "deck over the top",
    "twin": "two large lenses",
    "shield": "shield in the middle",
    "slash": "slanted bar",
    "moon": "round island in the corner",
    "cover": "lenses on the cover",
}
"""How the back cameras are arranged; `catalog.wording` has the Chinese."""

_OPENINGS: dict[Tier, tuple[str, str]] = {
    "flagship": ("shows what {brand} can do", "展现了 {brand} 的顶尖工艺"),
    "midrange": ("gets the everyday things right", "把日常体验做到恰到好处"),
    "budget": ("keeps it simple and affordable", "简单好用，价格亲民"),
    "compact": ("proves that small can be serious", "小巧机身，认真做事"),
    "gaming": ("is made to win", "为胜利而生"),
    "rugged": ("goes where other phones stay at home", "能去其他手机去不了的地方"),
    "foldable": ("folds the future into your pocket", "把未来折进口袋"),
}


def back(family: Family) -> tuple[str, str]:
    """What the back is made of, in both languages."""
    return BACKS[family.finish or family.brand.finish]


def camera_layout(family: Family) -> str:
    """How the back cameras are arranged."""
    return LAYOUTS[family.layout or family.brand.cameras.layout]


def describe(family: Family, specs: Specs) -> tuple[str, str]:
    """A short text about a family: English, Simplified Chinese."""
    opening, opening_zh = _OPENINGS[family.tier]
    promise, promise_zh = family.brand.promise
    material, material_zh = back(family)
    screen = f"{specs.screen_inches:g}-inch {specs.refresh_hz} Hz"
    lenses = {1: "one well-chosen camera", 2: "two cameras", 3: "three cameras", 4: "four cameras"}[family.lenses]
    main = specs.cameras.split(" MP")[0]
    english = (
        f"The {family.title} {opening.format(brand=family.brand.name)}: {promise}. "
        f"A {screen} screen in front, {material} behind, and {lenses} led by {_article(main)} {main}-megapixel sensor. "
        f"{specs.battery_mah:,} mAh carry it through the day, and {specs.charging_watts} W fill it up again quickly."
    )
    chinese = (
        f"{family.title} {opening_zh.format(brand=family.brand.name)}：{promise_zh}。"
        f"正面是 {specs.screen_inches:g} 英寸 {specs.refresh_hz} Hz 屏幕，背面采用{material_zh}，"
        f"{_lead_zh(family)}主摄达 {int(main) * 100} 万像素。"
        f"{specs.battery_mah} mAh 电池陪您一整天，{specs.charging_watts} W 快充很快补满。"
    )
    return english, chinese


def _lead_zh(family: Family) -> str:
    return "" if family.lenses == 1 else f"{family.lenses} 颗镜头中，"


def _article(number: str) -> str:
    return "an" if number in ("8", "11", "18", "80") else "a"
