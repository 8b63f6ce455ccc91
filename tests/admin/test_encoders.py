"""Encoders side by side in the admin: seen, compared, prepared, switched and rolled back."""

import json
import os
import re
from html import unescape
from io import BytesIO

import numpy as np
import pytest
from celery.exceptions import Retry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from recommender import tasks
from recommender.engines.trained import Head, TrainedEncoder, write_artefact
from recommender.models import EncoderVersion, Snapshot
from recommender.services import catching_up, embedding, putting_live, trained, training, versioning
from recommender.services.reweighing import engine_with
from tests.eyes import COARSE, TWO

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "admin:recommender_encoders"


@pytest.fixture
def live(shop):
    return training.train()


@pytest.fixture
def candidate(live):
    version = versioning.prepare(COARSE).version
    catching_up.embed_here(catching_up.outstanding(version), version)
    return training.build(version)


def active():
    return Snapshot.objects.get(is_active=True)


def text_of(response):
    return response.content.decode()


def test_alone_there_is_nothing_to_compare_with(boss, live):
    page = text_of(boss.get(reverse(PAGE)))
    assert live.encoder_version in page
    assert "recommender_encoder prepare" in page
    assert reverse("admin:recommender_encoder_switch") not in page


def test_shelves_of_both_stand_side_by_side(boss, candidate):
    response = boss.get(reverse(PAGE))
    pairs = response.context["pairs"]
    assert pairs
    for pair in pairs:
        assert {place.card.id for place in pair.live} == {place.card.id for place in pair.other}
        assert pair.seed.id not in {place.card.id for place in pair.live}
    key = pairs[-1].seed.id
    assert [pair.seed.id for pair in boss.get(reverse(PAGE), {"product": key}).context["pairs"]] == [key]
    assert "There is no such product" in text_of(boss.get(reverse(PAGE), {"product": "4711"}))


def test_switching_and_rolling_back_ask_first(boss, live, candidate):
    for name, snapshot in (("switch", candidate), ("back", live)):
        url = reverse(f"admin:recommender_encoder_{name}")
        before = active()
        assert 'name="confirmed"' in text_of(boss.get(url))
        boss.post(url)
        assert active() == before
        page = text_of(boss.post(url, {"confirmed": "yes"}, follow=True))
        assert active() == snapshot
        assert f"Encoder {snapshot.encoder_version} is live." in page


def test_an_incomplete_candidate_is_not_switched_to_and_the_page_says_what_lacks(boss, live):
    versioning.prepare(COARSE)
    assert "4 products are lacking" in text_of(boss.get(reverse(PAGE)))
    page = text_of(boss.post(reverse("admin:recommender_encoder_switch"), {"confirmed": "yes"}, follow=True))
    assert "has not looked at 4 products yet" in page
    assert active() == live


def test_those_who_only_look_cannot_switch(staff, live, candidate):
    client = staff("view_snapshot")
    assert reverse("admin:recommender_encoder_switch") not in text_of(client.get(reverse(PAGE)))
    for name in ("switch", "back"):
        url = reverse(f"admin:recommender_encoder_{name}")
        assert client.post(url, {"confirmed": "yes"}).status_code == 403
    assert active() == live


def test_queries_do_not_grow_with_encoders(boss, shop, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"ENCODER": TWO}
    training.train()
    putting_live.put_live(versioning.prepare(engine_with({"shape": 10, "colour": 90})).version)
    counts = []
    for shares in ((), (20, 30, 40)):
        for share in shares:
            versioning.prepare(engine_with({"shape": share, "colour": 100 - share}))
        boss.get(reverse(PAGE))
        with CaptureQueriesContext(connection) as queries:
            page = text_of(boss.get(reverse(PAGE)))
        counts.append(len(queries))
        for one in versioning.standings():
            assert one.version in page
            assert one.lacking == versioning.lacking(one.version)
    assert len(versioning.standings()) == 5
    assert counts[0] == counts[1] <= 24


