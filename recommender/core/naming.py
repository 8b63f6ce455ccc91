"""What blocks of a vector say about an attribute: one direction a class, fitted by least squares."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from recommender.core.types import Float32, Int32

PENALTY = 0.1


class Naming(NamedTuple):
    """Scores s_c(x) = <w_c, x> + o_c, the highest of which names the class.

    Attributes:
        directions: w, float32, shape (c, d).
        offsets: o, float32, shape (c,).
    """

    directions: Float32
    offsets: Float32


def fit_naming(parts: Float32, labels: Int32, n_classes: int, *, penalty: float = PENALTY) -> Naming:
    """The scores that come nearest to 1 for the label and 0 for the others (ridge regression, Hoerl & Kennard 1970).

    W minimises |(X - mean) W^T + m - Y|^2 + penalty |W|^2, with Y the labels as columns of 0 and 1, and m their means.

    Args:
        parts: X, float32, shape (n, d), n >= 1.
        labels: int32, shape (n,), in 0..n_classes-1.
        n_classes: c.
        penalty: > 0; for rows of some unit vectors each.
    """
    x = parts.astype(np.float64)
    mean = x.mean(axis=0)
    x -= mean
    truth = np.eye(n_classes)[labels]
    base = truth.mean(axis=0)
    n, d = x.shape
    if n < d:  # the same solution from the smaller system
        directions = np.linalg.solve(x @ x.T + penalty * np.eye(n), truth - base).T @ x
    else:
        directions = np.linalg.solve(x.T @ x + penalty * np.eye(d), x.T @ (truth - base)).T
    return Naming(directions.astype(np.float32), (base - directions @ mean).astype(np.float32))


def choose_blocks(
    blocks: Mapping[str, Float32], labels: Int32, groups: Int32, n_classes: int, *, penalty: float = PENALTY
) -> tuple[str, ...]:
    """The blocks from which groups that nothing was learned from are named best; never none.

    One after the other the block joins that most lowers the mean squared error |S_g - Y_g|^2, S_g the scores of a
    group by a fit to all others, until none does. Blocks that tell the maker can only be in the way of an attribute
    that most phones of a maker share: they name the maker's usual one.

    No fit is repeated: with H the matrix that turns Y into the scores S, the errors of a group are
    (1 - H_gg)^-1 (Y_g - S_g), as for single rows (Hastie, Tibshirani & Friedman 2009, 7.10).

    Args:
        blocks: name -> unit vectors, float32, shape (n, d), n >= 1.
        labels: int32, shape (n,), in 0..n_classes-1.
        groups: what belongs together, int32, shape (n,); with fewer than two all blocks are taken.
        n_classes: c.
        penalty: see `fit_naming`.
    """
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    if len(members) < 2:
        return tuple(blocks)
    truth = np.eye(n_classes)[labels]
    truth -= truth.mean(axis=0)
    products = {name: _centred(rows) for name, rows in blocks.items()}
    chosen: list[str] = []
    total: Any = 0.0
    least = np.inf
    while waiting := [name for name in products if name not in chosen]:
        errors = {name: _error(total + products[name], truth, members, penalty) for name in waiting}
        best = min(waiting, key=errors.__getitem__)
        if errors[best] >= least:
            break
        least = errors[best]
        total = total + products[best]
        chosen.append(best)
    return tuple(name for name in blocks if name in chosen)


def _centred(rows: Float32) -> Any:
    """Products of the rows less their mean, float64, shape (n, n)."""
    x = rows.astype(np.float64)
    x -= x.mean(axis=0)
    return x @ x.T


def _error(products: Any, truth: Any, members: list[Any], penalty: float) -> float:
    n = len(truth)
    smoother = np.linalg.solve(products + penalty * np.eye(n), products)
    left = truth - smoother @ truth
    smoother += 1 / n  # the mean, which a fit without the group does not know either
    errors = [np.linalg.solve(np.eye(len(rows)) - smoother[np.ix_(rows, rows)], left[rows]) for rows in members]
    return float(sum(np.square(error).sum() for error in errors)) / n
