"""Who bought both: what tells products that are bought together from those that are looked at together."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.core.types import Int32, Neighbours

BLOCK_ROWS = 1024


def common_buyers(users: Int32, rows: Int32, lists: Neighbours) -> NDArray[np.uint8]:
    """How many people bought both a product and each of its neighbours: uint8, the lists' shape, 255 for more.

    Args:
        users: who bought, int32, shape (e,), >= 0.
        rows: what, int32, shape (e,); bought twice by the same person counts once.
        lists: neighbours of n products.
    """
    n, k = lists.rows.shape
    counts = np.zeros((n, k), np.uint8)
    if not rows.size or not k:
        return counts
    bought = csr_matrix((np.ones(rows.size, np.int32), (rows, users)), shape=(n, int(users.max()) + 1))
    bought.sum_duplicates()
    bought.data[:] = 1
    buyers = bought.T.tocsr()
    for start in range(0, n, BLOCK_ROWS):
        both = (bought[start : start + BLOCK_ROWS] @ buyers).tocsr()
        if not both.nnz:
            continue
        listed = lists.rows[start : start + BLOCK_ROWS]
        owner = np.broadcast_to(np.arange(listed.shape[0])[:, None], listed.shape)
        found = np.asarray(both[owner.ravel(), np.maximum(listed, 0).ravel()]).reshape(listed.shape)
        counts[start : start + BLOCK_ROWS] = np.where(listed >= 0, np.minimum(found, 255), 0)
    return counts
