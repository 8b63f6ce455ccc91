"""Lays the products that changed since a snapshot over it: new vectors, new products, those that are gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.conf import settings
from recommender.core.calibration import Calibration, fit_calibration
from recommender.core.catalogue import Catalogue
from recommender.core.overlay import lay_over
from recommender.core.shelf import UNKNOWN
from recommender.core.types import Float32
from recommender.core.vectors import unit_rows
from recommender.core.views import MOST_VIEWS, lay_views_over
from recommender.services.engines import get_encoder
from recommender.services.grouping import attribute_code, group_codes
from recommender.services.viewing import Serving
from recommender.sources import get_source
from recommender.storage import changes, embeddings

_SAMPLE_PAIRS = 4000
_READ_AT_ONCE = 1000
_MOST_SEVERAL = 2000
"""Changed products whose pictures are compared one by one: each process holds them. The next training maps them all."""


def with_changes(view: Serving) -> Serving:
    """The view with every change since its sequence number laid over."""
    log = changes.since(view.sequence)
    if not log:
        return replace(view, sequence=max(view.sequence, changes.current()))
    version = (view.snapshot.encoder_version if view.snapshot else "") or get_encoder().version
    blocks = view.base.blocks or get_encoder(version).blocks
    keys = [change.product_key for change in log if not change.deleted]
    means: dict[str, Float32] = {}
    views: dict[str, Float32] = {}
    for key, pictures in embeddings.vectors(version, blocks[-1].stop, keys):
        means[key] = product_vector(pictures)
        if len(pictures) > 1 and means[key].any() and len(views) < _MOST_SEVERAL:
            views[key] = pictures[:MOST_VIEWS].copy()
    seen = embeddings.without_sight(version, [key for key in keys if key not in means])
    extra = dict(view.extra)
    fresh = dict(
        zip(view.fresh_rows.tolist(), view.fresh_vectors if view.fresh_vectors is not None else (), strict=True)
    )
    several = dict(view.fresh_views)
    gone = set(view.gone.tolist())
    for change in log:
        row = view.row(change.product_key)
        row = extra.get(change.product_key) if row is None else row
        vector = means.get(change.product_key)
        if vector is not None:
            if row is None:
                row = extra[change.product_key] = view.base.n + len(extra)
            fresh[row] = vector
            several.pop(row, None)
            if change.product_key in views and len(several) < _MOST_SEVERAL:
                several[row] = views[change.product_key]
            gone.discard(row)
        elif row is not None and (change.deleted or change.product_key in seen):
            # Nobody has looked at the others yet with this encoder: they stay what they were.
            gone.add(row)
            several.pop(row, None)
            if row >= view.base.n:
                fresh[row] = np.zeros(blocks[-1].stop, np.float32)
    laid = _laid(view, log[-1].sequence, fresh, several, extra, gone)
    return _read_again(laid, means) if means else laid


def _read_again(view: Serving, keys: Iterable[str]) -> Serving:
    """The view with groups and attributes of these products as they are now."""
    n, names, attributes = view.catalogue.n, view.catalogue.attribute_names, view.catalogue.attributes
    groups = _copied(view.catalogue.groups, n, 3, np.int64)
    attributes = None if attributes is None else _copied(attributes, n, attributes.shape[1], np.int32)
    source = get_source()
    wanted = list(keys)
    for start in range(0, len(wanted), _READ_AT_ONCE):
        products = source.queryset().prefetch_related(None).filter(pk__in=wanted[start : start + _READ_AT_ONCE])
        for product in products:
            if (row := view.row(product.pk)) is not None:
                groups[row] = group_codes(source, product)
                if attributes is not None and names:
                    values = source.attributes(product)
                    attributes[row] = [attribute_code(values.get(name)) for name in names]
    return replace(view, catalogue=replace(view.catalogue, groups=groups, attributes=attributes))


def _copied(known: NDArray[Any] | None, n: int, width: int, kind: type) -> NDArray[Any]:
    """n rows of codes, those beyond the known ones unknown."""
    codes: NDArray[Any] = np.full((n, width), UNKNOWN, kind)
    if known is not None:
        codes[: len(known)] = known
    return codes


def _laid(
    view: Serving,
    sequence: int,
    fresh: dict[int, Float32],
    several: dict[int, Float32],
    extra: dict[str, int],
    gone: set[int],
) -> Serving:
    base = view.base
    if not fresh:
        return replace(view, sequence=sequence, gone=np.array(sorted(gone), np.int32))
    rows = np.array(sorted(fresh), np.int32)
    values = np.stack([fresh[row] for row in rows.tolist()])
    n = max(base.n, int(rows[-1]) + 1)
    blocks = base.blocks or get_encoder(view.snapshot.encoder_version if view.snapshot else "").blocks
    vectors = base.vectors if base.vectors is not None else np.zeros((base.n, values.shape[1]), np.float32)
    more = n - base.n
    catalogue = replace(
        base,
        n=n,
        blocks=blocks,
        vectors=lay_over(vectors, rows, values),
        views=lay_views_over(base.views, n, rows, several),
        events=None if base.events is None else np.append(base.events, np.zeros(more, np.float32)),
        trend=None if base.trend is None else np.append(base.trend, np.zeros(more, np.float32)),
        groups=view.catalogue.groups,
        attributes=view.catalogue.attributes,
        calibrations=base.calibrations if "visual" in base.calibrations else _provisional(base, values),
    )
    return Serving(
        view.snapshot,
        sequence,
        view.ids,
        base,
        catalogue,
        fresh_rows=rows,
        fresh_vectors=values,
        fresh_views=several,
        extra=extra,
        gone=np.array(sorted(gone), np.int32),
    )


def _provisional(base: Catalogue, vectors: Float32) -> Mapping[str, Calibration]:
    """A calibration of looks from the fresh rows alone, until the first snapshot brings the real one."""
    rng = np.random.default_rng(settings.SEED)
    left, right = rng.integers(0, len(vectors), (2, _SAMPLE_PAIRS))
    cosines = np.einsum("ij,ij->i", vectors[left], vectors[right])[left != right]
    looks = fit_calibration(cosines, scale="surprisal", upper=1.0)
    return {**base.calibrations, "visual": looks, "affinity": looks}


def product_vector(views: Float32) -> Float32:
    """A product's vector from those of its pictures: their mean, of unit length, float32 (d,)."""
    vector: Float32 = unit_rows(views.mean(axis=0, dtype=np.float32)[None, :])[0]
    return vector
