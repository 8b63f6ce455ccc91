"""What blocks of a vector say about an attribute: one direction a class, fitted by least squares."""

from typing import NamedTuple

import numpy as np

from recommender.core.types import Float32, Int32


class Naming(NamedTuple):
    """Scores s_c(x) = <w_c, x> + o_c, the highest of which names the class.

    Attributes:
        directions: w, float32, shape (c, d).
        offsets: o, float32, shape (c,).
    """

    directions: Float32
    offsets: Float32


def fit_naming(parts: Float32, labels: Int32, n_classes: int, *, penalty: float = 0.1) -> Naming:
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
