"""Snapshot rows and their arrays: published whole or not at all, one active of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from recommender.exceptions import SnapshotVersionError
from recommender.models import Selection, Snapshot
from recommender.storage import changes
from recommender.storage.objects import ObjectStore

FORMAT_VERSION = 1
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
    """The newest snapshot older than this one that has been served."""
    return Snapshot.objects.filter(kind=snapshot.kind, activated_at__isnull=False, pk__lt=snapshot.pk).first()


def activate(snapshot: Snapshot) -> None:
    """Serve this snapshot from now on: one row changes, every process follows the sequence number."""
    with transaction.atomic():
        changes.advance()  # also the lock that orders two activations
        Snapshot.objects.filter(kind=snapshot.kind, is_active=True).update(is_active=False)
        Snapshot.objects.filter(pk=snapshot.pk).update(is_active=True, activated_at=timezone.now())
    snapshot.refresh_from_db()


def retain(store: ObjectStore, keep: int = 5) -> int:
    """Drop all but the last `keep` snapshots and the active one, with their files and changes; return how many."""
    ids = list(Snapshot.objects.order_by("-pk").values_list("pk", flat=True)[:keep])
    gone = Snapshot.objects.filter(is_active=False).exclude(pk__in=ids).delete()[0]
    kept = list(Snapshot.objects.values_list("files", "sequence"))
    if gone:
        store.prune({checksum for files, _ in kept for checksum in files.values()})
    if kept:
        changes.purge(min(sequence for _, sequence in kept))
    return gone
