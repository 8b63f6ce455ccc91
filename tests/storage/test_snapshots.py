"""Which snapshots are kept, and which is gone back to, when two encoders take turns."""

import numpy as np
import pytest

from recommender.models import Snapshot
from recommender.services import publishing
from recommender.storage import snapshots

pytestmark = pytest.mark.django_db


def made(encoder, *, served=True):
    arrays = {"ids": np.array([b"1"])}
    snapshot = snapshots.write(
        publishing.object_store(),
        arrays,
        encoder_version=encoder,
        sequence=0,
        config={},
        metrics={},
        n_products=1,
    )
    if served:
        snapshots.activate(snapshot)
    return snapshot


def way_back(snapshot):
    return list(snapshots.earlier(snapshot))


def test_the_snapshot_before_is_the_last_one_of_the_same_encoder():
    first, second = made("old-1"), made("old-1")
    assert (snapshots.previous(second), snapshots.previous(first)) == (first, None)


def test_before_a_switch_comes_what_was_served_last_even_if_it_was_made_later():
    first = made("old-1")
    candidate = made("new-1", served=False)
    second = made("old-1")
    snapshots.activate(candidate)
    assert way_back(candidate) == [second, first]


def test_after_another_training_the_way_back_leads_through_the_same_encoder_first():
    old = made("old-1")
    first, second = made("new-1"), made("new-1")
    assert way_back(second) == [first, old]


def test_what_was_never_served_is_not_gone_back_to():
    made("new-1", served=False)
    assert snapshots.previous(made("old-1")) is None


def test_trainings_do_not_push_out_a_candidate_or_the_encoder_to_roll_back_to():
    former = made("former-1")
    candidate = made("candidate-1", served=False)
    live = [made("live-1") for _ in range(9)]
    assert snapshots.retain(publishing.object_store(), keep=5) == 4
    assert list(Snapshot.objects.order_by("pk")) == [former, candidate, *live[4:]]


def test_of_a_former_encoder_the_last_served_is_kept_beside_the_last_made():
    for served in (True, True, False, False):
        made("former-1", served=served)
    kept = list(Snapshot.objects.order_by("pk"))[1::2]
    live = [made("live-1") for _ in range(5)]
    snapshots.retain(publishing.object_store(), keep=2)
    assert list(Snapshot.objects.order_by("pk")) == [*kept, *live[3:]]


def test_encoders_of_long_ago_are_not_kept_for_ever():
    old = [made(f"encoder-{number}") for number in range(5)]
    live = [made("live-1") for _ in range(5)]
    snapshots.retain(publishing.object_store(), keep=5)
    assert list(Snapshot.objects.order_by("pk")) == [*old[-snapshots.OTHERS :], *live]
