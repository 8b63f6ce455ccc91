"""More visitors than the shop can serve: some are sent away at once, and it recovers."""

import pytest

from benchmarks.browser import Browser
from benchmarks.crowd import Crowd, Kept
from tests.faults import live
from tests.faults.sizes import sizes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker_environment(worker_environment):
    return worker_environment | {"MAX_REQUESTS": "1", "MAX_WAITING": "2"}


@pytest.mark.parametrize("actions", sizes(300, 3000))
def test_too_many_are_sent_away_with_the_time_to_come_back_and_it_recovers(shop, keys, actions, tell):
    places = live.places(shop.port, keys)
    crowd = Crowd(places, {"look": 1}, patience_seconds=0.0)
    kept = crowd.run(visitors=40, actions=actions)
    statuses = kept.statuses()
    assert kept.faults() == [], shop.last_words()
    assert set(statuses) == {200, 503}
    away = [one for one in kept.answers if one.status == 503]
    assert all(one.retry_after == "2" for one in away)
    assert kept.slowest() < 30
    calm = Kept()
    for page in places.pages * 2:
        assert Browser(shop.port, calm.note).get(page).status == 200, page
    tell(f"overload: 40 visitors at once, {statuses}, slowest {kept.slowest():.1f} s; then {calm.statuses()}")
