"""Other block weights for the live encoder: vectors made of the stored ones, and the encoder that has them put live.

An encoder with other weights is another version, prepared beside the live one, so that two weightings never mix. What
it would see in a picture is stored already: no picture is read for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from recommender.conf import Engine, settings
from recommender.core.blocks import is_known, reweighed, with_weights
from recommender.engines.base import Encoder
from recommender.exceptions import EncoderError
from recommender.models import ImageEmbedding
from recommender.services.engines import follow_live, plain
from recommender.services.looking import record_if_live
from recommender.storage import embeddings, encoders

Status = ImageEmbedding.Status


def engine_with(weights: Mapping[str, float]) -> Engine:
    """The live encoder's engine with other block weights.

    Args:
        weights: by block, in any unit; a block that is not named weighs 0.

    Raises:
        ValueError: for weights that cannot be.
        EncoderError: when the encoder takes no weights, or a block with a weight is not in the stored vectors.
    """
    live = follow_live()
    after = with_weights(live.blocks, weights)
    options = live.weight_options({block.name: block.weight for block in after})
    if not live.sight or not options:
        raise EncoderError(f"Encoder {live.version} has no weights to choose.")
    if not is_known(live.blocks, after):
        raise EncoderError(
            "The stored vectors hold nothing of a part that weighed 0. Have the pictures embedded anew: "
            "`manage.py recommender_encoder prepare --backend ... --options ...`."
        )
    row = encoders.find(live.version)
    engine = row.engine if row is not None else plain(settings.ENCODER)
    return {**engine, "OPTIONS": {**engine.get("OPTIONS", {}), **options}}


def source_of(encoder: Encoder) -> Encoder | None:
    """The live encoder, when this one differs from it by its weights alone; else None."""
    live = follow_live()
    if not encoder.sight or encoder.sight != live.sight or encoder.version == live.version:
        return None
    return live if is_known(live.blocks, encoder.blocks) else None


def derive(rows: Iterable[Any], source: Encoder, encoder: Encoder) -> set[int]:
    """Give waiting embeddings their vectors, made of those that another encoder has of the same pictures.

    Pictures that wait for the other encoder too are left: they are newer than its vectors.

    Args:
        rows: embeddings of `encoder`, without their vectors.
        source: the other encoder.
        encoder: whose vectors are wanted.

    Returns:
        The keys of the rows that have their vector now.
    """
    waiting = {(row.product_id, row.image_key): row for row in rows if row.status == Status.PENDING}
    if not waiting:
        return set()
    products = {product for product, _ in waiting}
    with transaction.atomic():
        # Locked first: a request that comes later marks both as waiting, and finds them as this leaves them.
        mine = embeddings.untouched(waiting.values())
        seen = ImageEmbedding.objects.filter(
            product__in=products, encoder_version=source.version, status=Status.READY, vector__isnull=False
        )
        pairs = [(waiting[name], one) for one in seen if (name := (one.product_id, one.image_key)) in waiting]
        pairs = [(row, one) for row, one in pairs if row.pk in mine and len(one.vector or b"") == 4 * source.dimension]
        _take_over(pairs, source, encoder)
        if pairs:
            record_if_live({row.product_id for row, _ in pairs}, encoder.version)
    return {row.pk for row, _ in pairs}


def _take_over(pairs: Sequence[tuple[Any, Any]], source: Encoder, encoder: Encoder) -> None:
    stored = np.frombuffer(b"".join(bytes(one.vector or b"") for _, one in pairs), "<f4").reshape(-1, source.dimension)
    for (row, one), vector in zip(pairs, reweighed(stored, source.blocks, encoder.blocks), strict=True):
        row.vector = embeddings.to_bytes(vector)
        row.content_hash, row.perceptual_hash, row.position = one.content_hash, one.perceptual_hash, one.position
    rows = [row for row, _ in pairs]
    ImageEmbedding.objects.bulk_update(rows, ["vector", "content_hash", "perceptual_hash", "position"])
    ImageEmbedding.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=Status.READY, error="", attempts=0, updated_at=timezone.now()
    )
