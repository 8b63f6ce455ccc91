# ruff: noqa: RUF001 - Chinese has its own commas
"""Twelve invented makers: how each one designs, what it calls its colours, and how it speaks."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.demo.look import Cameras, Clock, Colour, Cutout, Edge, Finish, Wallpaper


@dataclass(frozen=True)
class Brand:
    """A maker's design language.

    Attributes:
        name: as on the box.
        edge: cross-section of the frame.
        radius: corner radius of a 6.5-inch phone, in millimetres.
        exponent: squareness of the corners, 2 is a circle.
        bezel: black border around the screen of a flagship, in millimetres.
        thickness: of a flagship, in millimetres.
        cameras: layout, plate and ring; families say how many lenses.
        finish: usual material of the back.
        wallpapers: families take turns.
        software: name of its system.
        colours: key -> colourway.
        promise: what it stands for, English and Simplified Chinese, completing a sentence about a phone.
    """

    name: str
    edge: Edge
    radius: float
    exponent: float
    bezel: float
    thickness: float
    cameras: Cameras
    finish: Finish
    wallpapers: tuple[Wallpaper, ...]
    software: str
    colours: dict[str, Colour]
    promise: tuple[str, str]
    cutout: Cutout = "dot"
    clock: Clock = "centre"


VELLORIN = Brand(
    "Vellorin", "curved", 13.0, 2.3, 1.3, 8.2, Cameras("halo", 3, 1.0, "glass", "bright"), "aurora", ("silk", "petals"),
    "Vellum OS",
    {
        "glacier": Colour("Glacier Blue", "冰川蓝", "blue", "#3f6fc4", "#7fd0e8", "#9fb4d6"),
        "orchid": Colour("Night Orchid", "夜兰紫", "purple", "#5a3f9e", "#c77fd8", "#a595c8"),
        "obsidian": Colour("Obsidian", "黑曜石", "black", "#202227", "#46507a", "#6d7078"),
        "aurora": Colour("Aurora Green", "极光绿", "green", "#1f7d6d", "#7fd6a4", "#93b9ab"),
        "pearl": Colour("Pearl White", "珍珠白", "white", "#eceef2", "#c9d4f0", "#d5d9e0"),
    },
    ("curved glass that flows into your hand", "曲面玻璃与手掌自然贴合"),
)  # fmt: skip
MIKORU = Brand(
    "Mikoru", "round", 13.5, 2.2, 1.8, 7.9, Cameras("pill", 2, 1.0, "body", "metal"), "frost", ("orbs", "blocks"),
    "Koru OS",
    {
        "matcha": Colour("Matcha", "抹茶绿", "green", "#b5dcb0", "#6cae79", "#bdd4b8"),
        "sakura": Colour("Sakura", "樱花粉", "pink", "#f6c9d3", "#e58aa5", "#e8c3cb"),
        "sky": Colour("Morning Sky", "晨空蓝", "blue", "#b7d5ee", "#6ea6dc", "#b9cede"),
        "lemon": Colour("Yuzu", "柚子黄", "yellow", "#f4e29a", "#e9b84f", "#e3d7a5"),
        "sumi": Colour("Sumi Ink", "墨黑", "black", "#35373c", "#7d86a0", "#5b5d62"),
    },
    ("a size that fits one hand and every pocket", "单手可握、口袋好放的尺寸"),
    clock="left",
)  # fmt: skip
HALVRA = Brand(
    "Halvra", "flat", 11.0, 2.5, 1.6, 8.0, Cameras("beads", 3, 1.0, "body", "metal"), "frost", ("contours", "discs"),
    "Hearth OS",
    {
        "fjord": Colour("Fjord", "峡湾蓝", "blue", "#44617c", "#86b1c9", "#7f93a6"),
        "birch": Colour("Birch", "白桦", "white", "#ebe6dc", "#c9ab82", "#d9d2c4"),
        "moss": Colour("Moss", "苔藓绿", "green", "#66745a", "#b3b77b", "#8f997f"),
        "lingon": Colour("Lingonberry", "越橘红", "red", "#a33a42", "#e08a78", "#b5787a"),
        "slate": Colour("Slate", "板岩灰", "grey", "#6b7077", "#9db4c8", "#8f949b"),
    },
    ("quiet northern design and parts you can replace", "北欧静谧设计，部件可自行更换"),
    clock="left",
)  # fmt: skip
TESSANDI = Brand(
    "Tessandi", "flat", 9.0, 2.3, 1.5, 8.4, Cameras("tile", 3, 1.0, "metal", "gold"), "leather", ("dunes", "petals"),
    "Opera UI",
    {
        "cognac": Colour("Cognac", "干邑棕", "brown", "#a8663c", "#d9b06c", "#d3ab6c"),
        "bordeaux": Colour("Bordeaux", "波尔多红", "red", "#7a2434", "#d98a5c", "#d3ab6c"),
        "notte": Colour("Notte", "夜色黑", "black", "#2a2829", "#b08d57", "#c9a466"),
        "avorio": Colour("Avorio", "象牙白", "white", "#eee4d3", "#d0a368", "#d8b67e"),
        "pino": Colour("Pino", "松林绿", "green", "#2f4a3c", "#a9a464", "#c9a868"),
    },
    ("hand-finished leather in a gilded frame", "手工皮革配以鎏金边框"),
    clock="stacked",
)  # fmt: skip
KRAYVON = Brand(
    "Krayvon", "chamfer", 9.5, 2.1, 1.5, 9.2, Cameras("slash", 3, 1.0, "glass", "black"), "fibre", ("facets", "planet"),
    "Overdrive OS",
    {
        "ember": Colour("Ember", "余烬红", "red", "#b3202a", "#ff7a2f", "#5a5c63"),
        "toxin": Colour("Toxin", "荧光绿", "green", "#2b3a1f", "#a6f03a", "#4d5249"),
        "void": Colour("Void", "虚空黑", "black", "#1c1d22", "#8a4dff", "#43454d"),
        "ion": Colour("Ion", "离子蓝", "blue", "#1d3f8f", "#3ee0ff", "#565c68"),
        "chrome": Colour("Chrome", "铬银", "silver", "#b4b9c2", "#ff4d6a", "#a4a8b0"),
    },
    ("frame rates that never drop and triggers under your fingers", "帧率稳定，指尖自带肩键"),
)  # fmt: skip
BRONTAG = Brand(
    "Brontag", "chamfer", 15.0, 2.3, 3.4, 13.5, Cameras("shield", 3, 1.0, "metal", "black"), "armour",
    ("peaks", "contours"), "Basecamp OS",
    {
        "signal": Colour("Signal Orange", "信号橙", "orange", "#d9661c", "#2c2d30", "#3a3b3f"),
        "coal": Colour("Coal", "煤黑", "black", "#36383c", "#ff7a1a", "#2e3034"),
        "ranger": Colour("Ranger Green", "巡林绿", "green", "#566045", "#e0b23c", "#3c4034"),
        "sand": Colour("Desert Sand", "沙漠黄", "yellow", "#c4a46c", "#3b3a36", "#57524a"),
    },
    ("a shell that shrugs off drops, dust and a week outdoors", "抗摔防尘，户外一周无忧"),
)  # fmt: skip
PELLUNE = Brand(
    "Pellune", "round", 16.0, 2.1, 1.5, 7.4, Cameras("moon", 3, 1.0, "glass", "gold"), "gloss", ("planet", "petals"),
    "Lune OS",
    {
        "rose": Colour("Rose Moon", "月光玫瑰", "pink", "#eaa8b4", "#f6d9c8", "#e6bfa8"),
        "lilac": Colour("Lilac Haze", "丁香紫", "purple", "#b59ad8", "#f0c6e0", "#cbbcd8"),
        "champagne": Colour("Champagne", "香槟金", "gold", "#dcc39a", "#f6ead2", "#d9bd8b"),
        "midnight": Colour("Midnight", "午夜蓝", "blue", "#22305c", "#7f8fd0", "#c3ad86"),
        "cloud": Colour("Cloud", "云白", "white", "#f0eef0", "#e3cfe8", "#dfd3c6"),
    },
    ("jewellery-like details and soft portraits after dark", "如首饰般的细节，夜色人像柔美"),
    clock="stacked",
)  # fmt: skip
XUELAN = Brand(
    "Xuelan", "flat", 12.0, 2.6, 1.4, 8.1, Cameras("tile", 4, 1.02, "body", "bright"), "ceramic", ("peaks", "silk"),
    "Shan OS",
    {
        "snow": Colour("Snow Ceramic", "雪瓷白", "white", "#f3f4f6", "#a9c4e4", "#d3d7dc"),
        "ink": Colour("Ink Ceramic", "墨瓷黑", "black", "#191b20", "#4d6fae", "#54575e"),
        "celadon": Colour("Celadon", "青瓷绿", "green", "#9cc4b2", "#4f8f86", "#a9bdb3"),
        "dusk": Colour("Dusk Purple", "暮山紫", "purple", "#8478b8", "#e0a3b4", "#a8a2c4"),
        "azure": Colour("Azure", "天青蓝", "blue", "#5f9fc8", "#b4e0ea", "#a2bacb"),
    },
    ("flagship hardware without the flagship price", "旗舰硬件，越级价格"),
    cutout="island",
)  # fmt: skip
CALYRO = Brand(
    "Calyro", "round", 14.5, 2.2, 2.1, 8.6, Cameras("capsule", 2, 1.0, "body", "bright"), "gloss", ("blocks", "orbs"),
    "Petal UI",
    {
        "coral": Colour("Coral Pop", "珊瑚橙", "orange", "#f4774f", "#ffb36b", "#e49a7f"),
        "lagoon": Colour("Lagoon", "泻湖青", "teal", "#1fa7a6", "#7fe3c4", "#7fbcb8"),
        "sun": Colour("Sunny Side", "向阳黄", "yellow", "#f5c63a", "#ff9a4d", "#dcbd68"),
        "grape": Colour("Grape Fizz", "葡萄紫", "purple", "#7b4fd0", "#e07fe0", "#9a84c4"),
        "berry": Colour("Berry", "浆果红", "red", "#d8334f", "#ff8f7a", "#c97a84"),
        "denim": Colour("Denim", "丹宁蓝", "blue", "#2f63b8", "#6fc3ee", "#7f9cc4"),
    },
    ("big colour, a big battery and a small price", "缤纷色彩、大电池、低价格"),
    clock="left",
)  # fmt: skip
DOVANE = Brand(
    "Dovane", "flat", 10.5, 2.8, 1.5, 7.8, Cameras("visor", 3, 1.0, "glass", "metal"), "metal", ("contours", "dunes"),
    "Envoy OS",
    {
        "sterling": Colour("Sterling", "纯银", "silver", "#c9ccd2", "#5f7fc4", "#d5d8dd"),
        "graphite": Colour("Graphite", "石墨灰", "grey", "#5a5d63", "#8aa0c0", "#74777d"),
        "brass": Colour("Brass", "黄铜金", "gold", "#cdb080", "#a86f3d", "#d4b684"),
        "admiral": Colour("Admiral", "海军蓝", "blue", "#33466b", "#6fa0d8", "#4d6089"),
        "onyx": Colour("Onyx", "缟玛瑙黑", "black", "#2b2c30", "#6d7fa8", "#3f4146"),
    },
    ("an all-metal body and security made for work", "全金属机身，为工作而生的安全"),
)  # fmt: skip
RUVOLA = Brand(
    "Ruvola", "round", 12.0, 2.4, 1.5, 8.0, Cameras("twin", 3, 1.0, "body", "bright"), "gloss", ("discs", "silk"),
    "Orbit OS",
    {
        "cobalt": Colour("Cobalt", "钴蓝", "blue", "#1f47b0", "#5fa0ff", "#7f96c8"),
        "titan": Colour("Titanium", "钛灰", "grey", "#8b8a88", "#c8b8a0", "#a5a29d"),
        "cream": Colour("Cream", "奶油白", "white", "#f2ead9", "#ecc6a0", "#dccfb8"),
        "emerald": Colour("Emerald", "祖母绿", "green", "#0f6b4f", "#5fd09a", "#7ba694"),
        "black": Colour("Deep Black", "深邃黑", "black", "#17181b", "#3a4f9a", "#55575c"),
    },
    ("round twin cameras and screens that unfold", "双圆镜头与可展开的屏幕"),
    cutout="dot",
)  # fmt: skip
ELQORA = Brand(
    "Elqora", "flat", 12.5, 2.3, 1.5, 8.6, Cameras("deck", 3, 1.0, "glass", "metal"), "frost", ("dunes", "peaks"),
    "Iris OS",
    {
        "sepia": Colour("Sepia", "复古棕", "brown", "#7d5a44", "#e0b080", "#a58d78"),
        "silverhalide": Colour("Silver Halide", "卤银", "silver", "#cfd2d4", "#8fa3b4", "#c4c8cc"),
        "darkroom": Colour("Darkroom", "暗房黑", "black", "#222326", "#c04040", "#606368"),
        "cyan": Colour("Cyanotype", "蓝晒", "blue", "#2d5f8c", "#8fd0dc", "#7b96ad"),
        "polar": Colour("Polar", "极地白", "white", "#edeff0", "#a5c6d8", "#cfd4d7"),
    },
    ("a camera you will want to take on every trip", "每次旅行都想带上的相机"),
)  # fmt: skip

BRANDS: tuple[Brand, ...] = (
    VELLORIN, MIKORU, TESSANDI, KRAYVON, CALYRO, DOVANE, HALVRA, PELLUNE, XUELAN, RUVOLA, ELQORA, BRONTAG,
)  # fmt: skip
