"""Snapshots that are missing, cut off or foreign, and a full disk: every page answers, the last good one serves."""

import json
import re
import uuid
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.files.storage import FileSystemStorage, storages
from django.test import Client

from recommender.exceptions import SnapshotError
from recommender.models import Job, Snapshot
from recommender.services import embedding, publishing, recommending, serving, training
from tests.services.conftest import light  # noqa: F401 - the light encoder for these tests too
from tests.shop import make_product

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path, light):  # noqa: F811
    """Files of this test alone: what it breaks stays here."""
    options = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "objects"}}
    settings.STORAGES = settings.STORAGES | {"recommender": options}


@pytest.fixture
def shop():
    """Six phones in a first snapshot, seven in the second, which this process serves."""
    products = [make_product(f"nova{n}", colour=colour) for n, colour in enumerate(("red", "gold", "blue") * 2)]
    embedding.embed([product.pk for product in products])
    training.train()
    embedding.embed([make_product("seventh", colour="black").pk])
    training.train()
    serving.reset()
    assert serving.current().snapshot == Snapshot.objects.get(is_active=True)
    return products


def files(snapshot):
    """The files that no other snapshot shares, in the storage and in this host's cache."""
    others = Snapshot.objects.exclude(pk=snapshot.pk).values_list("files", flat=True)
    shared = {checksum for named in others for checksum in named.values()}
    store = publishing.object_store()
    for checksum in set(snapshot.files.values()) - shared:
        yield from (Path(storages["recommender"].path(store.name(checksum))), store.path(checksum))


def missing(snapshot):
    for path in files(snapshot):
        path.unlink(missing_ok=True)


def cut_off(snapshot):
    for path in files(snapshot):
        if path.exists():
            path.write_bytes(path.read_bytes()[:100])


def full_of_noise(snapshot):
    for path in files(snapshot):
        if path.exists():
            path.write_bytes(b"\x93NUMPY" + bytes(range(256)) * 20)


def of_an_unknown_version(snapshot):
    Snapshot.objects.filter(pk=snapshot.pk).update(format_version=99)


def of_another_shape(snapshot):
    Snapshot.objects.filter(pk=snapshot.pk).update(config={"blocks": 7})


def without_a_part(snapshot):
    rest = {name: checksum for name, checksum in snapshot.files.items() if name != "ids"}
    Snapshot.objects.filter(pk=snapshot.pk).update(files=rest)


FAULTS = [missing, cut_off, full_of_noise, of_an_unknown_version, of_another_shape, without_a_part]