HEADS = {"color": Head(("red", "blue"), np.eye(2, 4, dtype=np.float32), 10.0)}
JUDGED = {"accuracy": 0.875, "pictures": 16}


@pytest.fixture
def write(settings):
    """Writes a trained encoder into the cache folder, as a training does, perhaps with a report."""

    def _write(network, *, at, report=None):
        options = {"side": 64, "dimension": 4, "weights": {"colour": 0.2}, "about": {}}
        folder = write_artefact(trained.folder(), network, HEADS, **options)
        if report is not None:
            (folder / "report").mkdir()
            (folder / "report" / "index.html").write_text("<p>")
            (folder / "report" / "report.json").write_text(report)
        os.utime(folder / "encoder.json", (at, at))
        return folder

    return _write


@pytest.fixture
def workers(settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}


def prepare(client, folder, **extra):
    return client.post(reverse("admin:recommender_encoder_prepare") + f"?encoder={folder.name}", extra, follow=True)


YES = {"confirmed": "yes"}


def test_trained_encoders_are_listed_with_date_and_report(boss, live, write):
    assert "Trained on your labels" not in text_of(boss.get(reverse(PAGE)))
    unseen = {"judging": JUDGED, "held_out": {"pictures": 0}}
    whole = write(b"one", at=1_700_000_000, report=json.dumps({"heads": {"color": unseen}}))
    torn = write(b"two", at=1_800_000_000, report="{")
    (trained.folder() / "encoder-3").mkdir()
    (trained.folder() / "encoder-3" / "encoder.json").write_text("{")
    page = text_of(boss.get(reverse(PAGE)))
    assert [one.name for one in trained.trained()] == [torn.name, whole.name]
    versions = [TrainedEncoder(path=folder).version for folder in (torn, whole)]
    assert page.index(versions[0]) < page.index(versions[1])
    assert "Nov. 14, 2023" in page
    assert f'href="{reverse("admin:recommender_report", args=[whole.name])}"' in page
    assert '<li>color: 0.875 <span class="rec-quiet">of 16 unseen pictures</span></li>' in page
    assert f"?encoder={whole.name}" in page


WHOLE = {
    "version": "trained-1",
    "heads": {"color": {"judging": JUDGED | {"classes": 2}, "held_out": {"pictures": 0}, "reads": ["colour", "upper"]}},
    "notes": ["size: no picture that teaches has this label."],
    "refused": [{"file": "a.jpg", "reason": "It is <cut off>."}],
}


def pictured(folder, *names):
    for name in names:
        Image.new("RGB", (8, 8)).save(folder / "report" / name)


def test_the_report_of_a_training_is_shown_in_the_readers_language(boss, live, write):
    folder = write(b"one", at=1_700_000_000, report=json.dumps(WHOLE))
    pictured(folder, "curves.png", "confusion-color.png")
    url = reverse("admin:recommender_report", args=[folder.name])
    page = text_of(boss.get(url))
    for text in ("<h1>What the network learned</h1>", "0.875", "Colour, Upper half", "no picture that teaches"):
        assert text in page
    assert "It is &lt;cut off&gt;." in page
    assert "依据" in text_of(boss.get(url, headers={"accept-language": "zh-hans"}))
    shown = re.findall(r'<img src="([^"]+[.]png)"', page)
    assert shown == ["curves.png", "confusion-color.png"]
    for name in shown:
        response = boss.get(url + name)
        assert response.headers["Content-Type"] == "image/png"
        assert Image.open(BytesIO(b"".join(response))).size == (8, 8)


@pytest.mark.parametrize("name", ["report.json", "index.html", "worst-color.png", "other.png"])
def test_only_what_the_report_shows_is_served(boss, live, write, name):
    folder = write(b"one", at=1_700_000_000, report=json.dumps(WHOLE))
    pictured(folder, "curves.png", "other.png")
    url = reverse("admin:recommender_report", args=[folder.name])
    assert boss.get(url + name).status_code == 404
    assert trained.report_picture(trained.find(folder.name), name) is None
    assert trained.report_picture(trained.find(folder.name), f"../{name}") is None


