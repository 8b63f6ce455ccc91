"""A visitor's scores from a published artefact and their latest events, in NumPy alone."""

import numpy as np

from recommender.core.types import Artefact, Factors, Float32, Int32, Int64, ItemItem


def fold_in_scores(artefact: Artefact, rows: Int32, weights: Float32, candidates: Int32 | None = None) -> Float32:
    """The raw collaborative score of every product, or of the candidates, for one visitor's events.

    For factors: y @ x with x from `visitor_vector`. For item-item weights: score_j = sum_i c_i S[i, j].
    Without events every score is 0.

    Args:
        artefact: what the collaborative engine published, over n products.
        rows: the products of the events, int32, shape (e,), in 0..n-1; a repeated row adds up.
        weights: c, float32, shape (e,), finite; negative for a refund.
        candidates: the products to score, int32, shape (c,), or None for all.

    Returns:
        float32, shape (c,) or (n,), higher is better, on no fixed scale.
    """
    if isinstance(artefact, Factors):
        items = artefact.items if candidates is None else artefact.items[candidates]
        return items @ visitor_vector(artefact, rows, weights)
    scores = _item_item_scores(artefact, rows, weights)
    return scores if candidates is None else scores[candidates]


def visitor_vector(artefact: Factors, rows: Int32, weights: Float32) -> Float32:
    """x, float32, shape (f,): where a visitor with these events lies in factor space; zeros without events.

    Solver "ridge" (Hu, Koren & Volinsky 2008): x = (G + sum_i a c_i y_i y_i^T + r I)^-1 sum_i (1 + a c_i) y_i.
    Solver "projection": x = sum_i c_i v_i.
    A negative weight counts as no event for the ridge, whose system must stay positive definite.
    """
    if artefact.solver == "projection":
        queries = artefact.items if artefact.queries is None else artefact.queries
        return weights.astype(np.float32) @ queries[rows]
    if artefact.solver != "ridge":
        raise ValueError(f'Unknown solver {artefact.solver!r}: use "ridge" or "projection".')
    positive = weights > 0
    f = artefact.items.shape[1]
    if not positive.any():
        return np.zeros(f, dtype=np.float32)
    y = artefact.items[rows[positive]].astype(np.float64)
    c = artefact.alpha * weights[positive].astype(np.float64)
    system = artefact.gram + (y.T * c) @ y + artefact.regularization * np.eye(f)
    try:
        x = np.linalg.solve(system, (1.0 + c) @ y)
    except np.linalg.LinAlgError:  # no regularisation and fewer products than factors
        x = np.linalg.lstsq(system, (1.0 + c) @ y, rcond=None)[0]
    return x.astype(np.float32)


def entries(artefact: ItemItem, rows: Int32) -> tuple[Int64, Int64]:
    """Where the entries of some rows stand in `indices` and `data`, one row after another, and how many each has.

    Returns:
        int64, shape (sum of the lengths,), and the lengths, int64, the shape of rows.
    """
    starts = artefact.indptr[rows]
    lengths = artefact.indptr[rows.astype(np.int64) + 1] - starts
    # Each row's start, counted up inside the row.
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if ends.size else 0) + np.repeat(starts - (ends - lengths), lengths), lengths


def _item_item_scores(artefact: ItemItem, rows: Int32, weights: Float32) -> Float32:
    n = artefact.indptr.shape[0] - 1
    positions, lengths = entries(artefact, rows)
    contributions = artefact.data[positions] * np.repeat(weights.astype(np.float32), lengths)
    return np.bincount(artefact.indices[positions], weights=contributions, minlength=n).astype(np.float32)
