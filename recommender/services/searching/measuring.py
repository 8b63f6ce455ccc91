"""The thresholds of search by photo, measured on the shop's own pictures, badly photographed by us."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.conf import settings
from recommender.core.recognition import UNMEASURED, Thresholds, fit_thresholds
from recommender.core.types import Float32, Picture
from recommender.exceptions import ImageRefusedError
from recommender.imaging.decode import decode
from recommender.imaging.degrading import badly_photographed
from recommender.models import Snapshot
from recommender.services import publishing
from recommender.services.searching import candidates
from recommender.services.searching.photos import Glance, glance
from recommender.services.viewing import Serving
from recommender.sources import SourceImage, get_source

_METRIC = "photos"
_MIN_PHOTOS = 10
"""With fewer, a twentieth of them is nothing."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Best cosines of photos of the shop's own products.

    Attributes:
        known: with all products in the catalogue, float32, shape (m,).
        unknown: with the photographed product's family left out, float32, shape (m,).
        found: whether the nearest product was of the photographed family, bool, shape (m,).
    """

    known: Float32
    unknown: Float32
    found: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def measure(snapshot: Snapshot) -> Thresholds:
    """Measure a snapshot's thresholds on `PHOTO_SAMPLE` photos, and keep them in its metrics.

    Returns:
        The thresholds; `UNMEASURED` for a shop with too few pictures to tell.
    """
    sample = take(snapshot, settings.PHOTO_SAMPLE)
    if sample.known.size < _MIN_PHOTOS:
        return UNMEASURED
    thresholds = fit_thresholds(sample.known, sample.unknown)
    snapshot.metrics[_METRIC] = {
        "similar": round(thresholds.similar, 5),
        "exact": round(thresholds.exact, 5),
        "photos": int(sample.known.size),
        "found_first": round(float(sample.found.mean()), 3),
    }
    snapshot.save(update_fields=["metrics"])
    return thresholds


def thresholds_of(snapshot: Snapshot | None) -> Thresholds:
    """A snapshot's thresholds; `UNMEASURED` where it has none."""
    found = snapshot.metrics.get(_METRIC) if snapshot is not None else None
    return Thresholds(found["similar"], found["exact"]) if found else UNMEASURED


def take(snapshot: Snapshot, n: int) -> Sample:
    """Photograph n pictures of products of the snapshot badly, and search with each."""
    published = publishing.load(snapshot)
    view = Serving(snapshot, snapshot.sequence, published.ids, published.catalogue, published.catalogue)
    rng = np.random.default_rng(settings.SEED)
    known, unknown, found = [], [], []
    for product, image in _pictures(view, n, rng):
        try:
            with image.open() as file:
                picture = decode(file.read(settings.IMAGE_MAX_BYTES + 1), max_bytes=settings.IMAGE_MAX_BYTES)
        except (OSError, ImageRefusedError):
            continue
        pool = candidates.nearest(view, _seen(badly_photographed(picture, rng), snapshot), candidates.POOL)
        own = _of_family(product, [candidate.key for candidate in pool])
        others = [candidate.cosine for candidate in pool if candidate.key not in own]
        if not others:
            continue
        known.append(max(candidate.cosine for candidate in pool))
        unknown.append(max(others))
        found.append(pool[0].key in own)
    return Sample(np.array(known, np.float32), np.array(unknown, np.float32), np.array(found, np.bool_))


def _seen(photo: Picture, snapshot: Snapshot) -> Glance:
    return glance(photo, snapshot.encoder_version)


def _pictures(view: Serving, n: int, rng: np.random.Generator) -> Iterator[tuple[Any, SourceImage]]:
    """One picture each of n products drawn at random, of those with a vector."""
    vectors = view.base.vectors
    if vectors is None or not view.base.n:
        return
    drawn = np.sort(rng.choice(view.base.n, min(n, view.base.n), replace=False)).astype(np.int32)
    source = get_source()
    for product in source.queryset().filter(pk__in=view.keys(drawn)).order_by("pk"):
        images = list(source.images(product))[:2]  # the usual sides; further pictures may show a box or a detail
        if images:
            yield product, images[int(rng.integers(len(images)))]


def _of_family(product: Any, keys: Sequence[str]) -> set[str]:
    source = get_source()
    family = source.family(product)
    others = source.queryset().prefetch_related(None).filter(pk__in=keys)
    return {str(other.pk) for other in others if source.family(other) == family}
