"""Snapshot rows and their arrays: published whole or not at all, one active of each kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Max, Q, QuerySet, When
from django.utils import timezone
from numpy.typing import NDArray

from recommender.exceptions import SnapshotVersionError
from recommender.models import Selection, Snapshot
from recommender.storage import changes
from recommender.storage.objects import ObjectStore

FORMAT_VERSION = 1
OTHERS = 2
"""A candidate to switch to, and the encoder to roll back to: their snapshots outlast the trainings of the live one."""

_INDEX = "index."


def write(
    store: ObjectStore,
    arrays: Mapping[str, NDArray[Any]],
    *,
    encoder_version: str,
    sequence: int,
    config: dict[str, Any],
    metrics: dict[str, Any],
    n_products: int,
    selection: Selection | None = None,
) -> Snapshot:
    """Store the arrays, then create the row that names them. The snapshot is not active yet."""
    files: dict[str, str] = {}
    size = 0
    for name, array in arrays.items():
        files[name], n_bytes = store.put(array)
        size += n_bytes
    return Snapshot.objects.create(
        format_version=FORMAT_VERSION,
        encoder_version=encoder_version,
        sequence=sequence,
        files=files,
        config=config,
        metrics=metrics,
        n_products=n_products,
        size_bytes=size,
        selection=selection,
    )


def read(store: ObjectStore, snapshot: Snapshot) -> dict[str, NDArray[Any]]:
    """The snapshot's arrays, memory-mapped, without those of its vector index.

    Raises:
        SnapshotVersionError: when another version of the product wrote it.
        SnapshotCorruptError: when a file is missing or damaged.
    """
    if snapshot.format_version != FORMAT_VERSION:
        raise SnapshotVersionError(
            f"Snapshot {snapshot.pk} has format {snapshot.format_version}, this version reads {FORMAT_VERSION}. "
            "Run `manage.py recommender_train`, or roll back."
        )
    return {name: store.get(checksum) for name, checksum in snapshot.files.items() if not name.startswith(_INDEX)}


def index_arrays(saved: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """A vector index's arrays by the names that `write` takes and `read_index` takes off again."""
    return {f"{_INDEX}{name}": array for name, array in saved.items()}


def read_index(store: ObjectStore, snapshot: Snapshot) -> dict[str, NDArray[Any]]:
    """The arrays of the snapshot's vector index, memory-mapped; a damaged one leaves the rest of the snapshot whole.

    Raises:
        SnapshotCorruptError: when a file is missing or damaged.
    """
    return {
        name.removeprefix(_INDEX): store.get(checksum)
        for name, checksum in snapshot.files.items()
        if name.startswith(_INDEX)
    }


def kept() -> list[Snapshot]:
    """All snapshots that can still be served."""
    return list(Snapshot.objects.all())


def active(kind: str = Snapshot.Kind.CATALOGUE) -> Snapshot | None:
    """The snapshot that is served."""
    return Snapshot.objects.filter(kind=kind, is_active=True).first()


def previous(snapshot: Snapshot) -> Snapshot | None:
    """The snapshot to go back to from this one: see `earlier`."""
    return earlier(snapshot).first()


def earlier(snapshot: Snapshot) -> QuerySet[Snapshot]:
    """Snapshots that have been served, the best to go back to first.

    That is the newest of those of the same encoder which are older; then those of other encoders, the last served
    first: one of theirs may well have a higher number, and yet have been served before.
    """
    served = Snapshot.objects.filter(kind=snapshot.kind, activated_at__isnull=False).exclude(pk=snapshot.pk)
    same = Q(encoder_version=snapshot.encoder_version)
    ranked = served.filter(~same | Q(pk__lt=snapshot.pk)).annotate(
        is_other=Case(When(same, then=0), default=1),
        served_at=Case(When(same, then=None), default=F("activated_at")),
    )
    return ranked.order_by("is_other", "-served_at", "-pk")


def newest(encoder_version: str) -> Snapshot | None:
    """The last snapshot made with this encoder."""
    return Snapshot.objects.filter(encoder_version=encoder_version).order_by("-pk").first()


def last_served(encoder_versions: Collection[str]) -> Snapshot | None:
    """The snapshot of one of these encoders that was served last."""
    served = Snapshot.objects.filter(encoder_version__in=encoder_versions, activated_at__isnull=False)
    return served.order_by("-activated_at", "-pk").first()


def last_of_others(encoder_version: str) -> list[Snapshot]:
    """Of each other encoder the last snapshot made and the last one served, those of the latest `OTHERS` encoders."""
    rows = Snapshot.objects.exclude(encoder_version=encoder_version)
    made = rows.values("encoder_version").annotate(last=Max("pk")).order_by("-last")
    last = dict(made.values_list("encoder_version", "last")[:OTHERS])
    served = rows.filter(encoder_version__in=last, activated_at__isnull=False).order_by("activated_at")
    latest = {row.encoder_version: row for row in served}
    return [*Snapshot.objects.filter(pk__in=last.values()), *latest.values()]


def activate(snapshot: Snapshot) -> None:
    """Serve this snapshot from now on: one row changes, every process follows the sequence number."""
    with transaction.atomic():
        changes.advance()  # also the lock that orders two activations
        Snapshot.objects.filter(kind=snapshot.kind, is_active=True).update(is_active=False)
        Snapshot.objects.filter(pk=snapshot.pk).update(is_active=True, activated_at=timezone.now())
    snapshot.refresh_from_db()


def retain(store: ObjectStore, keep: int = 5) -> int:
    """Drop all but the last `keep` snapshots, the active one and the `last_of_others`; return how many.

    Their files go with them, and the changes that every kept snapshot contains.
    """
    current = active()
    ids = set(Snapshot.objects.order_by("-pk").values_list("pk", flat=True)[:keep])
    if current is not None:
        ids |= {snapshot.pk for snapshot in last_of_others(current.encoder_version)}
    gone = Snapshot.objects.filter(is_active=False).exclude(pk__in=ids).delete()[0]
    kept = list(Snapshot.objects.values_list("files", "sequence"))
    if gone:
        store.prune({checksum for files, _ in kept for checksum in files.values()})
    if kept:
        changes.purge(min(sequence for _, sequence in kept))
    return gone
