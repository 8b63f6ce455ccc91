"""The catalogue as arrays: product keys in order, their vectors and attributes."""

from __future__ import annotations

from collections.abc import Mapping
from tempfile import TemporaryFile
from typing import Any, NamedTuple

import numpy as np

from recommender.core.types import Block, Float32, Int32, Int64
from recommender.core.views import MOST_VIEWS, Views
from recommender.engines.base import Encoder
from recommender.services.engines import cache_dir
from recommender.services.freshening import product_vector
from recommender.services.grouping import attribute_code, group_codes
from recommender.services.publishing import Ids
from recommender.sources import get_source
from recommender.storage import embeddings


class Collected(NamedTuple):
    """Every product of the shop, by ascending key.

    Attributes:
        ids: product keys, shape (n,).
        vectors: float32, shape (n, d), a zero row without a picture; None when no product has one.
        blocks: the parts of a vector.
        attributes: int32, shape (n, a), codes of attribute values, -1 unknown; None without attributes.
        attribute_names: the a names.
        groups: int64, shape (n, 3), codes of family, category and brand (`services.grouping`); None when not read.
        views: the pictures of products that have several, mapped from a file without a name; None when none has.
    """

    ids: Ids
    vectors: Float32 | None
    blocks: tuple[Block, ...]
    attributes: Int32 | None
    attribute_names: tuple[str, ...]
    groups: Int64 | None = None
    views: Views | None = None


def collect(encoder: Encoder) -> Collected:
    """Read the whole catalogue, product by product."""
    source = get_source()
    found = [
        (str(product.pk).encode(), dict(source.attributes(product)), group_codes(source, product))
        for product in source.queryset().order_by("pk").iterator(chunk_size=2000)
    ]
    found.sort(key=lambda item: item[0])
    ids = np.array([key for key, _, _ in found], np.bytes_) if found else np.empty(0, "S1")
    vectors, views = _looks(encoder, {key.decode(): row for row, (key, _, _) in enumerate(found)})
    names, codes = _codes([attributes for _, attributes, _ in found])
    groups = np.array([codes for _, _, codes in found], np.int64).reshape(-1, 3)
    return Collected(ids, vectors, encoder.blocks, codes, names, groups, views)


def _looks(encoder: Encoder, row_of: Mapping[str, int]) -> tuple[Float32 | None, Views | None]:
    """The products' vectors, and the pictures of those that have several: more than memory may hold, so in a file."""
    vectors = np.zeros((len(row_of), encoder.dimension), np.float32)
    spans, n_views = np.zeros((len(row_of), 2), np.int64), 0
    with TemporaryFile(dir=cache_dir()) as file:
        for key, pictures in embeddings.vectors(encoder.version, encoder.dimension):
            if (row := row_of.get(key)) is None:
                continue
            vectors[row] = product_vector(pictures)
            if (count := len(pictures[:MOST_VIEWS])) > 1 and vectors[row].any():
                file.write(pictures[:MOST_VIEWS].tobytes())
                spans[row] = n_views, count
                n_views += count
        file.flush()
        mapped = np.memmap(file, np.float32, "r", shape=(n_views, encoder.dimension)) if n_views else None
    return (vectors if vectors.any() else None), (None if mapped is None else Views(mapped, spans))


def _codes(attributes: list[dict[str, Any]]) -> tuple[tuple[str, ...], Int32 | None]:
    """Attribute names, and the code of each product's values."""
    names = tuple(sorted({name for values in attributes for name in values}))
    if not names:
        return (), None
    codes = [[attribute_code(values.get(name)) for name in names] for values in attributes]
    return names, np.array(codes, np.int32)
