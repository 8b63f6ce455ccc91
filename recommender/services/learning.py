"""From arrays of products and events to a catalogue that can score: the same for the shop and for an evaluation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from recommender.conf import settings
from recommender.core import calibrating, cold_start
from recommender.core.catalogue import BlendConfig, Catalogue
from recommender.core.copurchases import common_buyers
from recommender.core.matching import measure_matches
from recommender.core.neighbours import item_item_neighbours, visual_neighbours
from recommender.core.types import Artefact, Float32, Int32, Neighbours
from recommender.core.weighting import Weighted, interaction_weights, popularity
from recommender.engines.base import CollaborativeModel, Progress
from recommender.exceptions import NotEnoughHistoryError
from recommender.services.configuring import Configuration, default_blends
from recommender.services.engines import build
from recommender.services.histories import Events
from recommender.services.indexing import Collected

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_CALIBRATION_VISITORS = 2000


def learn(
    collected: Collected,
    events: Events,
    model: CollaborativeModel,
    *,
    half_life_days: float | None = None,
    trend_half_life_days: float | None = None,
    blends: tuple[BlendConfig, BlendConfig] | None = None,
    visual: Neighbours | None = None,
    progress: Progress | None = None,
) -> Catalogue:
    """A catalogue with everything these products and events can give; what they cannot give stays None.

    Args:
        collected: n products, n >= 1.
        events: what was done with them; may be empty.
        model: the collaborative engine to fit.
        half_life_days: after how many days an event counts half; `EVENT_HALF_LIFE_DAYS` when None.
        trend_half_life_days: the same for what is popular; `TREND_HALF_LIFE_DAYS` when None.
        blends: of item-to-item and for-you scores; those of the settings when None.
        visual: the lists of look-alikes, where they are known already.
        progress: called with (done, total) while the engine fits.
    """
    item_blend, visitor_blend = blends or default_blends()
    catalogue = Catalogue(
        n=len(collected.ids),
        item_blend=item_blend,
        visitor_blend=visitor_blend,
        vectors=collected.vectors,
        views=collected.views,
        blocks=collected.blocks if collected.vectors is not None else (),
        attributes=collected.attributes,
        attribute_names=collected.attribute_names,
        groups=collected.groups,
    )
    if collected.vectors is not None:
        catalogue = replace(catalogue, visual=visual or visual_neighbours(collected.vectors, settings.NEIGHBOURS))
    weighted = weigh(events, catalogue.n, half_life_days or settings.EVENT_HALF_LIFE_DAYS)
    if not weighted.rows.size:
        return measure_matches(calibrating.calibrate(catalogue, seed=settings.SEED), seed=settings.SEED)
    recent = weigh(events, catalogue.n, trend_half_life_days or settings.TREND_HALF_LIFE_DAYS)
    catalogue = replace(catalogue, events=weighted.events, trend=popularity(recent))
    artefact = _fit(weighted, catalogue.n, model, progress)
    held_out = None
    if artefact is not None:
        lists = item_item_neighbours(artefact, settings.NEIGHBOURS)
        catalogue = replace(catalogue, artefact=artefact, collaborative=lists, bought_both=_bought_both(events, lists))
        catalogue, held_out = _with_image_map(catalogue, artefact, weighted.events)
    visitors = _sample_visitors(weighted)
    catalogue = calibrating.calibrate(catalogue, visitors, seed=settings.SEED, held_out=held_out)
    return measure_matches(catalogue, visitors, seed=settings.SEED)


def learn_as(
    configuration: Configuration,
    collected: Collected,
    events: Events,
    progress: Progress | None = None,
    *,
    visual: Neighbours | None = None,
) -> Catalogue:
    """`learn` with a configuration's engine, half-lives and blends."""
    model: CollaborativeModel = build(configuration.engine, CollaborativeModel)
    return learn(
        collected,
        events,
        model,
        half_life_days=configuration.half_life_days,
        trend_half_life_days=configuration.trend_half_life_days,
        blends=(configuration.item_blend, configuration.visitor_blend),
        visual=visual,
        progress=progress,
    )


def weigh(events: Events, n: int, half_life_days: float) -> Weighted:
    """What each visitor thinks of each product."""
    return interaction_weights(
        events.users,
        events.rows,
        events.kind_weights,
        events.ages_days,
        events.quantities,
        n=n,
        half_life_days=half_life_days,
    )


def as_matrix(weighted: Weighted, n: int) -> csr_matrix:
    """Users x products, float32; users without a positive weight have no row."""
    from scipy.sparse import csr_matrix  # fitting only: a web process that lists services must not load SciPy

    _, users = np.unique(weighted.users, return_inverse=True)
    shape = (int(users.max()) + 1 if users.size else 0, n)
    return csr_matrix((weighted.weights, (users, weighted.rows)), shape=shape)


def _fit(weighted: Weighted, n: int, model: CollaborativeModel, progress: Progress | None) -> Artefact | None:
    try:
        return model.fit(as_matrix(weighted, n), progress)
    except NotEnoughHistoryError:
        return None


def _bought_both(events: Events, lists: Neighbours) -> NDArray[np.uint8] | None:
    """The common buyers of each pair in the lists; None when nobody bought anything, or kinds are not told."""
    if events.bought is None or not events.bought.any():
        return None
    return common_buyers(events.users[events.bought], events.rows[events.bought], lists)


def _with_image_map(catalogue: Catalogue, artefact: Artefact, events: Float32) -> tuple[Catalogue, Float32 | None]:
    """The catalogue with its map from looks to behaviour, and each product's prediction by a map that never saw it."""
    vectors = catalogue.vectors
    if vectors is None:
        return catalogue, None
    factors = cold_start.behaviour_factors(artefact, seed=settings.SEED)
    chosen = cold_start.choose_regularization(vectors, factors, events, seed=settings.SEED)
    image_map = cold_start.fit_image_map(vectors, factors, events, chosen)
    if not image_map.any():
        return catalogue, None
    held_out = cold_start.held_out_factors(vectors, factors, events, chosen, seed=settings.SEED)
    predicted = cold_start.predict_factors(vectors, image_map)
    return replace(catalogue, image_map=image_map, predicted=predicted), held_out


def _sample_visitors(weighted: Weighted) -> list[tuple[Int32, Float32]]:
    """Products and weights of up to 2,000 random visitors."""
    starts = np.flatnonzero(np.diff(weighted.users, prepend=-1))
    ends = np.append(starts[1:], weighted.users.size)
    rng = np.random.default_rng(settings.SEED)
    chosen = rng.choice(starts.size, min(starts.size, _CALIBRATION_VISITORS), replace=False)
    return [(weighted.rows[starts[i] : ends[i]], weighted.weights[starts[i] : ends[i]]) for i in chosen.tolist()]
