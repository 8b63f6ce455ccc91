"""Shops as arrays, in which it is known what drives the choices: looks, or habits that no picture shows."""

import numpy as np

from recommender.core.types import Block
from recommender.core.vectors import unit_rows
from recommender.services.evaluating.history import History, shop_history
from recommender.services.histories import Events
from recommender.services.indexing import Collected

DIMENSION = 24


def make_looks(*, seed: int = 0) -> History:
    """People with 150 different tastes that show in the pictures; a product is sold for two weeks to a handful, so that
    behaviour comes too late."""
    return make_history("looks", n=600, n_users=700, each=6, groups=150, seed=seed)


def make_habits(*, seed: int = 0, dated: bool = True) -> History:
    """People of six tastes; pictures are noise, and the whole range is there all the time."""
    return make_history("habits", n=150, n_users=600, each=10, groups=6, seed=seed, dated=dated)


def make_history(
    taste: str, *, n: int, n_users: int, each: int, groups: int, seed: int = 0, dated: bool = True
) -> History:
    """Users who choose mostly within their group of products, over a hundred days."""
    rng = np.random.default_rng(seed)
    group = np.arange(n) % groups
    centres = rng.normal(size=(groups, DIMENSION))
    noise = rng.normal(size=(n, DIMENSION))
    vectors = unit_rows((centres[group] + 0.3 * noise if taste == "looks" else noise).astype(np.float32))
    born = np.sort(rng.uniform(-50, 100, n)) if taste == "looks" else np.zeros(n)
    users = np.repeat(np.arange(n_users), each)
    days = np.sort(rng.uniform(0, 100, (n_users, each)), axis=1).ravel()
    rows = np.array([_chosen(rng, user % groups, day, group, born) for user, day in zip(users, days, strict=True)])
    ages = (days.max() - days if dated else np.zeros_like(days)).astype(np.float32)
    ones = np.ones(users.size, np.float32)
    events = Events(users.astype(np.int32), rows.astype(np.int32), ones, ages, ones, n_users)
    return shop_history(collected(n, vectors), events)


def collected(n: int, vectors: np.ndarray | None = None) -> Collected:
    """n products."""
    ids = np.array([f"{row:06d}".encode() for row in range(n)], np.bytes_)
    return Collected(ids, vectors, (Block("looks", 0, DIMENSION, 1.0),), None, ())


def _chosen(rng, taste, day, group, born):
    there = born <= day
    if born.any():
        there &= born >= day - 14
    own = np.flatnonzero(there & (group == taste))
    own = own if own.size and rng.random() < 0.9 else np.flatnonzero(there)
    return rng.choice(own if own.size else np.arange(group.size))
