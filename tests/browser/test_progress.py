"""The overview follows the workers without being reloaded."""

import os

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from playwright.sync_api import expect

from recommender.models import ImageEmbedding, Job
from recommender.services import presence

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_overview_follows_an_import_and_its_pictures(visit, shop):
    get_user_model().objects.create_superuser("boss", password="boss")
    keys = list(ImageEmbedding.objects.order_by("pk").values_list("pk", flat=True))
    ImageEmbedding.objects.filter(pk__in=keys[10:]).update(status="pending")
    job = Job.objects.create(
        kind="import", done=128, total=900, message="Importing products", process=presence.this_process()
    )
    page = visit()
    page.goto(f"/admin/login/?next={reverse('admin:recommender_overview')}")
    page.fill("#id_username", "boss")
    page.fill("#id_password", "boss")
    page.click("[type=submit]")
    expect(page.locator("#rec-backlog")).to_have_text(f"10 of {len(keys)} pictures looked at")
    expect(page.locator("#rec-live-jobs")).to_contain_text("128 / 900")
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/progress.png", full_page=True)
    ImageEmbedding.objects.filter(pk__in=keys[10:12]).update(status="ready")
    Job.objects.filter(pk=job.pk).update(done=256)
    expect(page.locator("#rec-backlog")).to_have_text(f"12 of {len(keys)} pictures looked at")
    expect(page.locator("#rec-live-jobs")).to_contain_text("256 / 900")
    ImageEmbedding.objects.update(status="ready")
    Job.objects.filter(pk=job.pk).update(state="done")
    expect(page.locator("#rec-backlog")).to_have_count(0)
    assert page.faults == []
