"""Why the picks of a shelf are there: for each its source, and a sentence made of what is known about the pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from recommender.core.hybrid import Scored
from recommender.core.types import Int32
from recommender.core.views import look_blocks
from recommender.services import explaining
from recommender.services.explaining import Source
from recommender.services.listing import Why, parts, positions
from recommender.services.pinning import Pick
from recommender.services.shortlisting import Shortlist
from recommender.services.viewing import Serving
from recommender.sources import get_source

TOGETHER = 2
"""From so many common buyers on, two products are said to be bought together."""


def similar_reasons(view: Serving, row: int, seed: Any, scored: Scored, picks: Sequence[Pick]) -> dict[int, Why]:
    """Position -> source and sentence of the candidates that were picked for one product.

    Args:
        view: what they come from.
        row: the product's.
        seed: the product.
        scored: the candidates.
        picks: those of them with a place.
    """
    source = get_source()
    seed_attributes = source.shown_attributes(seed)
    places = positions(picks)
    leading = scored.parts[:, places].argmax(axis=0).tolist()
    cosines = _cosines(view, row, scored.rows[places])
    reasons = {}
    shown = [(pick.position, pick.product) for pick in picks if pick.position is not None]
    for (position, product), signal, alike in zip(shown, leading, cosines, strict=True):
        origin = explaining.ITEM_SOURCES.get(scored.signals[signal], Source.VISUAL)
        if origin is Source.ALSO_VIEWED and view.bought_both(row, int(scored.rows[position])) >= TOGETHER:
            origin = Source.BOUGHT_TOGETHER
        attributes = source.shown_attributes(product) if origin in explaining.QUOTING else {}
        sentence = explaining.similar_reason(origin, seed_attributes, attributes, alike)
        reasons[position] = Why(origin, sentence)
    return reasons


def visitor_reasons(found: Shortlist, picks: Sequence[Pick], beside: Mapping[str, Any]) -> dict[int, Why]:
    """As `similar_reasons`; names the visitor's product that a candidate owes its place to where one dominates."""
    places = positions(picks)
    causes = found.causes(places)
    rows = np.array(list(causes.values()), np.int32)
    products = {row: beside.get(key) for row, key in zip(rows.tolist(), found.view.keys(rows), strict=True)}
    reasons = {}
    for position in places.tolist():
        row = causes.get(position)
        product = None if row is None else products[row]
        title = "" if product is None else get_source().title(product)
        kind = "" if row is None else found.kinds.get(row, "")
        sentence = explaining.visitor_reason(parts(found.scored, position), title, kind)
        reasons[position] = Why(Source.FOR_YOU, sentence)
    return reasons


def _cosines(view: Serving, row: int, others: Int32) -> list[dict[str, float]]:
    """How alike one product and each of others look, block by block."""
    vectors, blocks = view.catalogue.vectors, view.catalogue.blocks
    if vectors is None or not others.size:
        return [{} for _ in range(others.size)]
    names = [block.name for block in blocks]
    values = look_blocks(vectors, view.catalogue.views, blocks, row, others)
    return [dict(zip(names, column, strict=True)) for column in values.T.tolist()]
