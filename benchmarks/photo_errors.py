"""The errors of search by photo: what it finds, what it refuses wrongly, and what it takes for something of the shop.

    python -m benchmarks.photo_errors RANGE PHOTOS [--every N]

RANGE is a drawn demo range (`manage.py demo_range --out RANGE`), PHOTOS a data set folder with photos.csv. The range is
photographed badly by us, front and back of each colour once. Thresholds are fitted on the photos of every second
family and judged on the others. Strangers are photos of PHOTOS, which shows no phone. Left-out families are the nearest
mistake: the same photos with their own family taken out of the catalogue.

For PHOTOS half of the products are left out of the catalogue, ten times by lot, and the best cosine of each photo has
to tell those whose product is there: AUROC on `train`, by which everything was chosen, and on `val`.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from recommender.core.types import Bool, Float32

_HALVES = 10


def main(range_folder: Path, photo_folder: Path, *, every: int) -> None:
    """Print the tables."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopsite.settings")
    import django

    django.setup()
    from recommender.datasets.folder import DatasetFolder

    folder = DatasetFolder(photo_folder)
    shots = {split: [p for p in folder.photos() if p.split == split] for split in ("train", "val")}
    shots["train"] = shots["train"][::every]
    seen = {split: _glances(photo.photo for photo in found) for split, found in shots.items()}
    _print_range(range_folder, seen["train"])
    products = list(folder.products())
    shop = _catalogue(product.images[0] for product in products)
    row_of = {product.product_id: row for row, product in enumerate(products)}
    for split, found in shots.items():
        truth = np.array([row_of[photo.product_id] for photo in found])
        cosines = seen[split] @ shop.T
        first = float((cosines.argmax(axis=1) == truth).mean())
        areas = [_area(cosines[:, kept], kept[truth]) for kept in _halves(len(products))]
        print(f"{split}: found first {first:.3f}, AUROC {np.mean(areas):.3f} (+- {np.std(areas):.3f} between halves)")


def _print_range(folder: Path, strangers: Float32) -> None:
    from recommender.core.recognition import error_curve, fit_thresholds
    from recommender.datasets.folder import DatasetFolder
    from recommender.imaging.decode import decode
    from recommender.imaging.degrading import badly_photographed
    from recommender.services.searching import photos

    families: dict[Path, str] = {}
    for product in DatasetFolder(folder).products():
        families |= dict.fromkeys(product.images, product.family)
    paths = list(families)
    views = _catalogue(paths)
    names = np.array(list(families.values()))
    taken = [row for row, path in enumerate(paths) if not path.stem.endswith("-angle")]
    rng = np.random.default_rng(0)
    seen = np.stack([photos.glance(badly_photographed(decode(paths[row].read_bytes()), rng)).vector for row in taken])
    cosines = seen @ views.T
    own = names[None, :] == names[taken][:, None]
    known, unknown = cosines.max(axis=1), np.where(own, -1, cosines).max(axis=1)
    foreign = (strangers @ views.T).max(axis=1)
    order = np.array(
        [len({names[c] for c in np.flatnonzero(row > row[mine].max())}) for row, mine in zip(cosines, own, strict=True)]
    )
    fitting = np.isin(names[taken], np.unique(names)[::2])
    thresholds = fit_thresholds(known[fitting], unknown[fitting])
    judged = ~fitting
    print(f"{len(taken)} photos of {len(np.unique(names))} families, {len(foreign)} strangers")
    print(f"own family first {(order == 0).mean():.3f}, among 5 {(order < 5).mean():.3f}, 12 {(order < 12).mean():.3f}")
    print(
        f"'similar' from {thresholds.similar:.3f}: refuses {(known[judged] < thresholds.similar).mean():.3f} of the "
        f"range, accepts {(foreign >= thresholds.similar).mean():.3f} of the strangers"
    )
    print(
        f"'exact' from {thresholds.exact:.3f}: said of {(known[judged] > thresholds.exact).mean():.3f} of the range, "
        f"of {(unknown[judged] > thresholds.exact).mean():.3f} of left-out families"
    )
    print("threshold  wrong refusals  wrong accepts: strangers  left-out families")
    for point in error_curve(known[judged], np.concatenate([foreign, unknown[judged]]), 17):
        left_out = (unknown[judged] >= point.threshold).mean()
        accepted = (foreign >= point.threshold).mean()
        print(f"{point.threshold:9.3f}  {point.wrong_refusals:14.3f}  {accepted:24.3f}  {left_out:17.3f}")


def _catalogue(paths: Iterable[Path]) -> Float32:
    """The catalogue's vectors of these pictures."""
    from recommender.imaging.decode import decode
    from recommender.services.engines import get_encoder

    return np.concatenate([get_encoder().encode([decode(path.read_bytes())]) for path in paths])


def _glances(paths: Iterable[Path]) -> Float32:
    """What is seen of these photos."""
    from recommender.services import searching

    return np.stack([searching.look(path.read_bytes()).vector for path in paths])


def _halves(n: int) -> list[Bool]:
    """Which half of n products stays in the catalogue, by lot."""
    halves = []
    for seed in range(_HALVES):
        kept = np.zeros(n, np.bool_)
        kept[np.random.default_rng(seed).permutation(n)[: n // 2]] = True
        halves.append(kept)
    return halves


def _area(cosines: Float32, known: Bool) -> float:
    """AUROC: how often a photo of a product that is there has a higher best cosine than one of another."""
    best = cosines.max(axis=1)
    return float((best[known][:, None] > best[~known][None, :]).mean())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.photo_errors")
    parser.add_argument("range", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only each N-th photo of the training split")
    given = parser.parse_args()
    main(given.range, given.photos, every=given.every)
