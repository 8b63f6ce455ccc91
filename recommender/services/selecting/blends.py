"""The blends of a configuration, learned from what the teaching visitors chose next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from recommender.core.catalogue import BlendConfig, Catalogue
from recommender.core.choices import item_choices, visitor_choices
from recommender.core.learning import learn_blend
from recommender.core.metrics import paired_interval
from recommender.core.types import Float32, Int32
from recommender.services.configuring import DEFAULTS, LEARNED, Configuration, from_settings, pinned
from recommender.services.evaluating.search import Values, average
from recommender.services.selecting.cases import Cases, families_of
from recommender.services.selecting.lists import Blends, for_products, for_visitors

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

VISITOR_SIGNALS = ("affinity", "collaborative", "attributes", "trend")
ITEM_SIGNALS = {"affinity": "visual", "collaborative": "collaborative", "attributes": "attributes"}
"""The item-to-item counterpart of a for-you signal; trend has none."""

MOST_COMPARED = 1500
"""Steps that item-to-item blends are compared on."""


def with_blends(
    configuration: Configuration, catalogue: Catalogue, cases: Cases, profiles: csr_matrix, seed: int
) -> Configuration:
    """The configuration with the blends that the teaching visitors speak for.

    A blend is learned from their choices where there are enough, and taken unless the default makes better lists for
    the same visitors, or a signal alone surely better ones.

    Args:
        configuration: engine and half-lives are chosen.
        catalogue: learned with it on the training part.
        cases: who teaches.
        profiles: users x products, as serving sees each visitor.
        seed: of the sampled products that were not chosen.
    """
    default, names = from_settings(), set(pinned())
    if not names & {"VISITOR_WEIGHTS", "VISITOR_STRENGTHS"}:
        chosen = visitor_choices(catalogue, _pasts(cases, profiles), seed=seed)
        blends = {
            LEARNED: learn_blend(*chosen, default.visitor_blend),
            DEFAULTS: default.visitor_blend,
            **{signal: alone(signal, default.visitor_blend) for signal in present(catalogue)},
        }
        values = for_visitors(catalogue, cases.teaching.problem, profiles, cases.teaching.users, blends)
        configuration = replace(configuration, visitor_blend=preferred(blends, values, seed))
    if not names & {"WEIGHTS", "STRENGTHS"}:
        chosen = item_choices(catalogue, _steps(cases), seed=seed)
        blends = {
            LEARNED: learn_blend(*chosen, default.item_blend),
            DEFAULTS: default.item_blend,
            **{
                signal: alone(ITEM_SIGNALS[signal], default.item_blend)
                for signal in present(catalogue)
                if signal in ITEM_SIGNALS
            },
        }
        families = families_of(cases.teaching.training.history)
        values = for_products(catalogue, families, cases.teaching_steps[:MOST_COMPARED], blends)
        configuration = replace(configuration, item_blend=preferred(blends, values, seed))
    return configuration


def preferred(blends: Blends, values: dict[str, Values], seed: int) -> BlendConfig:
    """The better of the learned and the default one, unless a signal alone is surely better still."""
    ranked = sorted(values, key=lambda name: -average(values[name]))  # stable: the learned one before its equals
    for name in ranked:
        if name in (LEARNED, DEFAULTS) and paired_interval(values[name], values[ranked[0]], seed=seed)[1] >= 0:
            return blends[name]
    return blends[ranked[0]]


def present(catalogue: Catalogue) -> Sequence[str]:
    """The for-you signals that a catalogue has, without novelty, which says nothing about taste."""
    has = {
        "affinity": catalogue.vectors is not None,
        "collaborative": catalogue.artefact is not None,
        "attributes": catalogue.attributes is not None,
        "trend": catalogue.trend is not None,
    }
    return [signal for signal in VISITOR_SIGNALS if has[signal]]


def alone(signal: str, like: BlendConfig) -> BlendConfig:
    """A blend of one signal, with the strengths of another blend."""
    return BlendConfig({signal: 1.0}, like.strengths)


def _pasts(cases: Cases, profiles: csr_matrix) -> Iterator[tuple[Int32, Float32, Int32]]:
    relevant = cases.teaching.problem.relevant
    for user in cases.teaching.users.tolist():
        own = slice(profiles.indptr[user], profiles.indptr[user + 1])
        later = slice(relevant.indptr[user], relevant.indptr[user + 1])
        yield profiles.indices[own].astype(np.int32), profiles.data[own], relevant.indices[later].astype(np.int32)


def _steps(cases: Cases) -> Iterator[tuple[int, Int32]]:
    for row, chosen in cases.teaching_steps.tolist():
        yield row, np.array([chosen], np.int32)
