"""The overview and the preview."""

import re
import uuid
from datetime import timedelta

import pytest
from celery import Celery, current_app
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from recommender.admin import preview_url
from recommender.models import ImageEmbedding, Job, Visitor
from recommender.services import presence, training
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)

TRAIN = "/admin/recommender/snapshot/train/"
YES = {"confirmed": "yes"}


def page(client, name, query=""):
    response = client.get(reverse(f"admin:recommender_{name}") + query)
    assert response.status_code == 200
    return response.content.decode()


class TestOverview:
    def test_a_new_shop_is_told_what_to_do(self, boss):
        text = page(boss, "overview")
        assert "Nothing was trained yet." in text
        assert "manage.py recommender_train" in text
        assert text.count('<span class="rec-badge rec-badge--failed">not yet</span>') == 5

    def test_shows_coverage_snapshot_failures_and_jobs(self, boss, shop):
        make_product("Bare", picture=False)
        snapshot = training.train()
        row = ImageEmbedding.objects.filter(status="ready").first()
        ImageEmbedding.objects.filter(pk=row.pk).update(status="failed", error="It melted.")
        text = page(boss, "overview")
        assert '<p class="rec-figure">80 %</p>' in text
        assert "4 of 5 products have an embedded picture." in text
        assert f"shelves #{snapshot.pk}" in text
        assert "It melted." in text
        assert str(Job.objects.get(kind="train")) in text
        assert text.count('<span class="rec-badge rec-badge--ready">works</span>') == 5

    def test_a_backlog_shows_how_far_it_is_and_when_it_ends(self, boss, shop):
        assert 'id="rec-live-pictures" data-live=""' in page(boss, "overview")
        rows = list(ImageEmbedding.objects.order_by("pk"))
        now = timezone.now()
        for age, row in zip((10, 0), rows[:2], strict=True):
            ImageEmbedding.objects.filter(pk=row.pk).update(updated_at=now - timedelta(seconds=age))
        ImageEmbedding.objects.filter(pk__in=[row.pk for row in rows[2:]]).update(status="pending")
        text = page(boss, "overview")
        assert 'id="rec-live-pictures" data-live="running"' in text
        assert "2 of 4 pictures looked at" in text
        assert "0.2 pictures a second, about 0\xa0minutes left" in text
        ImageEmbedding.objects.update(updated_at=now - timedelta(minutes=2))
        assert "Nothing was embedded in the last minute." in page(boss, "overview")

    def test_jobs_show_how_far_they_are_and_whether_they_live(self, boss):
        Job.objects.create(kind="import", done=340, total=900, process=presence.this_process())
        Job.objects.create(kind="train", done=1, total=9, process="elsewhere/1 2 3")
        Job.objects.filter(kind="train").update(heartbeat_at=timezone.now() - timedelta(minutes=6))
        text = page(boss, "overview")
        assert "340 / 900" in text
        assert text.count('data-live="running"') == 1
        assert text.count("no sign of life") == 1

    def test_queries_do_not_grow_with_the_shop(self, boss, shop):
        training.train()
        page(boss, "overview")
        counts = []
        for more in "ab":
            with CaptureQueriesContext(connection) as caught:
                page(boss, "overview")
            counts.append(len(caught))
            for n in range(5):
                make_product(f"{more}{n}")
        assert counts[0] == counts[1] <= 24

    def test_training_belongs_to_workers(self, boss, settings):
        assert "Train now" not in page(boss, "overview")
        response = boss.post(TRAIN, YES, follow=True)
        assert "This shop has no workers." in response.content.decode()
        settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}
        assert "Train now" in page(boss, "overview")
        response = boss.post(TRAIN, YES, follow=True)
        assert "on its way to a worker" in response.content.decode()

    def test_a_broker_that_is_down_is_named(self, boss, settings):
        settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}
        before = current_app._get_current_object()
        nobody = Celery("nobody", broker="redis://127.0.0.1:9/0", set_as_current=False)
        nobody.conf.task_publish_retry = False
        nobody.conf.broker_transport_options = {"socket_connect_timeout": 0.5, "max_retries": 0}
        nobody.set_current()
        try:
            response = boss.post(TRAIN, YES, follow=True)
        finally:
            before.set_current()
        assert "The broker does not answer." in response.content.decode()

    def test_looking_and_training_need_permission(self, staff):
        client = staff()
        assert client.get(reverse("admin:recommender_overview")).status_code == 403
        assert client.post(TRAIN, YES).status_code == 403

    def test_those_who_look_do_not_train(self, staff, settings):
        settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}
        client = staff("view_snapshot")
        assert "Train now" not in page(client, "overview")
        assert client.post(TRAIN, YES).status_code == 403

    def test_training_waits_for_a_yes_and_leads_to_the_jobs(self, boss, settings):
        settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}
        for response in (boss.get(TRAIN), boss.post(TRAIN)):
            assert "<h1>Train now?</h1>" in response.content.decode()
        text = boss.post(TRAIN, YES, follow=True).content.decode()
        assert (
            f'<a href="{reverse("admin:recommender_job_changelist")}?kind__exact=train">See how far it is</a>' in text
        )


