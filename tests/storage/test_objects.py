from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import FileSystemStorage

from recommender.exceptions import SnapshotCorruptError
from recommender.storage import objects
from recommender.storage.objects import ObjectStore

ARRAY = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.fixture
def storage(tmp_path):
    return FileSystemStorage(location=tmp_path / "storage")


@pytest.fixture
def store(storage, tmp_path):
    return ObjectStore(storage, tmp_path / "host-a")


@pytest.fixture
def other_host(storage, tmp_path):
    return ObjectStore(storage, tmp_path / "host-b")


def test_another_host_reads_what_one_wrote(store, other_host):
    checksum, size = store.put(ARRAY)
    read = other_host.get(checksum)
    assert np.array_equal(read, ARRAY)
    assert isinstance(read.base, np.memmap)
    assert not read.flags.writeable
    assert other_host.path(checksum).stat().st_size == size


def test_equal_arrays_are_one_object(store, storage):
    assert store.put(ARRAY) == store.put(ARRAY.copy())
    assert len(storage.listdir("objects")[1]) == 1


def test_an_empty_array_survives(store, other_host):
    checksum, _ = store.put(np.empty((0, 5), np.float32))
    assert other_host.get(checksum).shape == (0, 5)


@pytest.mark.parametrize("damage", [lambda data: data[:-5], lambda data: data[:-1] + b"\xff", lambda data: b""])
def test_a_damaged_object_is_refused_and_not_cached(store, other_host, storage, damage):
    checksum, _ = store.put(ARRAY)
    path = Path(storage.path(store.name(checksum)))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(SnapshotCorruptError, match="recommender_train"):
        other_host.get(checksum)
    assert list(other_host.cache.iterdir()) == []


def test_a_missing_object_is_refused(other_host):
    with pytest.raises(SnapshotCorruptError):
        other_host.get("0" * 64)


def test_a_truncated_upload_is_mended_by_the_next_put(store, other_host, storage):
    checksum, _ = store.put(ARRAY)
    Path(storage.path(store.name(checksum))).write_bytes(b"half")
    store.put(ARRAY)
    assert np.array_equal(other_host.get(checksum), ARRAY)


def test_pruning_keeps_what_is_named(store, storage):
    kept, _ = store.put(ARRAY)
    store.put(ARRAY + 1)
    assert store.prune({kept}) == 1
    assert storage.listdir("objects")[1] == [f"{kept}.npy"]
    assert [path.stem for path in store.cache.glob("*.npy")] == [kept]


@pytest.mark.parametrize("damage", [lambda data: data[:-5], lambda data: data[:-1] + b"\xff", lambda data: b""])
def test_a_file_of_this_host_that_somebody_wrote_into_heals_when_it_is_opened_next(store, damage):
    checksum, _ = store.put(ARRAY)
    assert np.array_equal(store.get(checksum), ARRAY)
    path = store.path(checksum)
    path.write_bytes(damage(path.read_bytes()))
    assert np.array_equal(store.get(checksum), ARRAY)
    assert path.stat().st_size > 100


def test_a_file_is_read_from_end_to_end_once(store, monkeypatch):
    checksum, _ = store.put(ARRAY)
    store.get(checksum)
    monkeypatch.setattr(objects, "_sha256", None)
    assert np.array_equal(store.get(checksum), ARRAY)


def test_files_that_another_process_dropped_are_forgotten(store):
    for number in range(5):
        checksum, _ = store.put(ARRAY + number)
        store.get(checksum)
        store.path(checksum).unlink()
    assert [path for path in objects._verified if path.parent == store.cache] == [store.path(checksum)]
