"""Run by the Python of .venv/peers: what RecTools says of the lists on standard input, as JSON on standard output.

Input: {"k": int, "lists": [[product, ...], ...], "relevant": [[product, ...], ...], "n": int, "vectors": [[...], ...]}.
"""

import json
import sys

import numpy as np
import pandas as pd
from rectools import Columns, metrics


class CosineDistance(metrics.PairwiseDistanceCalculator):
    """1 - cosine of unit vectors."""

    def __init__(self, vectors):
        self.vectors = vectors

    def _get_distances_for_item_pairs(self, items_0, items_1):
        return 1.0 - (self.vectors[np.asarray(items_0)] * self.vectors[np.asarray(items_1)]).sum(axis=1)


def main(given):
    """RecTools' figures."""
    k, users = given["k"], range(len(given["lists"]))
    shown = [(user, item, place) for user in users for place, item in enumerate(given["lists"][user], start=1)]
    wanted = [(user, item) for user in users for item in given["relevant"][user]]
    lists = pd.DataFrame(shown, columns=[Columns.User, Columns.Item, Columns.Rank])
    test = pd.DataFrame(wanted, columns=[Columns.User, Columns.Item])

    def of_users(values):
        return values.reindex(users).tolist()

    whole = max(map(len, given["lists"]))
    diversity = metrics.IntraListDiversity(k, CosineDistance(np.array(given["vectors"])))
    return {
        "recall": of_users(metrics.Recall(k).calc_per_user(lists, test)),
        "precision": of_users(metrics.Precision(k).calc_per_user(lists, test)),
        "ndcg": of_users(metrics.NDCG(k, divide_by_achievable=True).calc_per_user(lists, test)),
        "mrr": of_users(metrics.MRR(whole).calc_per_user(lists, test)),
        "diversity": of_users(diversity.calc_per_user(lists)),
        "coverage": metrics.CatalogCoverage(k, normalize=True).calc(lists, range(given["n"])),
    }


if __name__ == "__main__":
    json.dump(main(json.load(sys.stdin)), sys.stdout)
