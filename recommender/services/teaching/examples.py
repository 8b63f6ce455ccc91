"""The labelled pictures that a network learns from: of a data set folder, or of the shop itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.conf import settings
from recommender.core.labels import SHOWN
from recommender.datasets.folder import DatasetFolder
from recommender.exceptions import DatasetError
from recommender.sources import ProductRecord, SourceImage, get_source

PRODUCT = "product"
"""The head that names the product itself; it exists where there are photos of products."""

_TRAINING_SPLITS = ("train", "")


@dataclass(frozen=True)
class Example:
    """A picture and what is known of it.

    Attributes:
        name: where it is, for lists and reports.
        read: returns the file's bytes, at most what an accepted picture has; may raise OSError.
        labels: attribute -> value; missing ones are absent.
        product: its product's id.
        family: of the product's variants.
        split: of a photo ("train", "val", ...); None for a picture of the shop's own.
    """

    name: str
    read: Callable[[], bytes]
    labels: Mapping[str, str]
    product: str
    family: str
    split: str | None = None

    @property
    def is_photo(self) -> bool:
        """Whether a shopper took it."""
        return self.split is not None

    @property
    def may_teach(self) -> bool:
        """Whether a network may learn from it, or only be judged by it."""
        return self.split is None or self.split in _TRAINING_SPLITS


def from_folder(folder: Path | str) -> list[Example]:
    """The pictures of products.csv, each once, then the photos of photos.csv.

    Storage sizes share pictures: of products with one family and equal usual labels only the first shows a picture.

    Raises:
        DatasetError: when there is no such folder or no products.csv.
    """
    dataset = DatasetFolder(folder)
    if not dataset.has("products"):
        raise DatasetError(
            f"{dataset.path} has no products.csv. Its format is described in docs/reference/datasets.md."
        )
    products = {record.product_id: record for record in dataset.products()}
    examples = _once(example for record in products.values() for example in _of_record(record, dataset.path))
    examples.extend(
        _of_file(photo.photo, dataset.path, record, photo.split)
        for photo in dataset.photos()
        if (record := products.get(photo.product_id))
    )
    return examples


def from_shop() -> list[Example]:
    """The pictures of all products of the shop, with the attributes that its source names."""
    source = get_source()
    examples: list[Example] = []
    for product in source.queryset().iterator(chunk_size=500):
        family, key = source.family(product), str(product.pk)
        labels = {**source.attributes(product), PRODUCT: key}
        if family != key:
            labels["family"] = family
        examples += [Example(image.key, _reader(image), labels, key, family) for image in source.images(product)]
    return _once(examples)


def _once(examples: Iterable[Example]) -> list[Example]:
    """The examples without those that say of a picture what an earlier one says."""
    kept: dict[tuple[object, ...], Example] = {}
    for example in examples:
        said = tuple(example.labels.get(name, "") for name in SHOWN)
        kept.setdefault((example.name, example.family, said), example)
    return list(kept.values())


def _of_record(record: ProductRecord, root: Path) -> Iterator[Example]:
    for path in dict.fromkeys(record.images):
        yield _of_file(path, root, record, None)


def _of_file(path: Path, root: Path, record: ProductRecord, split: str | None) -> Example:
    named = {PRODUCT: record.product_id, "brand": record.brand, "category": record.category, "color": record.color}
    labels = {name: value for name, value in {**record.attributes, **named}.items() if value}
    name = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
    return Example(name, lambda: _read_file(path), labels, record.product_id, record.family, split)


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(settings.IMAGE_MAX_BYTES + 1)


def _reader(image: SourceImage) -> Callable[[], bytes]:
    def read() -> bytes:
        with image.open() as file:
            data: Any = file.read(settings.IMAGE_MAX_BYTES + 1)
            return bytes(data)

    return read
