"""One inspection of all pictures that were embedded, and the findings that people see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.core.types import Float32
from recommender.engines.base import Encoder, Progress
from recommender.models import Finding, ImageEmbedding
from recommender.services.engines import follow_live
from recommender.services.inspecting import checks
from recommender.services.inspecting.checks import Shown
from recommender.services.inspecting.measuring import measured
from recommender.services.proposing import load_catalogue, opinions
from recommender.sources import get_source
from recommender.storage import findings
from recommender.storage.findings import Found

_CONTRADICTED = {"color": Finding.Kind.COLOR, "brand": Finding.Kind.BRAND}


@dataclass(frozen=True)
class Inspection:
    """What an inspection came to.

    Attributes:
        pictures: how many were looked at.
        waiting: by kind, how many findings wait for a person.
    """

    pictures: int
    waiting: dict[str, int]


def inspect(progress: Progress | None = None) -> Inspection:
    """Look at all embedded pictures and renew the findings. What a person found fine stays silent.

    Args:
        progress: called with (pictures measured, pictures to measure).
    """
    encoder = follow_live()
    rows = findings.pictures(encoder.version)
    measures = measured(rows, progress)
    shown = _shown(rows, encoder)
    found = [
        *checks.duplicates(shown, measures),
        *checks.poor_pictures(shown, measures),
        *checks.strangers(shown),
        *checks.missing_views(_view_counts()),
        *_contradictions(shown, encoder),
    ]
    findings.renew(found)
    return Inspection(len(rows), findings.count_by_kind())


def _shown(rows: Sequence[ImageEmbedding], encoder: Encoder) -> list[Shown]:
    """The pictures with their vectors, and what their products are called."""
    source = get_source()
    products = {product.pk: product for product in source.queryset().iterator(chunk_size=500)}
    vectors = _vectors(rows, encoder)
    return [
        Shown(row, vectors[row.pk], source.attributes(product), source.family(product))
        for row in rows
        if (product := products.get(row.product_id)) is not None and row.pk in vectors
    ]


def _vectors(rows: Sequence[ImageEmbedding], encoder: Encoder) -> dict[int, Float32]:
    raw = ImageEmbedding.objects.filter(encoder_version=encoder.version, vector__isnull=False).values_list(
        "pk", "vector"
    )
    wanted = {row.pk for row in rows}
    found = {}
    for pk, content in raw.iterator(chunk_size=2000):
        if pk in wanted and content is not None and len(content) == 4 * encoder.dimension:
            found[pk] = np.frombuffer(bytes(content), "<f4").astype(np.float32, copy=False)
    return found


def _view_counts() -> dict[Any, int]:
    source = get_source()
    return {
        product.pk: sum(1 for _ in source.images(product)) for product in source.queryset().iterator(chunk_size=500)
    }


def _contradictions(shown: Sequence[Shown], encoder: Encoder) -> Iterator[Found]:
    catalogue = load_catalogue(encoder)
    for attribute, kind in _CONTRADICTED.items():
        if attribute in catalogue.attributes() and (said := opinions(encoder, catalogue, attribute)) is not None:
            yield from checks.contradictions(shown, said, kind)
