"""The table by which it was chosen how products with several pictures are compared.

    python -m benchmarks.view_rules RANGE PHOTOS

RANGE is the demo range, whose phones have a front, a back and an angle; PHOTOS a data set folder with photos of
products, whose training photos are put together by threes. Each number is the mAP of products of one label among all
others; the phones' colour must not be lost for their model. Candidates are found by the means: the last line of each
table says how far down there the best by the last measure are.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from recommender.core import retrieval
from recommender.core.types import Float32
from recommender.core.vectors import unit_rows
from recommender.datasets.folder import DatasetFolder

_PHOTOS = 9
"""So many photos of each product are looked at."""

SHELF = 12

Rule = Callable[[Float32, Float32], float]


def _mean(a: Float32, b: Float32) -> float:
    return float(unit_rows(a.mean(axis=0, keepdims=True))[0] @ unit_rows(b.mean(axis=0, keepdims=True))[0])


def _best(a: Float32, b: Float32) -> float:
    return float((a @ b.T).max())


def _bests(a: Float32, b: Float32) -> float:
    found = a @ b.T
    return float(found.max(axis=0).mean() + found.max(axis=1).mean()) / 2


def _matched(a: Float32, b: Float32) -> float:
    found, values = a @ b.T, []
    for _ in range(min(found.shape)):
        i, j = np.unravel_index(int(found.argmax()), found.shape)
        values.append(found[i, j])
        found[i], found[:, j] = -np.inf, -np.inf
    return float(np.mean(values))


def _half(other: Rule) -> Rule:
    return lambda a, b: (_mean(a, b) + other(a, b)) / 2


RULES: dict[str, Rule] = {
    "the means": _mean,
    "the best pair": _best,
    "each picture's best": _bests,
    "pictures matched": _matched,
    "half means, half the best pair": _half(_best),
    "half means, half each picture's best": _half(_bests),
    "half means, half pictures matched": _half(_matched),
}


def main(range_folder: Path, photo_folder: Path) -> None:
    """Print the table."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopsite.settings")
    import django

    django.setup()
    phones = {product.images: product for product in DatasetFolder(range_folder).products()}
    labels = {
        "model": [product.attributes["model"] for product in phones.values()],
        "colour": [product.color for product in phones.values()],
        "brand": [product.brand for product in phones.values()],
    }
    seen = _look({path for images in phones for path in images})
    shown = [np.stack([seen[path] for path in images]) for images in phones]
    for title, cut in _arrangements():
        _print(title, [cut(views) for views in shown], labels)
    photos: dict[str, list[Path]] = defaultdict(list)
    for photo in DatasetFolder(photo_folder).photos():
        if photo.split == "train" and len(photos[photo.product_id]) < _PHOTOS:
            photos[photo.product_id].append(photo.photo)
    seen = _look({path for paths in photos.values() for path in paths})
    threes = [(name, paths[at : at + 3]) for name, paths in photos.items() for at in range(0, len(paths) - 2, 3)]
    shown = [np.stack([seen[path] for path in three]) for _, three in threes]
    _print("photos by threes", shown, {"product": [name for name, _ in threes]})


def _arrangements() -> Iterator[tuple[str, Callable[[Float32], Float32]]]:
    """Which of its three pictures each phone has."""
    rng = np.random.default_rng(5)
    yield "front, back and angle", lambda views: views
    yield "back and angle", lambda views: views[1:]
    yield "any of them", lambda views: views[np.sort(rng.permutation(3)[: rng.integers(1, 4)])]
    yield "one in three the back alone", lambda views: views[1:2] if rng.random() < 1 / 3 else views


def _look(paths: Iterable[Path]) -> dict[Path, Float32]:
    from recommender.conf import settings
    from recommender.imaging.decode import decode
    from recommender.services.engines import get_encoder

    found: dict[Path, Float32] = {}
    ordered = sorted(paths)
    for start in range(0, len(ordered), 16):
        part = ordered[start : start + 16]
        pictures = [decode(path.read_bytes(), max_pixels=settings.IMAGE_MAX_PIXELS) for path in part]
        found |= zip(part, get_encoder().encode(pictures), strict=True)
    return found


def _print(title: str, shown: Sequence[Float32], labels: dict[str, list[str]]) -> None:
    print(f"{title + f', {len(shown)} products':<44}" + "".join(f"{label:>9}" for label in labels))
    orders = []
    for name, rule in RULES.items():
        scores = np.array([[rule(a, b) for b in shown] for a in shown], np.float32)
        orders.append(np.argsort(np.where(np.eye(len(shown), dtype=bool), np.inf, -scores), axis=1, kind="stable"))
        row = ""
        for values in labels.values():
            matches = np.array(values)[:, None] == np.array(values)
            found = retrieval.each_by(lambda row, others, scores=scores: scores[row, others], matches)  # type: ignore[misc]
            row += f"{found.mean_average_precision:9.3f}"
        print(f"  {name:<42}{row}", flush=True)
    by_mean = np.argsort(orders[0], axis=1)
    lowest = 1 + int(np.take_along_axis(by_mean, orders[-1][:, :SHELF], axis=1).max())
    print(f"  each one's best {SHELF} are among the first {lowest} by the means", flush=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
