"""The table by which the default block weights were chosen: the demo range, and photos of a training split.

    python -m benchmarks.encoder_choice RANGE PHOTOS

The arguments are those of `python -m benchmarks.projections`. Weights: semantic, colour, texture, shape. The range is
cut into three parts by maker, and each part is seen through projections that were learned without it: mAP of same model
and of same item. On the photos: MRR of photo to product, and mAP of photo to photo of the same product.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.projections import Features, centred, drawn, learn, look, photographed, units
from recommender.core.retrieval import average_precision
from recommender.core.types import Float32
from recommender.engines.projections import doubted

WEIGHTS = (
    (1.0, 0.0, 0.0, 0.0),
    (0.0, 1.0, 0.0, 0.0),
    (0.0, 0.0, 1.0, 0.0),
    (0.0, 0.0, 0.0, 1.0),
    (0.8, 0.2, 0.0, 0.0),
    (0.7, 0.3, 0.0, 0.0),
    (0.6, 0.4, 0.0, 0.0),
    (0.5, 0.5, 0.0, 0.0),
    (0.55, 0.44, 0.00, 0.01),
    (0.52, 0.44, 0.04, 0.00),
    (0.50, 0.44, 0.04, 0.02),
    (0.43, 0.42, 0.10, 0.05),
    (0.35, 0.40, 0.15, 0.10),
)
_PARTS = 3
_DOUBT = 0.97


def main(range_folder: Path, photo_folder: Path) -> None:
    """Print the table."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopsite.settings")
    import django

    django.setup()
    range_, photo = drawn(range_folder), photographed(photo_folder)
    phones, shop, photos = look(range_.paths), look(photo.shop), look(photo.photos)
    makers = sorted(set(range_.makers))
    part = np.array([makers.index(maker) % _PARTS for maker in range_.makers])
    families, items = np.array(range_.families), np.array(range_.items)
    parts = []
    for number in range(_PARTS):
        known, new = np.flatnonzero(part != number), np.flatnonzero(part == number)
        arrays = learn(_rows(phones, known), families[known].tolist(), items[known].tolist(), shop, photos)
        parts.append((new, _cosines(*2 * [_blocks(_rows(phones, new), arrays)])))
    arrays = learn(phones, range_.families, range_.items, shop, photos)
    seen, products = _blocks(photos, arrays), _blocks(shop, arrays)
    to_product, to_photo = _cosines(seen, products), _cosines(seen, seen)
    print("semantic colour texture shape | same model  same item | photo to product  photo to photo")
    for weights in WEIGHTS:
        model, item = (
            np.mean([_precision(_mixed(found, weights), labels[new]) for new, found in parts])
            for labels in (families, items)
        )
        rank = _mrr(_mixed(to_product, weights), photo.truth)
        again = _precision(_mixed(to_photo, weights), photo.truth)
        shares = "".join(f"{weight:8.2f}" for weight in weights)
        print(f"{shares} | {model:10.3f} {item:10.3f} | {rank:16.3f} {again:15.3f}", flush=True)


def _rows(seen: Features, rows: NDArray[np.int64]) -> Features:
    return Features(*(column[rows] for column in seen))


def _blocks(seen: Features, arrays: dict[str, Float32]) -> list[Float32]:
    """Each block of the pictures, unit rows, in the order of the weights."""
    doubt = _DOUBT * seen.groundless
    return [
        units(centred(seen, arrays) @ arrays["semantic.matrix"]),
        seen.colour,
        _doubted((seen.texture - arrays["texture.mean"]) @ arrays["texture.matrix"], doubt),
        _doubted((seen.shape - arrays["shape.mean"]) @ arrays["shape.matrix"], doubt),
    ]


def _doubted(rows: NDArray[Any], doubt: NDArray[Any]) -> Float32:
    return np.stack([doubted(row, share) for row, share in zip(units(rows), doubt, strict=True)])


def _cosines(left: list[Float32], right: list[Float32]) -> list[Float32]:
    return [one @ other.T for one, other in zip(left, right, strict=True)]


def _mixed(cosines: list[Float32], weights: tuple[float, ...]) -> Float32:
    return np.asarray(sum(weight * block for weight, block in zip(weights, cosines, strict=True)), np.float32)


def _precision(cosines: Float32, labels: NDArray[np.generic]) -> float:
    """Mean average precision of each picture among all others."""
    found = []
    for row in range(len(labels)):
        order = np.argsort(-cosines[row], kind="stable")
        relevant = (labels == labels[row])[order[order != row]]
        if relevant.any():
            found.append(average_precision(relevant))
    return float(np.mean(found))


def _mrr(cosines: Float32, truth: NDArray[np.int64]) -> float:
    own = cosines[np.arange(len(truth)), truth][:, None]
    return float((1 / (1 + (cosines > own).sum(axis=1))).mean())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
