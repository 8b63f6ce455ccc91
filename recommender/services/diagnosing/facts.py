"""What there is: counts and states, read once, before anybody judges them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from recommender.conf import settings
from recommender.engines.base import Progress
from recommender.exceptions import SnapshotError
from recommender.models import ImageEmbedding, Interaction, Snapshot, Visitor
from recommender.services import backfilling, embedding, index_keeping, probing, publishing
from recommender.services.engines import encoder_of_settings, follow_live, get_collaborative_model
from recommender.services.index_keeping import Live
from recommender.sources import ProductSource, get_source
from recommender.storage import embeddings, snapshots

_BROKER_SECONDS = 1
_OPTIONAL = ("upsert", "purchases", "import_history")


@dataclass(frozen=True)
class Facts:
    """The shop as the recommender finds it.

    Attributes:
        products: all products of the source.
        available: those that may be shown now.
        with_vector: products with at least one embedded picture.
        pictures: status -> how many pictures, by the encoder in use.
        overdue: products whose pictures nobody looked at although they were asked for, or never asked for.
        events: all events.
        visitors: all visitors.
        orders_missing: order lines of the shop that are no event yet; None when nobody counted.
        encoder: version of the encoder in use.
        encoder_named: version of the one that the setting names.
        encoder_lacks: why it cannot encode here.
        model_lacks: why the collaborative engine cannot fit here.
        snapshot: the active one.
        snapshot_error: why it cannot be served; empty when it can.
        index: the vector index that answers; None without vectors.
        tasks: "inline" or "celery".
        broker: whether it answers; None when tasks run inline.
        cache: whether it gives back what it was given.
        workers: how many answer; None when tasks run inline or the broker does not answer.
        has_attributes: whether the source names attributes.
        optional_missing: optional methods that the source does not override.
    """

    products: int
    available: int
    with_vector: int
    pictures: dict[str, int]
    overdue: int
    events: int
    visitors: int
    orders_missing: int | None
    encoder: str
    encoder_named: str
    encoder_lacks: Sequence[str]
    model_lacks: Sequence[str]
    snapshot: Snapshot | None
    snapshot_error: str
    index: Live | None
    tasks: str
    broker: bool | None
    workers: int | None
    cache: bool
    has_attributes: bool
    optional_missing: Sequence[str]

    @property
    def snapshot_age_days(self) -> float | None:
        """Days since the active snapshot was made."""
        if self.snapshot is None:
            return None
        return (timezone.now() - self.snapshot.created_at).total_seconds() / 86_400


def gather(*, orders: bool = False, workers: bool = False, progress: Progress | None = None) -> Facts:
    """Read the facts: a dozen queries.

    Args:
        orders: also read all the shop's orders, which may take a minute, to see which are no events yet.
        workers: also ask the broker and its workers, which may take a second or two.
        progress: told how many orders were read.
    """
    source = get_source()
    snapshot = snapshots.active()
    encoder = follow_live(snapshot.encoder_version if snapshot else "")
    ready = ImageEmbedding.objects.filter(encoder_version=encoder.version, vector__isnull=False)
    error, index = _served(snapshot)
    broker, n_workers = _celery() if workers and settings.TASKS == "celery" else (None, None)
    return Facts(
        products=source.queryset().order_by().count(),
        available=source.queryset().filter(source.available()).order_by().count(),
        with_vector=ready.values("product_id").distinct().count(),
        pictures=embeddings.count_by_status(encoder.version),
        overdue=len(embedding.overdue()),
        events=Interaction.objects.count(),
        visitors=Visitor.objects.count(),
        orders_missing=_orders_missing(source, progress) if orders else None,
        encoder=encoder.version,
        encoder_named=encoder_of_settings().version,
        encoder_lacks=encoder.missing(),
        model_lacks=get_collaborative_model().missing(),
        snapshot=snapshot,
        snapshot_error=error,
        index=index,
        tasks=settings.TASKS,
        broker=broker,
        workers=n_workers,
        cache=probing.cache_state() is probing.State.OK,
        has_attributes=type(source).attributes is not ProductSource.attributes,
        optional_missing=[name for name in _OPTIONAL if not source.can(name)],
    )


def _orders_missing(source: ProductSource, progress: Progress | None) -> int | None:
    return backfilling.add_orders(progress=progress, dry_run=True).added if source.can("purchases") else None


def _served(snapshot: Snapshot | None) -> tuple[str, Live | None]:
    """Why a snapshot cannot be served, and the vector index that answers from it."""
    if snapshot is None:
        return "", None
    try:
        vectors = publishing.load(snapshot).catalogue.vectors
    except SnapshotError as error:
        return str(error), None
    if vectors is None:
        return "", None
    return "", index_keeping.opened(publishing.object_store(), snapshot, vectors)


def _celery() -> tuple[bool, int | None]:
    """Whether the broker answers, and how many workers do."""
    from celery import current_app  # only where tasks run by Celery
    from kombu.exceptions import KombuError

    try:
        with current_app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=_BROKER_SECONDS)
        return True, len(current_app.control.inspect(timeout=_BROKER_SECONDS).ping() or {})
    except (KombuError, OSError):
        return False, None
