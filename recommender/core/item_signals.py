"""What is known about how some products go with one product: their looks, behaviour and attributes."""

from collections.abc import Callable, Collection

import numpy as np

from recommender.core.catalogue import Catalogue
from recommender.core.fold_in import entries
from recommender.core.signals import Observed, Raw, observe, picture_counts, predicted_closeness
from recommender.core.similarity import equal_share, factor_cosines
from recommender.core.types import Artefact, Factors, Float32, Int32, ItemItem
from recommender.core.views import look_cosines

ONE = np.ones(1, np.float32)


def item_signals(
    catalogue: Catalogue, row: int, candidates: Int32, *, wanted: Collection[str] | None = None
) -> Observed:
    """The item-to-item signals that the shop has, calibrated.

    visual: how alike the two look, picture by picture (`views.look_cosines`), certain where both have a picture.
    collaborative: the cosine of item factors or the item-item weight, 0 where the artefact lists none; its evidence is
        the events of the rarer product, its prior what both pictures predict.
    attributes: the share of equal attributes among those known on both sides, whose number is its evidence.

    Args:
        catalogue: what is known.
        row: the product, 0..n-1.
        candidates: the others, int32, shape (m,).
        wanted: names to leave it at; all when None.
    """
    raws = item_raws(catalogue, row, candidates, wanted=wanted)
    return observe(catalogue.calibrations, raws, candidates.shape[0])


def item_raws(
    catalogue: Catalogue, row: int, candidates: Int32, *, wanted: Collection[str] | None = None
) -> dict[str, Raw]:
    """The signals of `item_signals` before calibration, by name."""
    names = [name for name in BUILDERS if wanted is None or name in wanted]
    built = {name: BUILDERS[name](catalogue, row, candidates) for name in names}
    return {name: raw for name, raw in built.items() if raw is not None}


def pair_strengths(artefact: Artefact, rows: Int32, candidates: Int32) -> Float32:
    """How close products are to some in behaviour, raw: float32, shape (q, m), 0 where the artefact says nothing.

    The cosine of item factors, or the item-item weight S[row, j]. Rows beyond the artefact are products newer than it.

    Args:
        artefact: what the collaborative engine published.
        rows: the products, int32, shape (q,).
        candidates: the others, int32, shape (m,).
    """
    values = np.zeros((rows.shape[0], candidates.shape[0]), np.float32)
    n = artefact_size(artefact)
    old, known = np.flatnonzero(rows < n), np.flatnonzero(candidates < n)
    if isinstance(artefact, Factors):
        values[np.ix_(old, known)] = factor_cosines(artefact.items[rows[old]], artefact.items, candidates[known])
    else:
        values[np.ix_(old, known)] = _item_item_weights(artefact, rows[old], candidates[known])
    return values


def _item_item_weights(artefact: ItemItem, rows: Int32, candidates: Int32) -> Float32:
    """S[row, j], float32, shape (q, m)."""
    positions, lengths = entries(artefact, rows)
    if not positions.size:
        return np.zeros((rows.shape[0], candidates.shape[0]), np.float32)
    # A row's place among the rows and an entry's product as one number: ascending, as each row's products are.
    places = np.arange(rows.shape[0], dtype=np.int64) * artefact_size(artefact)
    listed = np.repeat(places, lengths) + artefact.indices[positions]
    wanted = places[:, None] + candidates
    at = np.minimum(np.searchsorted(listed, wanted), listed.size - 1)
    return np.where(listed[at] == wanted, artefact.data[positions[at]], np.float32(0.0))


def artefact_size(artefact: Artefact) -> int:
    """The number of products an artefact knows."""
    return int(artefact.items.shape[0] if isinstance(artefact, Factors) else artefact.indptr.shape[0] - 1)


def _visual(catalogue: Catalogue, row: int, candidates: Int32) -> Raw | None:
    if catalogue.vectors is None:
        return None
    values = look_cosines(catalogue.vectors, catalogue.views, row, candidates)
    is_seen = bool(catalogue.vectors[row].any())
    counts = picture_counts(catalogue.vectors, candidates, values) if is_seen else np.zeros_like(values)
    return Raw(values, counts, "visual")


def _collaborative(catalogue: Catalogue, row: int, candidates: Int32) -> Raw | None:
    if catalogue.artefact is None:
        return None
    values = pair_strengths(catalogue.artefact, np.array([row], np.int32), candidates)[0]
    counts = np.full(candidates.shape[0], np.inf, np.float32)
    if catalogue.events is not None:
        np.minimum(catalogue.events[candidates], catalogue.events[row], out=counts)
    newest = artefact_size(catalogue.artefact)
    counts[(candidates >= newest) | (row >= newest)] = 0.0
    predictor = predicted_closeness(catalogue, np.array([row], np.int32), ONE, candidates)
    return Raw(values, counts, "collaborative", predictor)


def _attributes(catalogue: Catalogue, row: int, candidates: Int32) -> Raw | None:
    if catalogue.attributes is None:
        return None
    return Raw(*equal_share(catalogue.attributes, row, candidates), "attributes")


BUILDERS: dict[str, Callable[[Catalogue, int, Int32], Raw | None]] = {
    "visual": _visual,
    "collaborative": _collaborative,
    "attributes": _attributes,
}
"""Each item-to-item signal by name; a builder gives None for a shop without its data."""
