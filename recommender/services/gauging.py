"""The state of the whole shop in numbers, read from the database: what waits, how old things are, what failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min
from django.utils import timezone

from recommender.models import ImageEmbedding, Job
from recommender.services.engines import follow_live
from recommender.storage import embeddings, snapshots


@dataclass(frozen=True)
class Gauges:
    """One reading.

    Attributes:
        pictures: status -> how many pictures, by the encoder in use; "pending" is the backlog.
        queue_age_seconds: how long the oldest request for an embedding has been waiting; 0 when none waits.
        snapshot_age_seconds: since the active snapshot was made; None without one.
        snapshot_products: how many products it knows; 0 without one.
        failed_jobs: kind of work -> whether its last run failed.
        silent_seconds: kind of running work -> since its last sign of life.
    """

    pictures: dict[str, int]
    queue_age_seconds: float
    snapshot_age_seconds: float | None
    snapshot_products: int
    failed_jobs: dict[str, bool]
    silent_seconds: dict[str, float]


def read() -> Gauges:
    """The numbers of this moment: five queries."""
    now = timezone.now()
    snapshot = snapshots.active()
    version = follow_live(snapshot.encoder_version if snapshot else "").version
    waiting = ImageEmbedding.objects.filter(encoder_version=version, status=ImageEmbedding.Status.PENDING)
    last = Job.objects.order_by().values("kind").annotate(last=Max("pk")).values("last")
    jobs = list(Job.objects.filter(pk__in=list(last.values_list("last", flat=True))))
    return Gauges(
        pictures=embeddings.count_by_status(version),
        queue_age_seconds=_age(waiting.aggregate(oldest=Min("updated_at"))["oldest"], now) or 0.0,
        snapshot_age_seconds=_age(snapshot.created_at if snapshot else None, now),
        snapshot_products=snapshot.n_products if snapshot else 0,
        failed_jobs={job.kind: job.state == Job.State.FAILED for job in jobs},
        silent_seconds={job.kind: _age(job.heartbeat_at, now) or 0.0 for job in jobs if job.state == Job.State.RUNNING},
    )


def _age(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else max(0.0, (now - moment).total_seconds())