def visit(product):
    """Every page and endpoint that shows or makes shelves, each with at least three other products."""
    client = Client()
    for path in ("/", product.get_absolute_url(), "/products/", "/basket/"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        if path != "/basket/":
            assert len(set(re.findall(r'href="/products/(\d+)/', answer.content.decode())) - {str(product.pk)}) >= 3
    for path in (f"products/{product.pk}/similar/", "recommendations/", "recommendations/trending/"):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, (path, answer.content)
        assert len(answer.json()["results"]) >= 3
        assert all(0 <= one["score"] <= 1 for one in answer.json()["results"])
    event = {"id": "7e6f4a1c-53d7-4b5c-8b1d-0a1f2f3e4d5c", "kind": "view", "product": str(product.pk)}
    guest = Client(headers={"X-Visitor-Token": client.post("/api/v1/guests/").json()["token"]})
    sent = guest.post("/api/v1/events/", json.dumps({"events": [event]}), content_type="application/json")
    assert sent.json()["accepted"] == 1
    names = [one["slug"] for one in client.get("/api/v1/placements/").json()["results"]]
    assert names
    for name in names:
        assert client.get(f"/api/v1/placements/{name}/?product={product.pk}").status_code == 200, name
    seen = {"events": json.dumps([event | {"id": str(uuid.uuid4())}])}
    assert client.post("/recommender/events/", seen).json()["accepted"] == 1
    wish = client.post("/recommender/dismiss/", {"dismiss": product.pk}, headers={"Accept": "application/json"})
    assert wish.status_code == 204
    wrong = {"username": "nobody", "password": "wrong"}
    assert client.post("/api/v1/auth/jwt/", wrong, content_type="application/json").status_code in (400, 401, 429)


def overview():
    client = Client()
    client.force_login(get_user_model().objects.create_superuser(f"boss{get_user_model().objects.count()}"))
    answer = client.get("/admin/recommender/snapshot/overview/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("spoil", FAULTS)
class TestSpoiltSnapshots:
    def test_a_process_that_starts_serves_the_last_good_one_and_the_manager_is_told(self, shop, spoil):
        good, last = Snapshot.objects.order_by("pk")
        spoil(last)
        serving.reset()
        visit(shop[0])
        assert serving.current().snapshot == good
        page = overview()
        assert f"Snapshot {last.pk} cannot be served" in page
        assert "recommender_train" in page

    def test_with_none_left_there_are_shelves_and_the_next_training_heals_it(self, shop, spoil):
        first, last = Snapshot.objects.order_by("pk")
        spoil(last)
        Snapshot.objects.filter(pk=last.pk).update(files={"gone": "0"})
        spoil(first)
        serving.reset()
        visit(shop[0])
        assert serving.current().snapshot is None
        new = training.train()
        assert serving.current().snapshot == new
        assert "cannot be served" not in overview()
        visit(shop[0])

    def test_it_cannot_be_switched_to(self, shop, spoil):
        good, last = Snapshot.objects.order_by("pk")
        spoil(good)
        with pytest.raises(SnapshotError, match=r"recommender_train"):
            publishing.activate(Snapshot.objects.get(pk=good.pk))
        assert Snapshot.objects.get(is_active=True) == last


@pytest.mark.parametrize("spoil", [missing, of_an_unknown_version, of_another_shape, without_a_part])
def test_a_process_that_runs_goes_on_with_what_it_has(shop, spoil):
    before = recommending.similar(shop[0])
    for snapshot in Snapshot.objects.all():
        spoil(snapshot)
    visit(shop[0])
    after = recommending.similar(shop[0])
    assert [item.card.id for item in after.items] == [item.card.id for item in before.items]


class FullDisk(FileSystemStorage):
    """A storage on a full disk: the kernel itself says so."""

    def _save(self, name, content):
        with Path("/dev/full").open("wb", buffering=0) as disk:
            for chunk in content.chunks():
                disk.write(chunk)
        return name


def test_a_disk_that_is_full_while_publishing_leaves_the_last_snapshot_and_is_told(shop, settings, tmp_path):
    before = Snapshot.objects.get(is_active=True)
    extra = make_product("late", colour="green")
    embedding.embed([extra.pk])
    full = {"BACKEND": f"{__name__}.FullDisk", "OPTIONS": {"location": tmp_path / "objects"}}
    working = settings.STORAGES
    settings.STORAGES = settings.STORAGES | {"recommender": full}
    with pytest.raises(OSError, match="No space left on device"):
        training.train()
    assert Snapshot.objects.get(is_active=True) == before
    assert Snapshot.objects.count() == 2
    visit(shop[0])
    page = overview()
    assert "No space left on device" in page
    assert Job.objects.first().state == Job.State.FAILED
    settings.STORAGES = working
    assert training.train() == serving.current().snapshot
    visit(shop[0])


def test_a_cache_folder_that_cannot_be_written_leaves_pages_and_is_told(shop, settings, tmp_path):
    (tmp_path / "in the way").write_text("a file, no folder", encoding="utf-8")
    settings.RECOMMENDER = settings.RECOMMENDER | {"CACHE_DIR": tmp_path / "in the way"}
    serving.reset()
    visit(shop[0])
    assert "Make room there" in overview()
