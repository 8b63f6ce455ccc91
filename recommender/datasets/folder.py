"""Reading a data set folder: products, interactions, the held-out part and shopper photos."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from recommender.datasets.tables import OnError, RowError, Table, count_lines, read_table
from recommender.datasets.values import parse_path, parse_price, parse_quantity, parse_text, parse_time
from recommender.exceptions import DatasetError
from recommender.sources import InteractionRecord, ProductRecord

TABLES = ("products", "interactions", "test", "photos")
ID_LENGTH = 255
TEXT_LENGTH = 10_000

_PRODUCT_COLUMNS = frozenset({"product_id", "title", "brand", "category", "color", "price", "images"})
_Record = TypeVar("_Record")


@dataclass(frozen=True)
class PhotoRecord:
    """One line of photos.csv: a shopper's photo of a catalogue product."""

    line: int
    photo: Path
    product_id: str
    split: str = ""


class DatasetFolder:
    """A folder in the data set format of docs/reference/datasets.md.

    Reading streams: memory does not grow with the files. A broken row is left out and reported; `errors` holds the
    reports of the latest reading of each file unless `on_error` takes them.
    """

    def __init__(self, path: Path | str, on_error: OnError | None = None) -> None:
        """Open a folder.

        Raises:
            DatasetError: when there is no such folder, or a table exists both plain and compressed.
        """
        self.path = Path(path)
        if not self.path.is_dir():
            raise DatasetError(f"{self.path} is not a folder. Give the folder that holds interactions.csv.gz.")
        self.errors: list[RowError] = []
        self._on_error = on_error or self.errors.append
        self._root = self.path.resolve()
        self._files = {name: self._find(name) for name in TABLES}

    def _find(self, name: str) -> Path | None:
        found = [path for suffix in (".csv.gz", ".csv") if (path := self.path / f"{name}{suffix}").is_file()]
        if len(found) > 1:
            raise DatasetError(f"{self.path} has both {found[0].name} and {found[1].name}. Remove one of them.")
        return found[0] if found else None

    def has(self, name: str) -> bool:
        """Whether the folder has a table: "products", "interactions", "test" or "photos"."""
        return self._files[name] is not None

    def file_name(self, name: str) -> str:
        """What a table's file is called, to name it in messages; empty without the table."""
        path = self._files[name]
        return path.name if path is not None else ""

    def count(self, name: str) -> int:
        """About how many rows a table has: its lines, for progress bars. 0 without the table."""
        path = self._files[name]
        return count_lines(path) if path is not None else 0

    def products(self) -> Iterator[ProductRecord]:
        """The rows of products.csv. Columns that the format does not name become attributes.

        A product id that was seen before is reported; the first row stays.
        """
        seen: set[str] = set()

        def parse(table: Table, line: int, cells: list[str]) -> ProductRecord:
            record = self._product(table, line, cells)
            if record.product_id in seen:
                raise ValueError(f"product_id {record.product_id!r} was used by an earlier row")
            seen.add(record.product_id)
            return record

        return self._records("products", ("product_id",), parse)

    def interactions(self) -> Iterator[InteractionRecord]:
        """The rows of interactions.csv: the history, in the file's order."""
        return self._records("interactions", ("user_id", "product_id", "kind"), _interaction)

    def test(self) -> Iterator[InteractionRecord]:
        """The rows of test.csv: the held-out part."""
        return self._records("test", ("user_id", "product_id", "kind"), _interaction)

    def photos(self) -> Iterator[PhotoRecord]:
        """The rows of photos.csv."""

        def parse(table: Table, line: int, cells: list[str]) -> PhotoRecord:
            column = table.column
            return PhotoRecord(
                line,
                parse_path(cells[column["photo"]], self._root),
                parse_text(cells[column["product_id"]], "product_id", ID_LENGTH, required=True),
                parse_text(cells[column["split"]], "split", ID_LENGTH) if "split" in column else "",
            )

        return self._records("photos", ("photo", "product_id"), parse)

    def _product(self, table: Table, line: int, cells: list[str]) -> ProductRecord:
        values = dict(zip(table.header, cells, strict=True))
        product_id = parse_text(values["product_id"], "product_id", ID_LENGTH, required=True)
        images = values.get("images", "").strip()
        return ProductRecord(
            line=line,
            product_id=product_id,
            title=parse_text(values.get("title", ""), "title", TEXT_LENGTH),
            brand=parse_text(values.get("brand", ""), "brand", ID_LENGTH),
            category=parse_text(values.get("category", ""), "category", ID_LENGTH),
            color=parse_text(values.get("color", ""), "color", ID_LENGTH),
            price=parse_price(values.get("price", "")),
            images=tuple(parse_path(image, self._root) for image in images.split("|")) if images else (),
            attributes={
                name: text
                for name, cell in values.items()
                if name and name not in _PRODUCT_COLUMNS and (text := parse_text(cell, name, TEXT_LENGTH))
            },
        )

    def _records(
        self, name: str, required: tuple[str, ...], parse: Callable[[Table, int, list[str]], _Record]
    ) -> Iterator[_Record]:
        path = self._files[name]
        if path is None:
            return
        self.errors[:] = [error for error in self.errors if error.file != path.name]
        for table, line, cells in read_table(path, required, self._on_error):
            try:
                record = parse(table, line, cells)
            except ValueError as error:
                table.report(line, str(error))
            else:
                yield record


def _interaction(table: Table, line: int, cells: list[str]) -> InteractionRecord:
    column = table.column

    def cell(name: str) -> str:
        position = column.get(name)
        return "" if position is None else cells[position]

    kind = parse_text(cell("kind"), "kind", 20, required=True)
    return InteractionRecord(
        line,
        parse_text(cell("user_id"), "user_id", 150),
        parse_text(cell("product_id"), "product_id", ID_LENGTH, required=True),
        kind,
        parse_time(cell("occurred_at")),
        parse_quantity(cell("quantity"), kind),
        parse_price(cell("price")),
        parse_text(cell("order_id"), "order_id", 64),
    )
