"""An encoder put live by one process: what it lacks is embedded, its snapshot made, and the switch done."""

from __future__ import annotations

from recommender.exceptions import EncoderError
from recommender.models import Snapshot
from recommender.services import catching_up, training, versioning
from recommender.services.engines import encoder_here, encoder_of_settings, follow_live
from recommender.storage import embeddings, encoders, snapshots


def put_live(version: str) -> Snapshot | None:
    """Have an encoder that was prepared be the live one; goes on where an earlier call was stopped.

    Encoders that differ from it by their weights alone and are given up by the switch leave no vectors behind: they are
    quickly made again.

    Returns:
        The snapshot that is served now; None when the encoder was live before.

    Raises:
        EncoderError: when it is known no more, or products came faster than it looked at them.
        JobBusyError: when a job of the same kind runs already.
        SnapshotError: when its snapshot cannot be made or read.
    """
    if follow_live().version == version:
        return None
    row = encoders.find(version)
    if row is None:
        raise EncoderError(f"Encoder {version} was given up meanwhile.")
    catching_up.embed_here(catching_up.outstanding(version), version)
    newest = snapshots.newest(version)
    if newest is None or newest.created_at < row.created_at:
        training.build(version)
    weighings = _weighings(version)
    snapshot = versioning.switch(version)
    embeddings.forget(weighings - {one.version for one in encoders.kept()} - {encoder_of_settings().version})
    return snapshot


def _weighings(version: str) -> set[str]:
    """The kept encoders that differ from one by their weights alone."""
    kept = {row.version: encoder_here(row.version) for row in encoders.kept()}
    sights = {name: encoder.sight for name, encoder in kept.items() if encoder is not None and encoder.sight}
    return {name for name, sight in sights.items() if sight == sights.get(version)}
