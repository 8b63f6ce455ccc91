"""Writing a data set folder, so that `DatasetFolder` reads back the same records."""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from recommender.datasets.folder import PhotoRecord
from recommender.sources import InteractionRecord, ProductRecord

_INTERACTION_COLUMNS = ("user_id", "product_id", "kind", "occurred_at", "quantity", "price", "order_id")
_PRODUCT_COLUMNS = ("product_id", "title", "brand", "category", "color", "price", "images")


def write_products(folder: Path, records: Iterable[ProductRecord]) -> int:
    """Write products.csv and return the number of rows. Pictures must already lie inside the folder.

    Attributes of any product become columns, in order of first appearance; so all records are held in memory.

    Raises:
        ValueError: when a picture lies outside the folder or its path contains "|".
    """
    products = list(records)
    names = tuple(dict.fromkeys(name for product in products for name in product.attributes))
    with _table(folder / "products.csv", (*_PRODUCT_COLUMNS, *names)) as writer:
        for product in products:
            writer.writerow(
                {
                    "product_id": product.product_id,
                    "title": product.title,
                    "brand": product.brand,
                    "category": product.category,
                    "color": product.color,
                    "price": _price(product.price),
                    "images": "|".join(_inside(folder, image) for image in product.images),
                    **product.attributes,
                }
            )
    return len(products)


def write_interactions(folder: Path, records: Iterable[InteractionRecord], name: str = "interactions") -> int:
    """Write interactions.csv.gz (or test.csv.gz with name="test") as a stream and return the number of rows."""
    count = 0
    with _table(folder / f"{name}.csv.gz", _INTERACTION_COLUMNS) as writer:
        for record in records:
            count += 1
            writer.writerow(
                {
                    "user_id": record.user_id,
                    "product_id": record.product_id,
                    "kind": record.kind,
                    "occurred_at": record.occurred_at.isoformat() if record.occurred_at else "",
                    "quantity": str(record.quantity),
                    "price": _price(record.price),
                    "order_id": record.order_id,
                }
            )
    return count


def write_photos(folder: Path, records: Iterable[PhotoRecord]) -> int:
    """Write photos.csv and return the number of rows."""
    count = 0
    with _table(folder / "photos.csv", ("photo", "product_id", "split")) as writer:
        for record in records:
            count += 1
            photo = _inside(folder, record.photo)
            writer.writerow({"photo": photo, "product_id": record.product_id, "split": record.split})
    return count


class _Writer:
    def __init__(self, text: TextIO, columns: tuple[str, ...]) -> None:
        self._columns = columns
        self._writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180, and both characters get quoted
        self._writer.writerow(columns)

    def writerow(self, row: Mapping[str, str]) -> None:
        self._writer.writerow([row.get(name, "") for name in self._columns])


@contextmanager
def _table(path: Path, columns: tuple[str, ...]) -> Iterator[_Writer]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as raw:
        if path.suffix != ".gz":
            with io.TextIOWrapper(raw, encoding="utf-8", newline="") as text:
                yield _Writer(text, columns)
            return
        # No file name and no time in the gzip header: equal records give equal files.
        with (
            gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as compressed,
            io.TextIOWrapper(compressed, encoding="utf-8", newline="") as text,
        ):
            yield _Writer(text, columns)


def _price(price: Decimal | None) -> str:
    return "" if price is None else format(price, "f")


def _inside(folder: Path, file: Path) -> str:
    relative = file.resolve().relative_to(folder.resolve()).as_posix()
    if "|" in relative:
        raise ValueError(f"{relative!r} contains '|', which separates pictures. Rename the file.")
    return relative
