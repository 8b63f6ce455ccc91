"""Makes recommender/engines/projections.npz: `python -m benchmarks.projections RANGE PHOTOS`.

RANGE is a drawn demo range (`manage.py demo_range --out RANGE`), PHOTOS a data set folder with photos.csv. The
published file was made from the demo range and the Grocery Store Dataset (M. Klasson, MIT): its 81 product pictures
and a third of the photos of its training split, without their labels.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Float32, Picture
from recommender.engines import finish, semantic, shape, texture
from recommender.engines.efficientnet_lite0 import SIDE
from recommender.engines.export import default_path
from recommender.engines.framing import clutter, crop_to_product, has_plain_ground, square
from recommender.imaging.decode import decode

PHOTO_STEP = 3
CENTRING = 0.8
_RIDGE = {"semantic": 3.0, "texture": 0.1, "shape": 0.1}
"""Added to the scatter within a group, in its mean: the less, the more the projection believes the demo range."""


class Features(NamedTuple):
    """What the blocks are made of, one row a picture."""

    pooled: Float32
    texture: Float32
    shape: Float32
    colour: Float32
    clutter: Float32
    groundless: NDArray[np.float32]


class Drawn(NamedTuple):
    """The demo range's distinct pictures, with the labels of all products that show them."""

    paths: list[Path]
    makers: list[str]
    families: list[str]
    items: list[str]


class Photographed(NamedTuple):
    """Pictures of products, photos of the training split, and the row of each photo's product."""

    shop: list[Path]
    photos: list[Path]
    truth: NDArray[np.int64]


def drawn(folder: Path) -> Drawn:
    """The demo range."""
    from recommender.datasets.folder import DatasetFolder

    found: dict[str, tuple[Path, str, str, str]] = {}
    for product in DatasetFolder(folder).products():
        for path in product.images:
            entry = (path, product.brand, product.family, f"{product.family} {product.color}")
            found.setdefault(hashlib.sha256(path.read_bytes()).hexdigest(), entry)
    columns = list(zip(*found.values(), strict=True))
    return Drawn(*(list(column) for column in columns))


def photographed(folder: Path) -> Photographed:
    """The photos and what they show."""
    from recommender.datasets.folder import DatasetFolder

    products = list(DatasetFolder(folder).products())
    photos = [photo for photo in DatasetFolder(folder).photos() if photo.split == "train"][::PHOTO_STEP]
    row_of = {product.product_id: row for row, product in enumerate(products)}
    truth = np.array([row_of[photo.product_id] for photo in photos])
    return Photographed([product.images[0] for product in products], [photo.photo for photo in photos], truth)


def look(paths: Iterable[Path]) -> Features:
    """What the blocks of these pictures are made of."""
    backbone = semantic.Backbone(default_path())
    rows = [_look(decode(path.read_bytes(), filename=path.name), backbone) for path in paths]
    return Features(*(np.array(column) for column in zip(*rows, strict=True)))


def _look(picture: Picture, backbone: semantic.Backbone) -> tuple[Any, ...]:
    framed, scene = square(crop_to_product(picture), SIDE), clutter(picture)
    maps = backbone(framed)
    inside = framed.mask if framed.mask is not None else np.ones((SIDE, SIDE), np.bool_)
    return (
        semantic.pool(picture, maps.features, scene, backbone),
        texture.statistics(maps.middle, inside),
        shape.edges(framed),
        finish.finish_block(framed, finish.colour_doubt(picture, scene)),
        np.float32(scene),
        np.float32(not has_plain_ground(picture)),
    )


def centred(seen: Features, arrays: dict[str, Float32]) -> Float32:
    """The pooled features less a share of the means, each row of unit length."""
    scene = seen.clutter[:, None]
    mean = (1 - scene) * arrays["semantic.product"] + scene * arrays["semantic.scene"]
    return units(seen.pooled - CENTRING * mean)


def units(rows: NDArray[Any]) -> Float32:
    """Rows of length 1."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)


def learn(range_: Features, families: Sequence[str], items: Sequence[str], shop: Features, photos: Features) -> Any:
    """The published arrays: means, and for each block the directions in which groups differ most for how they vary.

    The groups are families for "semantic" and "shape", and families in one colour for "texture": materials stay.
    """
    arrays = {
        "semantic.product": shop.pooled.mean(axis=0),
        "semantic.scene": photos.pooled[photos.clutter > 0.5].mean(axis=0),
        "texture.mean": range_.texture.mean(axis=0),
        "shape.mean": range_.shape.mean(axis=0),
    }
    seen = centred(range_, arrays)
    others = np.concatenate([centred(photos, arrays), centred(shop, arrays)])
    arrays["semantic.matrix"] = _directions(seen, families, semantic.LENGTH, _RIDGE["semantic"], others)
    arrays["texture.matrix"] = _directions(range_.texture, items, texture.DIRECTIONS, _RIDGE["texture"])
    arrays["shape.matrix"] = _directions(range_.shape, families, shape.DIRECTIONS, _RIDGE["shape"])
    return {name: np.asarray(array, np.float32) for name, array in arrays.items()}


def _directions(
    rows: Float32, groups: Sequence[str], n: int, ridge: float, others: Float32 | None = None
) -> NDArray[np.float64]:
    """Whitened by the scatter within groups, then the n directions of most variance, half the others'."""
    scatter = _within(rows.astype(np.float64), np.asarray(groups))
    values, vectors = np.linalg.eigh(scatter)
    whitening = (vectors / np.sqrt(values + ridge * values.sum() / len(values))) @ vectors.T
    spread = _spread(rows @ whitening)
    if others is not None:
        spread = (spread + _spread(others @ whitening)) / 2
    matrix = whitening @ np.linalg.eigh(spread)[1][:, ::-1][:, :n]
    # Only directions count; half precision is kept for the largest numbers.
    return np.asarray(matrix / np.abs(matrix).max(), np.float64)


def _within(rows: NDArray[np.float64], groups: NDArray[np.str_]) -> NDArray[np.float64]:
    _, codes = np.unique(groups, return_inverse=True)
    counts = np.bincount(codes)
    means = np.stack([np.bincount(codes, column) for column in rows.T], axis=1) / counts[:, None]
    apart = rows - means[codes]
    return np.asarray(apart.T @ apart / max(len(rows) - len(counts), 1))


def _spread(rows: NDArray[Any]) -> NDArray[np.float64]:
    apart = rows - rows.mean(axis=0)
    covariance = apart.T @ apart
    return np.asarray(covariance / np.trace(covariance))


def main(range_folder: Path, photo_folder: Path) -> None:
    """Write the file."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopsite.settings")
    import django

    django.setup()
    range_, photos = drawn(range_folder), photographed(photo_folder)
    arrays = learn(look(range_.paths), range_.families, range_.items, look(photos.shop), look(photos.photos))
    target = Path(__file__).parent.parent / "recommender" / "engines" / "projections.npz"
    halves = {
        name: array.astype(np.float16 if name.endswith("matrix") else np.float32) for name, array in arrays.items()
    }
    np.savez_compressed(target, **halves)
    print(f"{target}: {len(range_.paths)} drawn, {len(photos.shop)} product pictures, {len(photos.photos)} photos")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
