"""What an evaluation looks at: one catalogue, its history, and the part held out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from django.utils import timezone

from recommender.conf import settings
from recommender.core.types import Block, Bool, Float32, Int32
from recommender.datasets.folder import DatasetFolder
from recommender.exceptions import DatasetError
from recommender.services import histories, indexing
from recommender.services.engines import follow_live
from recommender.services.histories import Events
from recommender.services.indexing import Collected
from recommender.sources import InteractionRecord, ProductRecord, get_source

_DAY = 86_400.0
_NO_VECTORS: tuple[Block, ...] = ()


@dataclass(frozen=True)
class History:
    """A shop's products and events, whatever they were read from.

    Attributes:
        products: keys, vectors and attributes by row.
        train: the events to learn from. `ages_days` count from the latest of them.
        test: the held-out events, ages as above (negative when later), or None to hold some out by rule.
        is_dated: whether every event says when it happened; if not, all ages are 0.
        pictures: the files behind each product's vector, for those that are embedded on the way.
        unknown: how many events named products that the catalogue does not list; they are left out.
        broken: reports of rows that could not be read.
        labels: "brand" and "category" -> each product's, "" where unknown; those that no product has are missing.
    """

    products: Collected
    train: Events
    test: Events | None = None
    is_dated: bool = True
    pictures: tuple[tuple[Path, ...], ...] = ()
    unknown: int = 0
    broken: tuple[str, ...] = field(default=())
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """The number of products."""
        return len(self.products.ids)

    def with_vectors(self, vectors: Float32 | None, blocks: tuple[Block, ...]) -> History:
        """The same history with the products' vectors."""
        return replace(self, products=self.products._replace(vectors=vectors, blocks=blocks))


class _Columns(NamedTuple):
    users: list[int]
    rows: list[int]
    weights: list[float]
    times: list[float]
    quantities: list[int]


def read_folder(path: Path | str) -> History:
    """The history in a data set folder.

    The catalogue is products.csv, or every product of the events without one. A guest's events belong together when
    they share an order; else each stands alone.

    Raises:
        DatasetError: when there is no such folder, it has no interactions, or a file cannot be read.
    """
    folder = DatasetFolder(path)
    if not folder.has("interactions"):
        raise DatasetError(f"{folder.path} has no interactions.csv.gz, so there is nothing to evaluate on.")
    products = list(folder.products())
    row_of: dict[str, int] = {product.product_id: row for row, product in enumerate(products)}
    user_of: dict[str, int] = {}
    train, unknown_train = _read_events(folder, "interactions", row_of, user_of)
    test, unknown_test = _read_events(folder, "test", row_of, user_of)
    times = np.array(train.times + test.times)
    is_dated = bool(times.size) and bool(np.isfinite(times).all())
    latest = max(train.times, default=0.0) if is_dated else None
    ids = np.array([key.encode() for key in row_of] or [b""], np.bytes_)[: len(row_of)]
    names, codes = _attribute_codes(products)
    return History(
        Collected(ids, None, _NO_VECTORS, codes, names),
        _events(train, latest, len(user_of)),
        _events(test, latest, len(user_of)) if folder.has("test") else None,
        is_dated,
        tuple(product.images for product in products),
        unknown_train + unknown_test,
        tuple(f"{error.file}:{error.line}: {error.message}" for error in folder.errors),
        _labels(brand=(item.brand for item in products), category=(item.category for item in products)),
    )


def read_shop() -> History:
    """The shop's own products, vectors and events. A test part is held out later, by time."""
    products = indexing.collect(follow_live())
    history = shop_history(products, histories.load(products.ids, timezone.now()))
    source = get_source()
    brands = {str(product.pk): source.brand(product) for product in source.queryset().iterator(chunk_size=2000)}
    return replace(history, labels=_labels(brand=(brands.get(key.decode(), "") for key in products.ids.tolist())))


def shop_history(products: Collected, events: Events) -> History:
    """A shop's own products and events.

    Events of one moment only, as an import without times leaves them, are not dated.
    """
    ages = events.ages_days
    newest = ages.min() if ages.size else np.float32(0.0)
    return History(
        products, events._replace(ages_days=ages - newest), is_dated=not ages.size or bool(ages.max() > newest)
    )


def _read_events(
    folder: DatasetFolder, name: str, row_of: dict[str, int], user_of: dict[str, int]
) -> tuple[_Columns, int]:
    columns = _Columns([], [], [], [], [])
    unknown = 0
    is_open = not folder.has("products")
    records = folder.test() if name == "test" else folder.interactions()
    for record, user in _with_users(records, name):
        row = row_of.setdefault(record.product_id, len(row_of)) if is_open else row_of.get(record.product_id, -1)
        if row < 0:
            unknown += 1
            continue
        columns.users.append(user_of.setdefault(user, len(user_of)))
        columns.rows.append(row)
        columns.weights.append(settings.EVENT_WEIGHTS.get(record.kind, 1.0))
        columns.times.append(_days(record.occurred_at))
        columns.quantities.append(record.quantity)
    return columns, unknown


def _with_users(records: Iterable[InteractionRecord], part: str) -> Iterator[tuple[InteractionRecord, str]]:
    """Each event with a name for whose it is; names of guests cannot meet those of users."""
    for record in records:
        if record.user_id:
            yield record, f"user {record.user_id}"
        elif record.order_id:
            yield record, f"order {record.order_id}"
        else:
            yield record, f"line {record.line} of {part}"


def _days(moment: datetime | None) -> float:
    return float("nan") if moment is None else moment.timestamp() / _DAY


def _events(columns: _Columns, latest: float | None, n_users: int) -> Events:
    times = np.array(columns.times, np.float64)
    return Events(
        users=np.array(columns.users, np.int32),
        rows=np.array(columns.rows, np.int32),
        kind_weights=np.array(columns.weights, np.float32),
        ages_days=(np.zeros_like(times) if latest is None else latest - times).astype(np.float32),
        quantities=np.array(columns.quantities, np.float32),
        n_users=n_users,
    )


def _labels(**labels: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Those that say something."""
    return {name: found for name, values in labels.items() if any(found := tuple(values))}


def _attribute_codes(products: list[ProductRecord]) -> tuple[tuple[str, ...], Int32 | None]:
    """Names of the attributes that tell products apart, and each value's number."""
    values = [
        {"brand": item.brand, "category": item.category, "color": item.color, **item.attributes} for item in products
    ]
    names, columns = [], []
    for name in sorted({name for value in values for name in value}):
        known: dict[str, int] = {}
        codes = [known.setdefault(text.casefold(), len(known)) if (text := value.get(name)) else -1 for value in values]
        if 1 < len(known) < len(products):
            names.append(name)
            columns.append(codes)
    return tuple(names), np.array(columns, np.int32).T.copy() if columns else None


def part(events: Events, chosen: Bool) -> Events:
    """Some of the events, ages counted from the latest of them."""
    ages = events.ages_days[chosen]
    return Events(
        events.users[chosen],
        events.rows[chosen],
        events.kind_weights[chosen],
        ages - ages.min() if ages.size else ages,
        events.quantities[chosen],
        events.n_users,
    )