@pytest.mark.parametrize("report", [None, "{", "[]"])
def test_a_report_that_cannot_be_read_is_not_there(boss, live, write, report):
    folder = write(b"one", at=1_700_000_000, report=report)
    url = reverse("admin:recommender_report", args=[folder.name])
    assert [boss.get(address).status_code for address in (url, url + "curves.png")] == [404, 404]


@pytest.mark.parametrize(("codename", "status"), [("view_job", 403), ("view_snapshot", 200)])
def test_a_report_is_for_those_who_may_see_encoders(staff, live, write, codename, status):
    folder = write(b"one", at=1_700_000_000, report=json.dumps(WHOLE))
    pictured(folder, "curves.png")
    url = reverse("admin:recommender_report", args=[folder.name])
    client = staff(codename)
    for address in (url, url + "curves.png"):
        response = client.get(address)
        response.close()
        assert response.status_code == status


def test_one_is_prepared_by_workers_after_a_yes(boss, live, write, workers):
    folder = write(b"one", at=1_700_000_000)
    version = TrainedEncoder(path=folder).version
    assert f"<h1>Prepare encoder {version}?</h1>" in text_of(prepare(boss, folder))
    assert [one.version for one in versioning.standings()] == [live.encoder_version]
    page = text_of(prepare(boss, folder, **YES))
    assert "Workers look at every picture with it." in page
    assert "4 products are lacking" in page
    assert f"?encoder={folder.name}" not in page
    row = EncoderVersion.objects.get(version=version)
    assert row.engine == {
        "BACKEND": "recommender.engines.trained.TrainedEncoder",
        "OPTIONS": {"path": str(folder)},
    }
    assert active() == live


def test_a_worker_makes_the_snapshot_when_nothing_is_lacking(live, workers):
    version = versioning.prepare(COARSE).version
    with pytest.raises(Retry):
        tasks.train_candidate(version)
    assert not Snapshot.objects.filter(encoder_version=version).exists()
    embedding.embed(catching_up.outstanding(version), version)
    tasks.train_candidate(version)
    tasks.train_candidate(version)
    assert Snapshot.objects.filter(encoder_version=version).count() == 1
    assert active() == live
    versioning.give_up(version)
    tasks.train_candidate(version)


def test_without_workers_the_command_is_told(boss, live, write):
    folder = write(b"one", at=1_700_000_000)
    page = unescape(text_of(prepare(boss, folder, **YES)))
    assert f"This shop has no workers. Run: manage.py recommender_encoder prepare --trained {folder}" in page
    assert [one.version for one in versioning.standings()] == [live.encoder_version]


def test_a_dead_broker_is_named_and_nothing_is_begun(boss, live, write, workers, no_broker):
    assert "The broker does not answer." in text_of(prepare(boss, write(b"one", at=1_700_000_000), **YES))
    assert [one.version for one in versioning.standings()] == [live.encoder_version]


@pytest.mark.parametrize("name", ["", "encoder-0", "../trained", "/etc", ".."])
def test_only_what_is_listed_can_be_prepared(boss, live, write, workers, name):
    write(b"one", at=1_700_000_000)
    response = boss.post(reverse("admin:recommender_encoder_prepare"), YES, query_params={"encoder": name}, follow=True)
    assert "There is no such trained encoder." in text_of(response)
    assert [one.version for one in versioning.standings()] == [live.encoder_version]


def test_those_who_only_look_cannot_prepare(staff, live, write, workers):
    folder, client = write(b"one", at=1_700_000_000), staff("view_snapshot")
    page = text_of(client.get(reverse(PAGE)))
    assert TrainedEncoder(path=folder).version in page
    assert "?encoder=" not in page
    assert prepare(client, folder, **YES).status_code == 403
