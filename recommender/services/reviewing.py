"""What the review pages show: suggestions and findings with their products, pictures and words, a few queries each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from recommender.models import Finding, ImageEmbedding, Suggestion
from recommender.services.engines import get_encoder
from recommender.services.explaining import attribute_label
from recommender.services.inspecting.words import sentence
from recommender.sources import Card, get_source
from recommender.storage import findings, suggestions


@dataclass(frozen=True)
class Reviewed:
    """A suggestion as the queue shows it."""

    suggestion: Suggestion
    card: Card
    pictures: Sequence[ImageEmbedding]
    label: str

    @property
    def percent(self) -> int:
        """The confidence in hundredths."""
        return round(100 * self.suggestion.confidence)


@dataclass(frozen=True)
class Queue:
    """Open suggestions, and how many there are of each attribute: (name, label, count)."""

    rows: QuerySet[Suggestion]
    attributes: Sequence[tuple[str, str, int]]

    def items(self, rows: Iterable[Suggestion]) -> list[Reviewed]:
        """The rows of a page; those whose product is gone are left out."""
        page = list(rows)
        cards, pictures = _cards({row.product_id for row in page}), _views({row.product_id for row in page})
        return [
            Reviewed(row, cards[row.product_id], pictures.get(row.product_id, []), attribute_label(row.attribute))
            for row in page
            if row.product_id in cards
        ]


def queue(attribute: str = "") -> Queue:
    """The open suggestions, of one attribute or of all."""
    rows = suggestions.waiting()
    counts = rows.values_list("attribute").annotate(n=Count("pk")).order_by("attribute")
    named = [(name, attribute_label(name), count) for name, count in counts]
    return Queue(rows.filter(attribute=attribute) if attribute else rows, named)


@dataclass(frozen=True)
class Shown:
    """A finding as the health page shows it: one picture, or two side by side."""

    finding: Finding
    card: Card
    other: Card | None
    picture: ImageEmbedding | None
    other_picture: ImageEmbedding | None
    sentence: str


def shown_findings(rows: Iterable[Finding]) -> list[Shown]:
    """The rows of a page; those whose product is gone are left out."""
    page = list(rows)
    keys = {row.product_id for row in page} | {row.other_id for row in page if row.other_id is not None}
    cards = _cards(keys)
    names = [(row.product_id, row.image_key) for row in page] + [(row.other_id, row.other_key) for row in page]
    pictures = findings.thumbnails(get_encoder().version, [name for name in names if name[1]])
    return [
        Shown(
            row,
            cards[row.product_id],
            other := cards.get(row.other_id) if row.other_id is not None else None,
            pictures.get((row.product_id, row.image_key)),
            pictures.get((row.other_id, row.other_key)),
            sentence(row, other),
        )
        for row in page
        if row.product_id in cards
    ]


def _cards(keys: Iterable[Any]) -> Mapping[Any, Card]:
    source = get_source()
    return {product.pk: source.card(product) for product in source.queryset().filter(pk__in=keys)}


def _views(keys: Iterable[Any]) -> dict[Any, list[ImageEmbedding]]:
    """The embedded pictures of these products, main one first."""
    rows = ImageEmbedding.objects.filter(
        product__in=keys, encoder_version=get_encoder().version, vector__isnull=False
    ).defer("vector")
    found: dict[Any, list[ImageEmbedding]] = {}
    for row in rows.order_by("position", "image_key"):
        found.setdefault(row.product_id, []).append(row)
    return found
