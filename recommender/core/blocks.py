"""Blocks of a vector weighed anew: a taste in looks is a factor for each block, and needs no picture again."""

from collections.abc import Mapping, Sequence

import numpy as np

from recommender.core.types import Block, Float32


def with_weights(blocks: Sequence[Block], weights: Mapping[str, float]) -> tuple[Block, ...]:
    """The blocks with these weights, divided by their sum; a block that is not named weighs 0.

    Raises:
        ValueError: for weights of unknown blocks, negative ones, one that is no number, or none above 0.
    """
    names = [block.name for block in blocks]
    if unknown := sorted(set(weights) - set(names)):
        raise ValueError(f"Unknown blocks: {', '.join(unknown)}. The blocks are {', '.join(names)}.")
    total = float(sum(weights.values()))
    if min(weights.values(), default=0) < 0 or not 0 < total < np.inf:
        raise ValueError("Block weights must be 0 or more, and one of them above 0.")
    return tuple(block._replace(weight=weights.get(block.name, 0.0) / total) for block in blocks)


def weighed_queries(queries: Float32, before: Sequence[Block], after: Sequence[Block]) -> Float32:
    """Queries whose dot products with unchanged vectors are sum_b w'_b cos_b instead of sum_b w_b cos_b.

    Each block's columns are multiplied by w'_b / w_b, so that the many vectors on the other side stay as they are.
    A block of weight 0 holds zeros: what it would have said is lost, and it says nothing with any weight.

    Args:
        queries: float32, shape (q, d); left as they are.
        before: the blocks of queries and vectors.
        after: the same blocks with other weights.

    Returns:
        float32, shape (q, d).
    """
    factors = np.ones(queries.shape[1], np.float32)
    for old, new in zip(before, after, strict=True):
        factors[old.start : old.stop] = new.weight / old.weight if old.weight else 0.0
    return np.multiply(queries, factors, dtype=np.float32)


def is_known(before: Sequence[Block], after: Sequence[Block]) -> bool:
    """Whether vectors of the blocks `before` hold all that `after` weighs, so that `reweighed` can make the latter."""
    held = {block.name: block.stop - block.start for block in before if block.weight > 0}
    return all(held.get(block.name) == block.stop - block.start for block in after if block.weight > 0)


def reweighed(vectors: Float32, before: Sequence[Block], after: Sequence[Block]) -> Float32:
    """The vectors that an encoder with other block weights would have made of the same pictures.

    Each block is sqrt(w_b) times a unit vector, so it becomes sqrt(w'_b / w_b) times what it is. Blocks are found by
    name: one that `after` lacks is left out.

    Args:
        vectors: float32, shape (n, d).
        before: their blocks.
        after: the blocks wanted, all of them known (`is_known`).

    Returns:
        float32, shape (n, d'), d' as `after` says.
    """
    found = np.zeros((len(vectors), after[-1].stop), np.float32)
    held = {block.name: block for block in before}
    for new in after:
        if new.weight > 0:
            old = held[new.name]
            factor = np.float32(np.sqrt(new.weight / old.weight))
            np.multiply(vectors[:, old.start : old.stop], factor, out=found[:, new.start : new.stop])
    return found
