"""Judges the image encoder on a data set folder: do pictures of one model, of one item, find each other? Do photos?"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from recommender.conf import settings
from recommender.core import retrieval
from recommender.core.types import Bool, Float32, Int64, Picture
from recommender.core.views import MOST_VIEWS, lay_views_over, look_cosines
from recommender.datasets.folder import DatasetFolder, PhotoRecord
from recommender.engines.base import Encoder, Progress
from recommender.exceptions import DatasetError, ImageRefusedError
from recommender.imaging.decode import decode
from recommender.services.engines import get_encoder
from recommender.services.freshening import product_vector
from recommender.sources import ProductRecord


@dataclass
class _Shown:
    """A distinct file content: where it was first seen, and the item (model and colour) of each product that has it."""

    path: Path
    products: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def models(self) -> set[str]:
        """The models whose picture it is."""
        return {model for model, _ in self.products.values()}

    @property
    def items(self) -> set[tuple[str, str]]:
        """The items whose picture it is."""
        return set(self.products.values())


def evaluate_images(
    folder: Path | str, *, encoder: Encoder | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """What `recommender_evaluate_images` reports.

    A picture is a distinct file content; its labels are the sets of models (`model` column, else the product) and items
    (model and `color`) of all products that use it. Two pictures match when the sets meet; each picture queries all
    others; queries with no match are left out. Where products have several pictures, each product queries the others as
    well, as shelves compare them (`core.views`) and by the mean of its pictures; products with the same pictures are
    one. With photos.csv each photo looks for its product, whose score is that of its best picture.

    Args:
        folder: a data set folder with products.csv.
        encoder: the encoder to judge; the shop's when None.
        progress: called with (files done, files).

    Returns:
        `same_model` and `same_item` (`top1`, `map`, `queries`), `products` (`count`, `several`, `same_model`,
        `same_color`, and `by_mean` with both; None where no product has several pictures), `photo_to_product` per split
        (`top1`, `top5`, `mrr`, `queries`), `pictures`, `photos`, `encoder`, and `unreadable` files with their reasons.

    Raises:
        DatasetError: when there is no such folder, no products.csv, or no readable picture.
    """
    dataset = DatasetFolder(folder)
    if not dataset.has("products"):
        raise DatasetError(
            f"{dataset.path} has no products.csv. Its format is described in docs/reference/datasets.md."
        )
    unreadable: list[dict[str, str]] = []
    shown = _distinct_pictures(dataset.products(), unreadable)
    photos = list(dataset.photos())
    reader = _Reader(encoder or get_encoder(), len(shown) + len(photos), unreadable, progress)
    kept, vectors = reader.encode([picture.path for picture in shown])
    pictures = [shown[row] for row in kept]
    if not pictures:
        raise DatasetError(f"{dataset.path} has no readable picture. Its products.csv must name files in `images`.")
    return {
        "encoder": reader.encoder.version,
        "pictures": len(pictures),
        "photos": len(photos),
        "same_model": _labelled(vectors, [picture.models for picture in pictures]),
        "same_item": _labelled(vectors, [picture.items for picture in pictures]),
        "products": _between_products(pictures, vectors),
        "photo_to_product": _searched(reader, photos, pictures, vectors),
        "unreadable": unreadable,
    }


def _distinct_pictures(products: Iterable[ProductRecord], unreadable: list[dict[str, str]]) -> list[_Shown]:
    """The catalogue's pictures by content, in the order of products.csv."""
    shown: dict[str, _Shown] = {}
    missing: set[Path] = set()
    for product in products:
        model = product.attributes.get("model") or product.product_id
        for path in product.images:
            try:
                content = _read(path)
            except OSError as error:
                if path not in missing:
                    missing.add(path)
                    unreadable.append({"file": str(path), "reason": error.strerror or "cannot be read"})
                continue
            picture = shown.setdefault(hashlib.sha256(content).hexdigest(), _Shown(path))
            picture.products[product.product_id] = (model, product.color)
    return list(shown.values())


