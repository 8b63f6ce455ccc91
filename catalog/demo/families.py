"""The families of each maker: what differs between generations, tiers and sizes. The order is the catalogue's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

from catalog.demo import brands
from catalog.demo.brands import Brand
from catalog.demo.look import Finish, Fold, Layout

Tier = Literal["flagship", "midrange", "budget", "compact", "gaming", "rugged", "foldable"]


@dataclass(frozen=True)
class Family:
    """A phone as it is announced; its products are colours times storage sizes.

    Attributes:
        brand: the maker.
        name: without the maker's name.
        tier: the shop's category.
        age_months: months on the market at the end of the history; the newest were launched days ago.
        price: euros of the smallest storage at launch.
        inches: screen diagonal (the inner screen of a foldable).
        lenses: back cameras.
        colours: keys of the brand's colours.
        storage: GB.
        finish: where it differs from the brand's usual one.
        layout: where it differs from the brand's usual one.
        scale: size of the camera plate against the layout's usual size.
        fold: how it folds.
    """

    brand: Brand
    name: str
    tier: Tier
    age_months: float
    price: int
    inches: float
    lenses: int
    colours: tuple[str, ...]
    storage: tuple[int, ...]
    finish: Finish | None = None
    layout: Layout | None = None
    scale: float = 1.0
    fold: Fold = ""

    @property
    def title(self) -> str:
        """Maker and name."""
        return f"{self.brand.name} {self.name}"


_vellorin = partial(Family, brands.VELLORIN)
_mikoru = partial(Family, brands.MIKORU)
_tessandi = partial(Family, brands.TESSANDI)
_krayvon = partial(Family, brands.KRAYVON)
_calyro = partial(Family, brands.CALYRO)
_dovane = partial(Family, brands.DOVANE)
_halvra = partial(Family, brands.HALVRA)
_pellune = partial(Family, brands.PELLUNE)
_xuelan = partial(Family, brands.XUELAN)
_ruvola = partial(Family, brands.RUVOLA)
_elqora = partial(Family, brands.ELQORA)
_brontag = partial(Family, brands.BRONTAG)

FAMILIES: tuple[Family, ...] = (
    _vellorin("Halo 7", "flagship", 27, 649, 6.5, 2, ("glacier", "obsidian"), (128, 256), finish="gloss", scale=0.86),
    _vellorin("Halo 8", "flagship", 15, 799, 6.5, 3, ("glacier", "orchid", "pearl"), (128, 256), scale=0.94),
    _vellorin("Halo 8 Pro", "flagship", 15, 999, 6.8, 4, ("obsidian", "aurora"), (256, 512)),
    _vellorin("Halo 9", "flagship", 4, 899, 6.4, 3, ("glacier", "aurora", "orchid"), (256, 512)),
    _vellorin("Halo 9 Pro", "flagship", 4, 1199, 6.8, 4, ("obsidian", "pearl", "orchid"), (256, 512), scale=1.06),
    _vellorin("Aria 4", "midrange", 9, 449, 6.6, 2, ("pearl", "orchid"), (128, 256), finish="gloss", layout="pill"),
    _mikoru("Mini 3", "compact", 21, 399, 5.6, 1, ("matcha", "sumi"), (64, 128), scale=1.1),
    _mikoru("Mini 4", "compact", 8, 469, 5.6, 2, ("sakura", "sky", "lemon"), (128, 256)),
    _mikoru("Sora 5", "midrange", 17, 379, 6.1, 2, ("sky", "sumi"), (128, 256)),
    _mikoru("Sora 6", "midrange", 5, 429, 6.1, 2, ("matcha", "sakura", "sky"), (128, 256), scale=1.08),
    _mikoru("Sora 6 Plus", "midrange", 5, 529, 6.6, 3, ("lemon", "sumi"), (256,)),
    _mikoru(
        "Kumo 2", "budget", 11, 229, 6.3, 2, ("sky", "matcha"), (64, 128), finish="gloss", layout="beads", scale=0.72
    ),
    _tessandi("Opera 2", "flagship", 23, 949, 6.5, 2, ("cognac", "notte"), (256,), scale=0.92),
    _tessandi("Opera 3", "flagship", 7, 1149, 6.5, 3, ("cognac", "bordeaux", "avorio"), (256, 512)),
    _tessandi("Opera 3 Ultra", "flagship", 7, 1449, 6.8, 4, ("notte", "pino"), (512, 1024), scale=1.05),
    _tessandi("Piazza 4", "midrange", 12, 599, 6.6, 2, ("avorio", "bordeaux"), (128, 256), layout="capsule"),
    _tessandi("Veneto", "compact", 3, 749, 5.9, 2, ("pino", "cognac"), (128, 256), layout="pill"),
    _krayvon("Blade 5", "gaming", 22, 699, 6.7, 2, ("void", "ember"), (256,)),
    _krayvon("Blade 6", "gaming", 10, 799, 6.8, 3, ("ember", "ion", "toxin"), (256, 512)),
    _krayvon(
        "Blade 6 Ultra",
        "gaming",
        10,
        1099,
        6.9,
        3,
        ("void", "chrome"),
        (512, 1024),
        finish="aurora",
        layout="shield",
        scale=1.05,
    ),
    _krayvon("Volt 3", "gaming", 16, 429, 6.6, 2, ("toxin", "void"), (128, 256), finish="frost"),
    _krayvon("Volt 4", "gaming", 0.1, 479, 6.7, 3, ("ion", "ember", "void"), (256,), finish="frost"),
    _calyro("Pop 6", "budget", 18, 149, 6.4, 2, ("coral", "denim"), (64,), scale=0.94),
    _calyro("Pop 7", "budget", 6, 179, 6.5, 2, ("lagoon", "sun", "berry"), (64, 128)),
    _calyro("Pop 7 Plus", "budget", 6, 219, 6.7, 3, ("grape", "denim"), (128, 256)),
    _calyro("Bloom 3", "midrange", 14, 279, 6.5, 2, ("grape", "lagoon"), (128, 256), finish="aurora", layout="pill"),
    _calyro(
        "Bloom 4", "midrange", 2, 319, 6.6, 3, ("coral", "grape", "lagoon"), (128, 256), finish="aurora", layout="pill"
    ),
    _calyro("Zest 2", "budget", 9, 129, 6.1, 1, ("sun", "berry"), (32, 64), finish="frost", scale=1.05),
    _dovane("Sterling 4", "flagship", 20, 729, 6.3, 2, ("sterling", "onyx"), (128, 256), scale=0.92),
    _dovane("Sterling 5", "flagship", 8, 849, 6.3, 3, ("sterling", "admiral", "brass"), (128, 256)),
    _dovane("Sterling 5 Max", "flagship", 8, 1049, 6.8, 3, ("graphite", "onyx"), (256, 512), scale=1.08),
    _dovane("Atlas 2", "midrange", 13, 549, 6.7, 2, ("graphite", "admiral"), (128, 256), layout="tile", scale=0.86),
    _dovane("Envoy 3", "compact", 1, 649, 6.0, 2, ("brass", "onyx"), (256,)),
    _halvra("Fjord 5", "midrange", 19, 449, 6.3, 2, ("fjord", "slate"), (128, 256)),
    _halvra("Fjord 6", "midrange", 6, 499, 6.3, 3, ("fjord", "birch", "moss"), (128, 256)),
    _halvra("Lysa 3", "flagship", 11, 699, 6.4, 3, ("birch", "lingon"), (256,), finish="ceramic"),
    _halvra("Lysa 3 Max", "flagship", 11, 829, 6.8, 3, ("slate", "fjord"), (256, 512), finish="ceramic", scale=1.1),
    _halvra("Vind 2", "budget", 3, 249, 6.5, 1, ("moss", "lingon"), (64, 128), scale=1.05),
    _pellune("Luna 4", "midrange", 16, 499, 6.4, 2, ("rose", "midnight"), (128, 256)),
    _pellune("Luna 5", "midrange", 5, 579, 6.5, 3, ("rose", "lilac", "champagne"), (128, 256)),
    _pellune("Luna 5 Lite", "budget", 5, 299, 6.4, 2, ("lilac", "cloud"), (128, 256), layout="pill"),
    _pellune(
        "Crescent Flip 2", "foldable", 13, 849, 6.7, 2, ("midnight", "rose"), (128, 256), layout="cover", fold="flip"
    ),
    _pellune(
        "Crescent Flip 3",
        "foldable",
        0.2,
        999,
        6.8,
        2,
        ("lilac", "champagne", "midnight"),
        (256, 512),
        layout="cover",
        scale=1.08,
        fold="flip",
    ),
    _xuelan("Feng 12", "flagship", 16, 599, 6.6, 3, ("ink", "celadon"), (128, 256)),
    _xuelan("Feng 13", "flagship", 5, 649, 6.6, 3, ("snow", "ink", "dusk"), (256, 512)),
    _xuelan("Feng 13 Pro", "flagship", 5, 849, 6.7, 4, ("snow", "celadon"), (256, 512), scale=1.1),
    _xuelan("Yun 8", "midrange", 19, 279, 6.6, 3, ("azure", "ink"), (128, 256), finish="gloss", layout="pill"),
    _xuelan(
        "Yun 9",
        "midrange",
        7,
        299,
        6.7,
        2,
        ("azure", "dusk", "snow"),
        (128, 256),
        finish="aurora",
        layout="halo",
        scale=0.84,
    ),
    _xuelan(
        "Yun 9 Pro", "midrange", 7, 399, 6.7, 3, ("ink", "dusk"), (256,), finish="gloss", layout="halo", scale=0.92
    ),
    _ruvola("Orbit 6", "midrange", 18, 399, 6.5, 3, ("cobalt", "black"), (128, 256)),
    _ruvola("Orbit 7", "midrange", 6, 459, 6.6, 3, ("cobalt", "cream", "emerald"), (128, 256)),
    _ruvola("Orbit 7 Pro", "flagship", 6, 749, 6.7, 4, ("titan", "black"), (256, 512), finish="metal", scale=1.06),
    _ruvola(
        "Duo Book 2",
        "foldable",
        14,
        1399,
        7.6,
        3,
        ("black", "cream"),
        (256,),
        finish="frost",
        layout="pill",
        scale=0.9,
        fold="book",
    ),
    _ruvola(
        "Duo Book 3",
        "foldable",
        3,
        1479,
        7.8,
        3,
        ("cobalt", "titan"),
        (256, 512),
        finish="frost",
        layout="pill",
        scale=0.96,
        fold="book",
    ),
    _elqora("Iris 5", "flagship", 17, 749, 6.5, 2, ("darkroom", "polar"), (128, 256)),
    _elqora("Iris 6", "flagship", 6, 849, 6.5, 3, ("cyan", "silverhalide", "sepia"), (256, 512), finish="leather"),
    _elqora(
        "Iris 6 Ultra",
        "flagship",
        6,
        1299,
        6.8,
        4,
        ("darkroom", "sepia"),
        (512, 1024),
        finish="leather",
        layout="halo",
        scale=1.16,
    ),
    _elqora("Focus 3", "midrange", 15, 379, 6.5, 2, ("cyan", "darkroom"), (128, 256), layout="visor"),
    _elqora("Focus 4", "midrange", 4, 429, 6.6, 3, ("polar", "cyan"), (128, 256), layout="visor"),
    _elqora("Lens Mini", "compact", 9, 599, 5.8, 2, ("silverhalide", "darkroom"), (128, 256)),
    _brontag("Anvil 4", "rugged", 24, 349, 6.1, 2, ("coal", "signal"), (64, 128)),
    _brontag("Anvil 5", "rugged", 7, 429, 6.3, 3, ("signal", "ranger", "coal"), (128, 256)),
    _brontag("Granite 8", "rugged", 12, 549, 6.6, 4, ("ranger", "sand"), (256,), layout="halo", scale=0.9),
    _brontag("Granite Mini", "rugged", 2, 399, 5.4, 1, ("coal", "sand"), (128,), scale=0.9),
)

SMALL_BRANDS = 6
SMALL_FAMILIES = 4


def small_range() -> tuple[Family, ...]:
    """The families of the small size: the first four of the first six makers."""
    chosen = [brand.name for brand in brands.BRANDS[:SMALL_BRANDS]]
    return tuple(
        family
        for name in chosen
        for family in [family for family in FAMILIES if family.brand.name == name][:SMALL_FAMILIES]
    )
