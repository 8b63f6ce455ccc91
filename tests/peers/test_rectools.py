"""Our metrics are RecTools' on random lists, to 1e-9."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from recommender.core import metrics

pytestmark = pytest.mark.peers

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = ROOT / ".venv" / "peers" / "bin" / "python"
USERS, N = 200, 120


@pytest.fixture(scope="module", params=[(1, 30), (10, 30), (20, 20), (50, 30)], ids=lambda p: f"k={p[0]} of {p[1]}")
def case(request):
    """Lists, what is relevant, and RecTools' figures of them."""
    if not PYTHON.exists():
        pytest.fail("RecTools' environment is missing. Run `make test-peers`, which makes it.")
    k, length = request.param
    rng = np.random.default_rng(k)
    lists = np.stack([rng.permutation(N)[:length] for _ in range(USERS)]).astype(np.int32)
    relevant = [rng.permutation(N)[: rng.integers(1, 60)] for _ in range(USERS)]
    vectors = rng.normal(size=(N, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    given = {
        "k": k,
        "lists": lists.tolist(),
        "relevant": [rows.tolist() for rows in relevant],
        "n": N,
        "vectors": vectors.astype(float).tolist(),
    }
    answer = subprocess.run(
        [PYTHON, Path(__file__).with_name("rectools_figures.py")],
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return k, lists, relevant, vectors, json.loads(answer.stdout)


def test_accuracy(case):
    k, lists, relevant, _, theirs = case
    hits = np.stack([np.isin(listed, rows) for listed, rows in zip(lists, relevant, strict=True)])
    n_relevant = np.array([rows.size for rows in relevant])
    ours = {
        "recall": metrics.recall_at(hits, n_relevant, k),
        "precision": metrics.precision_at(hits, k),
        "ndcg": metrics.ndcg_at(hits, n_relevant, k),
        "mrr": metrics.mrr(hits),
    }
    for name, values in ours.items():
        np.testing.assert_allclose(values, theirs[name], rtol=0, atol=1e-9, err_msg=name)
    assert np.ptp(ours["ndcg"]) > 0.05


def test_what_lists_show(case):
    k, lists, _, vectors, theirs = case
    assert metrics.coverage(lists[:, :k], N) == pytest.approx(theirs["coverage"], abs=1e-9)
    if k > 1:
        ours = metrics.intra_list_diversity(lists[:, :k], vectors)
        np.testing.assert_allclose(ours, theirs["diversity"], rtol=0, atol=1e-9)