class _Reader:
    """Decodes and encodes files in batches, notes the unreadable ones and says how far it is."""

    def __init__(
        self, encoder: Encoder, total: int, unreadable: list[dict[str, str]], progress: Progress | None
    ) -> None:
        self.encoder = encoder
        self._total = total
        self._unreadable = unreadable
        self._progress = progress
        self._done = 0

    def encode(self, paths: Sequence[Path]) -> tuple[list[int], Float32]:
        """The positions of the readable files, and their vectors in that order, float32, shape (n, d)."""
        kept: list[int] = []
        parts = [np.empty((0, self.encoder.dimension), np.float32)]
        for start in range(0, len(paths), settings.EMBED_BATCH):
            batch = paths[start : start + settings.EMBED_BATCH]
            read = list(self._decoded(batch))
            kept.extend(start + position for position, _ in read)
            parts.append(self.encoder.encode([picture for _, picture in read]))
            self._done += len(batch)
            if self._progress:
                self._progress(self._done, self._total)
        return kept, np.concatenate(parts)

    def _decoded(self, paths: Sequence[Path]) -> Iterator[tuple[int, Picture]]:
        for position, path in enumerate(paths):
            try:
                yield (
                    position,
                    decode(
                        _read(path),
                        filename=path.name,
                        max_bytes=settings.IMAGE_MAX_BYTES,
                        max_pixels=settings.IMAGE_MAX_PIXELS,
                    ),
                )
            except ImageRefusedError as error:
                self._unreadable.append({"file": str(path), "reason": str(error)})
            except OSError as error:
                self._unreadable.append({"file": str(path), "reason": error.strerror or "cannot be read"})


def _read(path: Path) -> bytes:
    """The file's content, or its beginning where it is larger than any accepted picture."""
    with path.open("rb") as file:
        return file.read(settings.IMAGE_MAX_BYTES + 1)


def _labelled(vectors: Float32, labels: Sequence[set[Any]]) -> dict[str, Any]:
    return _told(retrieval.each_against_all(vectors, _meeting(labels)))


def _told(result: retrieval.Retrieval) -> dict[str, Any]:
    return {"top1": result.top1, "map": result.mean_average_precision, "queries": result.queries}


def _between_products(pictures: Sequence[_Shown], vectors: Float32) -> dict[str, Any] | None:
    """How well products find each other; None where none has several pictures."""
    rows: dict[str, list[int]] = defaultdict(list)
    items: dict[str, tuple[str, str]] = {}
    for row, picture in enumerate(pictures):
        for name, item in picture.products.items():
            rows[name].append(row)
            items[name] = item
    named = {tuple(own): items[name] for name, own in rows.items()}
    shown = [vectors[list(own)] for own in named]
    several = {row: own[:MOST_VIEWS] for row, own in enumerate(shown) if len(own) > 1}
    if not several:
        return None
    means = np.stack([product_vector(own) for own in shown])
    views = lay_views_over(None, len(shown), np.arange(len(shown), dtype=np.int32), several)
    labels: dict[str, list[set[Any]]] = {
        "same_model": [{model} for model, _ in named.values()],
        "same_color": [{color} - {""} for _, color in named.values()],
    }
    found: dict[str, Any] = {"count": len(shown), "several": len(several), "by_mean": {}}

    def likeness(row: int, others: Int64) -> Float32:
        return look_cosines(means, views, row, others.astype(np.int32))

    for name, sets in labels.items():
        matches = _meeting(sets)
        found[name] = _told(retrieval.each_by(likeness, matches))
        found["by_mean"][name] = _told(retrieval.each_against_all(means, matches))
    return found


def _meeting(labels: Sequence[set[Any]]) -> Bool:
    """Whether the sets of two pictures meet, bool, shape (n, n)."""
    rows: dict[Any, list[int]] = defaultdict(list)
    for row, names in enumerate(labels):
        for name in names:
            rows[name].append(row)
    matches = np.zeros((len(labels), len(labels)), np.bool_)
    for members in rows.values():
        matches[np.ix_(members, members)] = True
    return matches


def _searched(
    reader: _Reader, photos: Sequence[PhotoRecord], pictures: Sequence[_Shown], vectors: Float32
) -> dict[str, dict[str, Any]]:
    """Per split, how early each photo's product comes. Photos of products without a picture are left out."""
    products = {name: row for row, name in enumerate(sorted({name for p in pictures for name in p.products}))}
    pairs = [(row, products[name]) for row, picture in enumerate(pictures) for name in sorted(picture.products)]
    columns, groups = (np.array(part, np.int64) for part in zip(*pairs, strict=True))
    splits: dict[str, list[PhotoRecord]] = defaultdict(list)
    for photo in photos:
        if photo.product_id in products:
            splits[photo.split].append(photo)
    found = {}
    for split, members in splits.items():
        kept, queries = reader.encode([photo.photo for photo in members])
        truth = np.array([products[members[row].product_id] for row in kept], np.int64)
        scores = retrieval.best_per_group(queries @ vectors[columns].T, groups, len(products))
        found[split] = retrieval.photo_search(scores, truth)._asdict()
    return found
