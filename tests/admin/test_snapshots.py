"""Switching snapshots: asked first, done by POST, by those who may."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from recommender.models import Snapshot
from recommender.services import training

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "admin:recommender_snapshot_changelist"


@pytest.fixture
def two(shop):
    """Two snapshots; the second is active."""
    return training.train(), training.train()


def active():
    return Snapshot.objects.get(is_active=True)


def messages(response):
    return [str(message) for message in response.context["messages"]]


def test_the_list_shows_sizes_numbers_and_what_is_served(boss, two):
    page = boss.get(reverse(LIST)).content.decode()
    assert page.count('<span class="rec-badge rec-badge--done">active</span>') == 1
    assert "events 12, visitors 3, pictured 4" in page
    assert "KB" in page
    assert reverse("admin:recommender_activate", args=[two[0].pk]) in page
    assert reverse("admin:recommender_activate", args=[two[1].pk]) not in page


def test_activating_asks_first_and_then_serves(boss, two):
    url = reverse("admin:recommender_activate", args=[two[0].pk])
    page = boss.get(url).content.decode()
    assert f"Serve shelves #{two[0].pk}?" in page
    assert active() == two[1]
    response = boss.post(url, follow=True)
    assert active() == two[0]
    assert messages(response) == [f"shelves #{two[0].pk} is served from now on."]
    assert LogEntry.objects.get().object_id == str(two[0].pk)


def test_rolling_back_leads_to_the_snapshot_before(boss, two):
    assert reverse("admin:recommender_roll_back") in boss.get(reverse(LIST)).content.decode()
    response = boss.get(reverse("admin:recommender_roll_back"))
    assert response.headers["Location"] == reverse("admin:recommender_activate", args=[two[0].pk])


def test_without_an_earlier_one_there_is_nothing_to_roll_back_to(boss, shop):
    training.train()
    assert reverse("admin:recommender_roll_back") not in boss.get(reverse(LIST)).content.decode()
    response = boss.get(reverse("admin:recommender_roll_back"), follow=True)
    assert messages(response) == ["There is no earlier snapshot to roll back to."]


def test_a_damaged_snapshot_is_not_served(boss, two):
    Snapshot.objects.filter(pk=two[0].pk).update(files={"ids": "0" * 64})
    response = boss.post(reverse("admin:recommender_activate", args=[two[0].pk]), follow=True)
    assert active() == two[1]
    assert "is not in the storage" in messages(response)[0]


def test_a_snapshot_of_another_encoder_is_announced(boss, two):
    Snapshot.objects.filter(pk=two[0].pk).update(encoder_version="other-1")
    page = boss.get(reverse("admin:recommender_activate", args=[two[0].pk])).content.decode()
    assert "Its encoder is another one" in page


def test_an_unknown_snapshot_is_not_found(boss):
    assert boss.get(reverse("admin:recommender_activate", args=[4711])).status_code == 404


def test_those_who_only_look_cannot_switch(staff, two):
    client = staff("view_snapshot")
    page = client.get(reverse(LIST)).content.decode()
    assert "activate/" not in page
    assert reverse("admin:recommender_roll_back") not in page
    assert client.get(reverse("admin:recommender_snapshot_change", args=[two[0].pk])).status_code == 200
    for name, args in (("activate", [two[0].pk]), ("roll_back", [])):
        assert client.post(reverse(f"admin:recommender_{name}", args=args)).status_code == 403
    assert active() == two[1]


def test_a_snapshots_page_shows_metrics_and_weights(boss, two):
    Snapshot.objects.filter(pk=two[0].pk).update(metrics={"pictured": 4, "gate": {"lift": 0.123456, "won": "hybrid"}})
    page = boss.get(reverse("admin:recommender_snapshot_change", args=[two[0].pk])).content.decode()
    assert '<tr><th scope="row">pictured</th><td>4</td></tr>' in page
    assert '<tr><th scope="row">gate · lift</th><td>0.1235</td></tr>' in page
    assert '<th scope="row">similar products · visual</th>' in page
