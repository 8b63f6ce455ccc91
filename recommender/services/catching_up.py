"""Bringing embeddings up to date in bulk: which products to look at, here or by the workers, and how far that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min
from django.utils import timezone

from recommender.engines.base import Progress
from recommender.models import ImageEmbedding, Job
from recommender.services import embedding, jobs, versioning
from recommender.services.backfilling import batches, existing_products
from recommender.services.embedding import EmbeddingReport
from recommender.services.engines import follow_live
from recommender.sources import get_source
from recommender.storage import embeddings

_PACE_OVER = timedelta(minutes=1)


@dataclass(frozen=True)
class Pace:
    """How embedding gets on.

    Attributes:
        done: pictures that were looked at, by the encoder in use.
        left: pictures, or products whose pictures nobody has counted yet, that wait.
        per_second: pictures embedded a second, lately.
    """

    done: int
    left: int
    per_second: float

    @property
    def total(self) -> int:
        """All of them."""
        return self.done + self.left

    @property
    def ends_at(self) -> datetime | None:
        """When the last one will be done if it goes on like this; None while nothing moves or waits."""
        if not (self.left and self.per_second):
            return None
        return timezone.now() + timedelta(seconds=self.left / self.per_second)


def outstanding(encoder_version: str = "") -> list[Any]:
    """Products whose pictures wait to be looked at, however recently asked for, and those nobody ever looked at."""
    version = encoder_version or follow_live().version
    return embeddings.waiting(version, older_than=timezone.now()) + list(embeddings.never_seen(version))


def failed() -> list[Any]:
    """Products with a picture that could not be embedded."""
    rows = ImageEmbedding.objects.filter(
        encoder_version=follow_live().version, status=ImageEmbedding.Status.FAILED
    ).order_by("product_id")
    return list(dict.fromkeys(rows.values_list("product_id", flat=True)))


def everything() -> list[Any]:
    """All products of the shop."""
    return list(get_source().queryset().order_by("pk").values_list("pk", flat=True))


def named(keys: Iterable[str]) -> tuple[list[Any], list[str]]:
    """The products with these keys, and the keys that no product has."""
    wanted = list(dict.fromkeys(keys))
    found = existing_products(wanted)
    return [found[key] for key in wanted if key in found], [key for key in wanted if key not in found]


def embed_here(
    product_keys: Sequence[Any], encoder_version: str = "", *, progress: Progress | None = None
) -> EmbeddingReport:
    """Embed in this process, as one job, by the live encoder or another one.

    Raises:
        JobBusyError: when such a job runs already.
    """
    report = EmbeddingReport()
    with jobs.running(Job.Kind.EMBED, progress) as run:
        for number, keys in enumerate(batches(product_keys, embedding.BATCH)):
            report += embedding.embed(keys, encoder_version)
            run.progress(number * embedding.BATCH + len(keys), len(product_keys))
    return report


def backlog(encoder_version: str = "") -> int:
    """How many products wait for the workers; of an encoder that is not live, those that it never saw besides."""
    if encoder_version:
        return versioning.lacking(encoder_version)
    rows = ImageEmbedding.objects.filter(encoder_version=follow_live().version, status=ImageEmbedding.Status.PENDING)
    return rows.values("product_id").distinct().count()


def pace() -> Pace:
    """How far the pictures are, and how quickly they went in the last minute: three queries."""
    version = follow_live().version
    found = embeddings.count_by_status(version)
    recent = ImageEmbedding.objects.filter(
        encoder_version=version,
        status=ImageEmbedding.Status.READY,
        updated_at__gte=timezone.now() - _PACE_OVER,
    )
    span = recent.aggregate(n=Count("pk"), first=Min("updated_at"), last=Max("updated_at"))
    # Over the time in which something happened: just after a start a whole minute would be too long a measure.
    seconds = max((span["last"] - span["first"]).total_seconds(), 1.0) if span["n"] else 1.0
    return Pace(found["ready"] + found["failed"], found["pending"], span["n"] / seconds)


def counts() -> dict[str, int]:
    """How many pictures stand where, by the encoder in use."""
    return embeddings.count_by_status(follow_live().version)