class TestPreview:
    def test_products_are_found(self, boss, shop):
        text = page(boss, "preview", "?q=nova+2")
        assert "1 product found" in text
        assert f"?product={shop[2].pk}" in text
        assert "0 products found" in page(boss, "preview", "?q=xyzzy")

    def test_a_products_shelf_is_explained(self, boss, shop):
        snapshot = training.train()
        response = boss.get(preview_url(shop[0]))
        text = response.content.decode()
        assert "<h2>Nova 0</h2>" in text
        assert text.count('class="rec-item"') == 3
        assert text.count('class="rec-stack"') == 3
        assert f"Served from snapshot {snapshot.pk}" in text
        for item in response.context["preview"].items:
            assert f"<strong>{item.recommended.score:.3f}</strong>" in text
            for part in item.parts:
                assert f'x="{part.start_percent:.2f}" y="0" width="{part.percent:.2f}"' in text

    def test_numbers_of_drawings_are_not_localised(self, boss, shop, settings):
        settings.LANGUAGE_CODE = "de"
        training.train()
        text = boss.get(preview_url(shop[0])).content.decode()
        assert not re.search(r'(?:x|width)="\d+,\d', text)

    def test_a_shop_without_a_snapshot_has_a_preview_too(self, boss, shop):
        assert "these are the weights of the settings" in boss.get(preview_url(shop[0])).content.decode()

    def test_a_visitors_shelf_is_explained(self, boss, shop):
        training.train()
        visitor = Visitor.objects.first()
        text = page(boss, "preview", f"?visitor={visitor.pk}")
        assert f"For visitor {visitor.pk}" in text
        assert "The last 4 events" in text
        assert "Taste in looks" in text

    @pytest.mark.parametrize("query", ["?product=4711", "?product=x", f"?visitor={uuid.uuid4()}", "?visitor=me"])
    def test_strangers_are_named(self, boss, query):
        assert 'role="status">There is no' in page(boss, "preview", query)

    def test_visitors_are_for_those_who_may_see_them(self, staff, shop):
        client = staff("view_snapshot")
        visitor = Visitor.objects.first()
        text = page(client, "preview", f"?visitor={visitor.pk}")
        assert "For visitor" not in text
        assert 'name="visitor"' not in text

    def test_it_needs_permission(self, staff):
        assert staff().get(reverse("admin:recommender_preview")).status_code == 403

    def test_names_of_products_are_text(self, boss):
        product = make_product("<script>alert(1)</script>")
        assert "<script>alert(1)" not in boss.get(preview_url(product)).content.decode()


@pytest.mark.parametrize("name", ["overview", "preview", "snapshot_changelist", "imageembedding_changelist"])
def test_pages_keep_to_the_strictest_content_policy(boss, shop, name):
    training.train()
    text = page(boss, name, f"?product={shop[0].pk}" if name == "preview" else "")
    assert " style=" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text)
    assert not re.search(r"\son\w+=", text)


def test_anonymous_visitors_are_sent_to_the_login(client):
    for name in ("overview", "preview", "train", "roll_back"):
        response = client.get(reverse(f"admin:recommender_{name}"))
        assert response.status_code == 302
        assert "/login/" in response.headers["Location"]
