"""Problems and rankings small enough to work out by hand, and the search for options."""

from dataclasses import dataclass

import numpy as np
import pytest

from recommender.services.evaluating.history import History, part, read_folder
from recommender.services.evaluating.ranking import judge, pose
from recommender.services.evaluating.search import Choice, Search
from recommender.services.evaluating.strategies import Training
from recommender.services.evaluating.tuning import COLD_METRIC, balance
from recommender.services.histories import Events
from recommender.services.indexing import Collected

HEAD = "user_id,product_id,kind,occurred_at,quantity,price,order_id\n"


def events(pairs, n_users, kind_weight=5.0):
    users, rows = (np.array(column, np.int32) for column in zip(*pairs, strict=True)) if pairs else ([], [])
    ones = np.ones(len(pairs), np.float32)
    return Events(np.asarray(users, np.int32), np.asarray(rows, np.int32), kind_weight * ones, 0 * ones, ones, n_users)


@dataclass
class Fixed:
    """The same scores whoever asks."""

    values: list

    def scores(self, users):
        return np.tile(np.array(self.values, np.float32), (users.size, 1))


def test_seen_pairs_are_neither_wanted_nor_ranked():
    problem = pose(events([(0, 0), (0, 1)], 2), events([(0, 0), (0, 2)], 2), 4, seed=0)
    assert problem.relevant[0].indices.tolist() == [2]
    outcome = judge(problem, Fixed([9, 8, 1, 2]), problem.users)
    # Products 0 and 1 are left out, 3 comes first, 2 second.
    assert outcome.mean("recall@10") == 1.0
    assert outcome.mean("ndcg@10") == pytest.approx(1 / np.log2(3))


def test_users_without_history_are_newcomers_and_refunds_are_not_wanted():
    test = events([(0, 1), (1, 1)], 3)
    refund = events([(2, 1)], 3, kind_weight=-5.0)
    both = Events(*(np.concatenate([a, b]) for a, b in zip(test[:5], refund[:5], strict=True)), n_users=3)
    problem = pose(events([(0, 0), (2, 0)], 3), both, 3, seed=0)
    assert problem.users.tolist() == [0]
    assert problem.newcomers.tolist() == [1]


def test_segments_count_training_interactions_and_split_what_is_wanted():
    train = events([(0, 0), (0, 0), (0, 0), (0, 1), (0, 1), (1, 4)], 2)
    problem = pose(train, events([(1, 0), (1, 1), (1, 2)], 2), 5, seed=0)
    assert problem.segment.tolist() == [2, 1, 0, 0, 1]
    outcome = judge(problem, Fixed([3, 1, 2, 0, 0]), problem.users)
    assert [outcome.mean("recall@10", segment) for segment in ("cold", "scarce", "warm")] == [1, 1, 1]
    assert outcome.mean("ndcg@10", "warm") == 1
    assert outcome.mean("ndcg@10", "cold") == pytest.approx(1 / np.log2(3))
    assert outcome.mean("ndcg@10", "scarce") == pytest.approx(1 / np.log2(4))


def test_equal_scores_go_by_popularity():
    train = events([(0, 3), (1, 3), (2, 3), (0, 1), (1, 1), (3, 0)], 4)
    problem = pose(train, events([(3, 1), (3, 3)], 4), 30, seed=0)
    outcome = judge(problem, Fixed([0.0] * 30), problem.users)
    assert outcome.mean("ndcg@10") == 1.0


def test_minus_infinity_is_no_candidate_even_in_a_short_catalogue():
    problem = pose(events([(0, 0)], 1), events([(0, 1)], 1), 3, seed=0)
    outcome = judge(problem, Fixed([0, -np.inf, 0]), problem.users)
    assert outcome.mean("recall@100") == 0


def test_a_sample_is_seeded_and_ascending():
    train = events([(user, 0) for user in range(50)], 50)
    problem = pose(train, events([(user, 1) for user in range(50)], 50), 2, seed=0)
    sample = problem.sample(10, seed=4)
    assert sample.tolist() == sorted(set(sample.tolist()))
    assert sample.tolist() == problem.sample(10, seed=4).tolist()
    assert problem.sample(80, seed=4).tolist() == list(range(50))


def test_guests_are_their_order_or_alone(tmp_path):
    rows = ["a,p1", "a,p2", ",p1", ",p2", ",p1", ",p3"]
    orders = ["", "", "o1", "o1", "", ""]
    lines = [f"{row},purchase,,1,,{order}\n" for row, order in zip(rows, orders, strict=True)]
    (tmp_path / "interactions.csv").write_text(HEAD + "".join(lines))
    (tmp_path / "test.csv").write_text(HEAD + ",p3,purchase,,1,,o1\n,p3,purchase,,1,,\n")
    history = read_folder(tmp_path)
    assert history.train.users.tolist() == [0, 0, 1, 1, 2, 3]
    assert history.test.users.tolist() == [1, 4]
    assert history.n == 3


