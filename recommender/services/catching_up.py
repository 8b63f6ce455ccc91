"""Bringing embeddings up to date in bulk: which products to look at, here or by the workers, and how far that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from recommender.engines.base import Progress
from recommender.models import ImageEmbedding, Job
from recommender.services import embedding, jobs
from recommender.services.backfilling import batches, existing_products
from recommender.services.embedding import EmbeddingReport
from recommender.services.engines import get_encoder
from recommender.sources import get_source
from recommender.storage import embeddings


def outstanding() -> list[Any]:
    """Products whose pictures wait to be looked at, however recently asked for, and those nobody ever looked at."""
    version = get_encoder().version
    return embeddings.waiting(version, older_than=timezone.now()) + list(embeddings.never_seen(version))


def failed() -> list[Any]:
    """Products with a picture that could not be embedded."""
    rows = ImageEmbedding.objects.filter(
        encoder_version=get_encoder().version, status=ImageEmbedding.Status.FAILED
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


def embed_here(product_keys: Sequence[Any], *, progress: Progress | None = None) -> EmbeddingReport:
    """Embed in this process, as one job.

    Raises:
        JobBusyError: when such a job runs already.
    """
    report = EmbeddingReport()
    with jobs.running(Job.Kind.EMBED, progress) as run:
        for number, keys in enumerate(batches(product_keys, embedding.BATCH)):
            report += embedding.embed(keys)
            run.progress(number * embedding.BATCH + len(keys), len(product_keys))
    return report


def backlog() -> int:
    """How many products wait for the workers."""
    rows = ImageEmbedding.objects.filter(encoder_version=get_encoder().version, status=ImageEmbedding.Status.PENDING)
    return rows.values("product_id").distinct().count()


def counts() -> dict[str, int]:
    """How many pictures stand where, by the encoder in use."""
    return embeddings.count_by_status(get_encoder().version)
