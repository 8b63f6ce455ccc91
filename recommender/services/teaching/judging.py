"""What a network has learned, measured on pictures that it never saw."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from recommender.core import retrieval
from recommender.core.confidence import calibration_error
from recommender.core.labels import Classes
from recommender.core.types import Bool, Float32, Int32
from recommender.engines.base import Encoder, Progress
from recommender.engines.trained import Head
from recommender.exceptions import ImageRefusedError
from recommender.services.teaching.copies import read_picture
from recommender.services.teaching.examples import Example

WORST = 24
COLOUR_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.45)
_CONFUSIONS = 10
_BATCH = 16


def judge_head(head: Head, classes: Classes, parts: Float32, rows: Int32, products: Sequence[str]) -> dict[str, Any]:
    """How well a head names pictures.

    Args:
        head: with the same classes.
        classes: the truth of all pictures.
        parts: what the encoder sees of the pictures in `rows`, float32, shape (m, d), see `Head.scores`.
        rows: the pictures to judge by, int32, shape (m,); those without a label are passed over.
        products: whose picture each of all pictures is; a product's own pictures are also judged together.

    Returns:
        `accuracy`, `pictures`, `classes`, `calibration_error`, the `by_product` accuracy of all views of a product
        together with how many `products`, the commonest `confusions`, the `matrix` of counts by truth and answer, and
        the `worst`: rows that were wrong, the surest first, with answer and confidence.
    """
    truth = classes.rows[rows]
    known = truth >= 0
    rows, truth = rows[known], truth[known]
    if not len(rows):
        return {"pictures": 0, "classes": len(head.classes)}
    shares = head.probabilities(parts[known])
    answers, confidence = shares.argmax(axis=1), shares.max(axis=1)
    right = answers == truth
    matrix = np.zeros((len(head.classes), len(head.classes)), np.int64)
    np.add.at(matrix, (truth, answers), 1)
    wrong = np.flatnonzero(~right)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:WORST]
    together = _by_product(shares, truth, [products[row] for row in rows])
    confused = Counter((int(t), int(a)) for t, a in zip(truth[wrong], answers[wrong], strict=True))
    return {
        "pictures": len(rows),
        "classes": len(head.classes),
        "accuracy": float(right.mean()),
        "calibration_error": calibration_error(confidence, right),
        "by_product": float(np.mean(together)),
        "products": len(together),
        "confusions": [
            {"truth": head.classes[t], "answer": head.classes[a], "pictures": count}
            for (t, a), count in confused.most_common(_CONFUSIONS)
        ],
        "matrix": matrix.tolist(),
        "names": list(head.classes),
        "worst": [
            {
                "row": int(rows[one]),
                "truth": head.classes[truth[one]],
                "answer": head.classes[answers[one]],
                "confidence": float(confidence[one]),
            }
            for one in worst
        ],
    }


def _by_product(shares: Float32, truth: Int32, products: Sequence[str]) -> list[bool]:
    """For each product, whether its views together name it: a front shows no cameras, and says so by being unsure."""
    views = defaultdict(list)
    for row, product in enumerate(products):
        views[product].append(row)
    logs = np.log(np.maximum(shares, 1e-9))
    return [int(logs[rows].sum(axis=0).argmax()) == int(truth[rows[0]]) for rows in views.values()]


def encode_examples(
    encoder: Encoder, examples: Sequence[Example], progress: Progress | None = None
) -> tuple[Float32, Bool]:
    """Vectors as they would be served, float32, shape (n, d), and which pictures could be read, bool, shape (n,)."""
    vectors = np.zeros((len(examples), encoder.dimension), np.float32)
    readable = np.zeros(len(examples), np.bool_)
    for start in range(0, len(examples), _BATCH):
        read = []
        for row in range(start, min(start + _BATCH, len(examples))):
            try:
                read.append((row, read_picture(examples[row])))
            except (ImageRefusedError, OSError):
                continue
        rows = [row for row, _ in read]
        vectors[rows] = encoder.encode([picture for _, picture in read])
        readable[rows] = True
        if progress:
            progress(min(start + _BATCH, len(examples)), len(examples))
    return vectors, readable


def judge_retrieval(vectors: Float32, examples: Sequence[Example], labels: Mapping[str, Int32]) -> dict[str, Any]:
    """How well vectors find what is alike.

    Args:
        vectors: unit vectors, float32, shape (n, d).
        examples: the pictures.
        labels: head -> classes of the same pictures, int32, shape (n,), -1 is none.

    Returns:
        `photo_to_product` (`top1`, `top5`, `mrr`, `queries`) by split where there are photos, and `same` (`top1`,
        `map`, `queries`) by head for the other pictures.
    """
    photos = np.array([example.is_photo for example in examples], np.bool_)
    found: dict[str, Any] = {"photo_to_product": _photo_search(vectors, examples, photos), "same": {}}
    if not photos.all() and not photos.any():
        for head, rows in labels.items():
            matches = (rows[:, None] == rows[None, :]) & (rows[:, None] >= 0)
            if (matches.sum(axis=1) > 1).any():
                result = retrieval.each_against_all(vectors, matches)
                found["same"][head] = {
                    "top1": result.top1,
                    "map": result.mean_average_precision,
                    "queries": result.queries,
                }
    return found


def _photo_search(vectors: Float32, examples: Sequence[Example], photos: Bool) -> dict[str, Any]:
    shown = [int(row) for row in np.flatnonzero(~photos)]
    products = {name: row for row, name in enumerate(sorted({examples[row].product for row in shown}))}
    groups = np.array([products[examples[row].product] for row in shown], np.int64)
    splits: dict[str, list[int]] = defaultdict(list)
    for row, example in enumerate(examples):
        if example.is_photo and example.product in products:
            splits[example.split or "photos"].append(row)
    found = {}
    for split, rows in splits.items():
        truth = np.array([products[examples[row].product] for row in rows], np.int64)
        scores = retrieval.best_per_group(vectors[rows] @ vectors[shown].T, groups, len(products))
        found[split] = retrieval.photo_search(scores, truth)._asdict()
    return found


def best_colour_weight(seen: Float32, colours: Float32, examples: Sequence[Example]) -> float:
    """The weight of colour with which most held-out photos find their product; the least of equal ones.

    Args:
        seen: trained embeddings, unit vectors, float32, shape (n, d).
        colours: colour blocks, unit vectors, float32, shape (n, c).
        examples: the pictures: held-out photos, and the shop's own.
    """
    photos = np.array([example.is_photo for example in examples], np.bool_)
    found = []
    for weight in COLOUR_WEIGHTS:
        vectors = np.hstack([np.sqrt(1 - weight) * seen, np.sqrt(weight) * colours]).astype(np.float32)
        searched = list(_photo_search(vectors, examples, photos).values())
        found.append(searched[0]["top1"] if searched else 0.0)
    return COLOUR_WEIGHTS[int(np.argmax(found))]
