"""The last step of a candidate that workers prepare: its snapshot, once it has looked at everything."""

from __future__ import annotations

from recommender.services import training, versioning
from recommender.services.engines import follow_live
from recommender.storage import encoders, snapshots


def finish(version: str) -> bool:
    """Make the snapshot of a candidate that lacks no product; return whether there is nothing left to wait for.

    Nothing is left either for one that was given up, or is live by now.

    Raises:
        JobBusyError: when a training runs already.
        NotEnoughHistoryError: when the shop has no product.
        UnfitSnapshotError: when the result fails the sanity checks.
    """
    row = encoders.find(version)
    if row is None or follow_live().version == version:
        return True
    if versioning.lacking(version):
        return False
    newest = snapshots.newest(version)
    if newest is None or newest.created_at < row.created_at:
        training.build(version)
    return True
