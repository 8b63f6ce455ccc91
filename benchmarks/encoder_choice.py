"""The table by which the default block weights were chosen: the demo range, and photos of a training split.

    python -m benchmarks.encoder_choice RANGE PHOTOS

RANGE is a drawn demo range (`manage.py demo_range --out RANGE`), PHOTOS a data set folder with photos.csv. For each
colour weight: mAP of same model and same item on the range, MRR of photo to product on the photos of the `train`
split, and mean(mAP) + MRR, by which the weight is chosen.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from recommender.core.retrieval import average_precision
from recommender.core.types import Float32

WEIGHTS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)


def main(range_folder: Path, photo_folder: Path) -> None:
    """Print the table."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopsite.settings")
    import django

    django.setup()
    from recommender.datasets.folder import DatasetFolder

    pictures: dict[str, tuple[Path, set[str], set[str]]] = {}
    for product in DatasetFolder(range_folder).products():
        for path in product.images:
            entry = pictures.setdefault(hashlib.sha256(path.read_bytes()).hexdigest(), (path, set(), set()))
            entry[1].add(product.family)
            entry[2].add(f"{product.family} {product.color}")
    drawn = _blocks(path for path, _, _ in pictures.values())
    products = list(DatasetFolder(photo_folder).products())
    photos = [photo for photo in DatasetFolder(photo_folder).photos() if photo.split == "train"]
    shop, seen = _blocks(product.images[0] for product in products), _blocks(photo.photo for photo in photos)
    row_of = {product.product_id: row for row, product in enumerate(products)}
    truth = np.array([row_of[photo.product_id] for photo in photos])
    print("colour  same model  same item  photo to product  sum")
    for weight in WEIGHTS:
        alike = _mixed(drawn, drawn, weight)
        model = _mean_precision(alike, [models for _, models, _ in pictures.values()])
        item = _mean_precision(alike, [items for _, _, items in pictures.values()])
        cosines = _mixed(seen, shop, weight)
        mrr = float((1 / (1 + (cosines > cosines[np.arange(len(truth)), truth][:, None]).sum(axis=1))).mean())
        print(f"{weight:6.2f}  {model:10.3f}  {item:9.3f}  {mrr:16.3f}  {(model + item) / 2 + mrr:.3f}")


def _blocks(paths: Iterable[Path]) -> tuple[Float32, Float32]:
    """Semantic and colour blocks, each of unit length."""
    from recommender.engines.composite import CompositeEncoder
    from recommender.imaging.decode import decode

    encoder = CompositeEncoder(weights={"semantic": 1, "colour": 1})
    vectors = encoder.encode([decode(path.read_bytes()) for path in paths])
    semantic, colour = encoder.blocks
    scale = np.float32(np.sqrt(2))
    return vectors[:, semantic.start : semantic.stop] * scale, vectors[:, colour.start : colour.stop] * scale


def _mixed(left: tuple[Float32, Float32], right: tuple[Float32, Float32], weight: float) -> Float32:
    return np.asarray((1 - weight) * left[0] @ right[0].T + weight * left[1] @ right[1].T, np.float32)


def _mean_precision(cosines: Float32, labels: list[set[str]]) -> float:
    """Mean average precision of each picture among all others."""
    found = []
    for row, own in enumerate(labels):
        relevant = np.array([bool(own & other) for other in labels])
        order = np.argsort(-cosines[row], kind="stable")
        order = order[order != row]
        if relevant[order].any():
            found.append(average_precision(relevant[order]))
    return float(np.mean(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