def test_ages_count_from_the_latest_training_event(tmp_path):
    lines = [f"u,p{day},view,2024-01-0{day}T00:00:00Z,1,,\n" for day in (1, 3, 5)]
    (tmp_path / "interactions.csv").write_text(HEAD + "".join(lines[:2]))
    (tmp_path / "test.csv").write_text(HEAD + lines[2])
    history = read_folder(tmp_path)
    assert history.is_dated
    assert history.train.ages_days.tolist() == [2, 0]
    assert history.test.ages_days.tolist() == [-2]
    assert part(history.train, np.array([True, False])).ages_days.tolist() == [0]


def test_one_event_without_a_time_makes_all_undated(tmp_path):
    (tmp_path / "interactions.csv").write_text(HEAD + "u,p,view,2024-01-01,1,,\nu,q,view,,1,,\n")
    history = read_folder(tmp_path)
    assert not history.is_dated
    assert history.train.ages_days.tolist() == [0, 0]


def test_broken_rows_and_unlisted_products_are_counted(tmp_path):
    (tmp_path / "products.csv").write_text("product_id,color\np,red\nq,blue\n")
    (tmp_path / "interactions.csv").write_text(HEAD + "u,p,view,,x,,\nu,r,view,,1,,\nu,q,view,,1,,\n")
    history = read_folder(tmp_path)
    assert history.unknown == 1
    assert [line.split(":")[:2] for line in history.broken] == [["interactions.csv", "2"]]
    assert history.products.attribute_names == ()  # as many colours as products tell nothing


SPACE = {"x": Choice(range(10), 5), "y": Choice(range(10), 5)}


def valley(options):
    return np.full(4, -float((options["x"] - 2) ** 2 + (options["y"] - 7) ** 2))


def test_the_search_finds_the_top_one_option_at_a_time():
    search = Search(SPACE, valley)
    search.run(60)
    assert search.best == {"x": 2, "y": 7}
    assert search.value == 0
    assert search.finished
    assert search.trials < 30


def test_the_search_stops_in_time_but_tries_its_start():
    search = Search(SPACE, valley)
    search.run(0)
    assert search.trials == 1
    assert search.best == {"x": 5, "y": 5}
    search.run(60)
    assert search.best == {"x": 2, "y": 7}


def test_the_best_of_several_starts_is_improved():
    search = Search(SPACE, valley, [{"x": 9, "y": 0}, {"x": 2, "y": 6}])
    search.run(60)
    assert search.best == {"x": 2, "y": 7}


def test_noise_does_not_move_the_search():
    rng = np.random.default_rng(0)
    search = Search(
        {"x": Choice(range(3), 1)}, lambda options: rng.standard_normal(10_000) * 1e-3 + (options["x"] == 1)
    )
    search.run(60)
    assert search.best == {"x": 1}


def test_the_search_expects_a_trial_dearer_than_the_last_to_be_followed_by_a_dearer_one(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("recommender.services.evaluating.search.time.monotonic", lambda: clock[0])

    def evaluate(options):
        clock[0] += options["rank"] / 8
        return np.array([float(options["rank"])])

    search = Search({"rank": Choice((16, 64, 256, 1024, 4096), 16)}, evaluate)
    search.run(0)  # 2 s
    search.run(150)  # 8 s, then 32 s; the next would take 128 s and 110 s are left
    assert search.best == {"rank": 256}
    assert clock[0] == 42
    search.run(130)
    assert search.best == {"rank": 1024}


def test_who_was_away_for_long_still_has_a_taste():
    seen = events([(0, 1), (0, 2), (1, 0)], 2)._replace(ages_days=np.array([9000, 9007, 1], np.float32))
    products = Collected(np.array([b"a", b"b", b"c"]), None, (), None, ())
    training = Training(History(products, seen), seen)
    assert training.matrix(half_life_days=7.0)[0].nnz == 0
    tastes = training.tastes(half_life_days=7.0).toarray()
    assert tastes[0, 1] == pytest.approx(2 * tastes[0, 2])
    assert tastes[0, 1] == pytest.approx(tastes[1, 0])


@pytest.mark.parametrize(("best", "value"), [(0.5, 2.0), (1.0, 1.0), (1.25, 0.6), (4.0, 0.0)])
def test_what_a_hybrid_lacks_counts_twice(best, value):
    problem = pose(events([(0, 0), (1, 1)], 2), events([(0, 2), (1, 3)], 2), 4, seed=0)
    outcome = judge(problem, Fixed([0, 0, 2, 1]), problem.users)
    assert outcome.mean("recall@20") == 1
    assert balance([outcome], {("recall@20", "all"): best}).mean() == pytest.approx(value)


@pytest.mark.parametrize(("best", "value"), [(0.5, 1.5), (0.8, 1.25), (1.25, 0.6)])
def test_new_products_found_count_up_to_half_more(best, value):
    problem = pose(events([(0, 0), (1, 1)], 2), events([(0, 2), (1, 3)], 2), 4, seed=0)
    outcome = judge(problem, Fixed([0, 0, 2, 1]), problem.users)
    assert balance([outcome], {COLD_METRIC: best}).mean() == pytest.approx(value)
