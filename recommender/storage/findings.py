"""Catalogue findings: renewed by each inspection, silent once a person found them fine; and measures by content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from recommender.models import Finding, ImageEmbedding, PictureMeasure

_CHUNK = 500


class Found(NamedTuple):
    """Something about a picture that wants a look.

    Attributes:
        kind: of `Finding.Kind`.
        product_key: the product's primary key.
        image_key: the picture; empty where it is about the product.
        weight: how grave, in [0, 1].
        fingerprint: stays the same while pictures and labels do.
        detail: plain values that the page puts into words.
        other_key: another product's primary key, or None.
        other_image: its picture.
    """

    kind: str
    product_key: Any
    image_key: str
    weight: float
    fingerprint: str
    detail: Mapping[str, Any]
    other_key: Any = None
    other_image: str = ""


def renew(found: Iterable[Found]) -> None:
    """Make these the findings: new ones are added, those that are gone go, and decisions stay as long as theirs is.

    Of two with one fingerprint the first counts.
    """
    named: dict[str, Found] = {}
    for one in found:
        named.setdefault(one.fingerprint, one)
    with transaction.atomic():
        known = dict(Finding.objects.values_list("fingerprint", "pk"))
        gone = [pk for fingerprint, pk in known.items() if fingerprint not in named]
        for start in range(0, len(gone), _CHUNK):
            Finding.objects.filter(pk__in=gone[start : start + _CHUNK]).delete()
        Finding.objects.bulk_create(
            [
                Finding(
                    kind=one.kind,
                    product_id=one.product_key,
                    image_key=one.image_key,
                    other_id=one.other_key,
                    other_key=one.other_image,
                    detail=dict(one.detail),
                    weight=one.weight,
                    fingerprint=one.fingerprint,
                )
                for one in named.values()
                if one.fingerprint not in known
            ],
            ignore_conflicts=True,
            batch_size=_CHUNK,
        )


def waiting(kind: str = "") -> QuerySet[Finding]:
    """Findings that nobody found fine, the gravest first; of one kind, or of all."""
    rows = Finding.objects.filter(dismissed_at__isnull=True)
    return rows.filter(kind=kind) if kind else rows


def dismissed() -> QuerySet[Finding]:
    """Findings that a person found fine, the latest first."""
    return Finding.objects.filter(dismissed_at__isnull=False).order_by("-dismissed_at", "-pk")


def count_by_kind() -> dict[str, int]:
    """How many wait, every kind named."""
    rows = waiting().values_list("kind").annotate(n=Count("pk")).order_by()
    return dict.fromkeys(Finding.Kind.values, 0) | dict(rows)


def dismiss(pk: int, user: Any) -> bool:
    """Note that a person found it fine; return False when it is gone, or was found fine before."""
    rows = Finding.objects.filter(pk=pk, dismissed_at__isnull=True)
    return bool(rows.update(dismissed_at=timezone.now(), dismissed_by=user))


def bring_back(pk: int) -> bool:
    """Take a dismissal back."""
    rows = Finding.objects.filter(pk=pk, dismissed_at__isnull=False)
    return bool(rows.update(dismissed_at=None, dismissed_by=None))


def pictures(encoder_version: str) -> list[ImageEmbedding]:
    """The embedded pictures of all products, by product and position, without their vectors."""
    rows = ImageEmbedding.objects.filter(encoder_version=encoder_version, vector__isnull=False)
    return list(rows.defer("vector").order_by("product_id", "position", "image_key"))


def measures() -> dict[str, PictureMeasure]:
    """What was measured, by content."""
    return PictureMeasure.objects.in_bulk()


def keep_measures(measured: Iterable[PictureMeasure], wanted: set[str]) -> None:
    """Add measures, and drop those of content that no product shows any more."""
    PictureMeasure.objects.bulk_create(measured, ignore_conflicts=True, batch_size=_CHUNK)
    stale = [key for key in PictureMeasure.objects.values_list("pk", flat=True) if key not in wanted]
    for start in range(0, len(stale), _CHUNK):
        PictureMeasure.objects.filter(pk__in=stale[start : start + _CHUNK]).delete()


def thumbnails(encoder_version: str, names: Iterable[tuple[Any, str]]) -> dict[tuple[Any, str], ImageEmbedding]:
    """The embedding row of each (product key, picture), for its small picture; one query."""
    wanted = set(names)
    rows = ImageEmbedding.objects.filter(encoder_version=encoder_version, product__in={key for key, _ in wanted}).defer(
        "vector"
    )
    return {(row.product_id, row.image_key): row for row in rows if (row.product_id, row.image_key) in wanted}
