"""Every address answers as the table of doors says, though there is no snapshot to serve or no cache."""

import pytest

from recommender.models import Snapshot
from recommender.services import serving, training
from tests.doors.people import open_shop
from tests.doors.test_doors import TABLE, asked
from tests.hostile.addresses import walk
from tests.outliving.test_models import (  # noqa: F401 - fixtures
    FullDisk,
    cut_off,
    full_of_noise,
    light,
    missing,
    of_an_unknown_version,
    own_storage,
)

pytestmark = [pytest.mark.django_db, pytest.mark.once]

COLUMNS = {"anonymous": 0, "shopper": 1, "manager": 5}


@pytest.fixture
def shop(own_storage):  # noqa: F811
    return open_shop()


def others_than_told(shop):
    """What is answered otherwise than to a shop that has everything."""
    found = []
    for address in walk():
        for who, column in COLUMNS.items():
            told, expected = asked(shop, who, "GET", address), TABLE[address.name, "GET"][column]
            if told != expected:
                found.append(f"{address.name} for {who}: {told} instead of {expected}")
    return found


@pytest.mark.parametrize("spoil", [missing, cut_off, full_of_noise, of_an_unknown_version])
def test_without_a_snapshot_every_address_answers_as_ever(shop, spoil):
    spoil(Snapshot.objects.get())
    serving.reset()
    assert others_than_told(shop) == []
    assert serving.current().snapshot is None


def test_after_a_disk_was_full_while_publishing_every_address_answers_as_ever(shop, settings, tmp_path):
    before = Snapshot.objects.get()
    full = {"BACKEND": f"{FullDisk.__module__}.FullDisk", "OPTIONS": {"location": tmp_path / "objects"}}
    settings.STORAGES = settings.STORAGES | {"recommender": full}
    with pytest.raises(OSError, match="No space left on device"):
        training.train()
    serving.reset()
    assert others_than_told(shop) == []
    assert serving.current().snapshot == before


def test_without_a_cache_every_address_answers_as_ever(shop, settings, tmp_path):
    settings.CACHES = {
        "default": {"BACKEND": "shopsite.cache.ForgivingRedisCache", "LOCATION": f"unix://{tmp_path}/gone.sock"}
    }
    assert others_than_told(shop) == []
