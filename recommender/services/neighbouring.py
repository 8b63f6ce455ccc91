"""The lists of look-alikes of a catalogue, from those of the active snapshot where only some products changed."""

from __future__ import annotations

import logging

import numpy as np

from recommender.conf import settings
from recommender.core.carrying import origins
from recommender.core.neighbours import updated_neighbours, visual_neighbours
from recommender.core.types import Float32, Neighbours
from recommender.engines.base import Progress
from recommender.exceptions import SnapshotError
from recommender.services.publishing import Ids, object_store
from recommender.storage import snapshots

logger = logging.getLogger(__name__)


def visual_lists(ids: Ids, vectors: Float32, encoder_version: str, progress: Progress | None = None) -> Neighbours:
    """The `NEIGHBOURS` products that look most alike to each; see `core.neighbours.visual_neighbours`."""
    active = snapshots.active()
    same = active is not None and active.encoder_version == encoder_version
    if active is not None and same and {"vectors", "visual.rows"} <= active.files.keys():
        try:
            arrays = snapshots.read(object_store(), active)
        except SnapshotError:
            logger.exception("Lists cannot be taken over from snapshot %s; all are made anew", active.pk)
        else:
            origin = origins(np.asarray(arrays["ids"]), arrays["vectors"], ids, vectors)
            before = Neighbours(arrays["visual.rows"], arrays["visual.scores"])
            return updated_neighbours(vectors, settings.NEIGHBOURS, before, origin, progress)
    return visual_neighbours(vectors, settings.NEIGHBOURS, progress)
