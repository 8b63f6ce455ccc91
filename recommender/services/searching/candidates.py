"""The catalogue's products in the order of their likeness to a photo, before anything is known of stock or filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from django.db.models import Q

from recommender.core.shelf import FAMILY, UNKNOWN
from recommender.core.types import Float32, Int32
from recommender.core.views import nearest_view_cosines
from recommender.imaging.fingerprint import SAME, differing_bits
from recommender.services.searching.photos import Glance
from recommender.services.viewing import Serving
from recommender.sources import get_source
from recommender.storage import embeddings

POOL = 200
"""Nearest products that are looked at for every page."""
LOOKED_AT = 64
"""The nearest of them, which are compared view by view: a photo shows one side, a product's vector the mean of all."""
_SAME_COSINE = 0.85
"""A fingerprint knows no colours: the finishes of one phone share it. Below this cosine they are told apart."""


class Candidate(NamedTuple):
    """A product near a photo.

    Attributes:
        key: the product's.
        family: a code of its family as last read; of its own where that is not known.
        cosine: with its nearest picture, where it was compared view by view; else with the product's vector.
        is_same_picture: whether the photo is a copy of one of its pictures, by perceptual hash.
    """

    key: str
    family: int
    cosine: float
    is_same_picture: bool = False


def nearest(view: Serving, glance: Glance, k: int, *, among: Int32 | None = None) -> list[Candidate]:
    """The k products nearest to a photo, nearest first, of those `among` if given; the fresh ones included."""
    rows, cosines = _nearest_rows(view, glance.vector, k, among)
    cosines[:LOOKED_AT] = nearest_view_cosines(
        view.catalogue.views, glance.vector, rows[:LOOKED_AT], cosines[:LOOKED_AT]
    )
    families = view.groups(rows)[:, FAMILY]
    families[families == UNKNOWN] = -2 - rows[families == UNKNOWN]
    found = list(map(Candidate, view.keys(rows), families.tolist(), cosines.tolist()))
    copies = _copies(glance, found[:LOOKED_AT])
    looked_at = [candidate._replace(is_same_picture=candidate.key in copies) for candidate in found[:LOOKED_AT]]
    looked_at.sort(key=lambda candidate: (not candidate.is_same_picture, -candidate.cosine, candidate.key))
    return looked_at + found[LOOKED_AT:]


def _copies(glance: Glance, looked_at: Sequence[Candidate]) -> set[str]:
    """The keys of those with a picture that the photo is a copy of."""
    likely = [candidate.key for candidate in looked_at if candidate.cosine >= _SAME_COSINE]
    hashes = embeddings.perceptual_hashes(glance.encoder_version, likely)
    return {key for key, hashed in hashes if differing_bits(hashed, glance.fingerprint) <= SAME}


def matching_rows(view: Serving, condition: Q) -> Int32:
    """Rows of the products that fulfil a condition, ascending, int32."""
    keys = get_source().queryset().filter(condition).order_by().values_list("pk", flat=True)
    names = [str(key) for key in keys.iterator(chunk_size=5000)]
    rows = [np.array([view.extra[name] for name in names if name in view.extra], np.int32)]
    width = view.ids.dtype.itemsize
    if len(view.ids) and (wanted := [raw for name in names if len(raw := name.encode()) <= width]):
        texts = np.array(wanted, view.ids.dtype)
        at = np.searchsorted(view.ids, texts).clip(max=len(view.ids) - 1)
        rows.append(at[view.ids[at] == texts].astype(np.int32))
    return view.alive(np.concatenate(rows))


def _nearest_rows(view: Serving, vector: Float32, k: int, among: Int32 | None) -> tuple[Int32, Float32]:
    if view.index is None:
        return np.empty(0, np.int32), np.empty(0, np.float32)
    found = view.index.search(vector[None, :], k, among=among)
    held = found.rows[0] >= 0
    return found.rows[0][held], found.scores[0][held]
