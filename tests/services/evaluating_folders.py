"""Small data set folders whose right answers are known: two tastes, told apart by colour and by behaviour."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image

from recommender.datasets.writer import write_interactions, write_products
from recommender.sources import InteractionRecord, ProductRecord

START = datetime(2024, 1, 1, tzinfo=UTC)
COLOURS = ((200, 30, 30), (30, 30, 200))
N_PRODUCTS, N_USERS = 40, 60


@dataclass(frozen=True)
class Shop:
    """What to put into a folder. Products and users alternate between the tastes 0 and 1."""

    has_products: bool = True
    has_pictures: bool = True
    has_times: bool = True
    has_test: bool = True
    n_new: int = 6


def make_folder(folder: Path, shop: Shop = Shop(), seed: int = 0) -> Path:
    """Everybody buys products of their own taste; the last `n_new` products sell only in the test part."""
    rng = np.random.default_rng(seed)
    if shop.has_products:
        write_products(folder, [_product(folder, row, shop.has_pictures, rng) for row in range(N_PRODUCTS)])
    train, test = [], []
    for user in range(N_USERS):
        own = np.arange(user % 2, N_PRODUCTS - shop.n_new, 2)
        new = np.arange(N_PRODUCTS - shop.n_new + user % 2, N_PRODUCTS, 2)
        bought = rng.permutation(own)[:9].tolist()
        later = [*bought[7:], int(rng.choice(new))] if shop.n_new else bought[7:]
        train += [_event(user, row, day, shop.has_times) for day, row in enumerate(bought[:7])]
        test += [_event(user, row, 30 + day, shop.has_times) for day, row in enumerate(later)]
    write_interactions(folder, train if shop.has_test else train + test)
    if shop.has_test:
        write_interactions(folder, test, name="test")
    return folder


def _event(user: int, row: int, day: int, is_dated: bool) -> InteractionRecord:
    moment = START + timedelta(days=day, minutes=user) if is_dated else None
    return InteractionRecord(0, f"u{user}", f"p{row:03}", "purchase", moment)


def _product(folder: Path, row: int, has_picture: bool, rng: np.random.Generator) -> ProductRecord:
    images: tuple[Path, ...] = ()
    if has_picture:
        images = (folder / "images" / f"{row}.png",)
        images[0].parent.mkdir(parents=True, exist_ok=True)
        pixels = np.full((48, 48, 3), 255, np.int16)
        pixels[8:40, 8:40] = np.array(COLOURS[row % 2]) + rng.integers(-25, 26, 3)
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(images[0])
    return ProductRecord(0, f"p{row:03}", category=f"kind {row % 4}", images=images)
