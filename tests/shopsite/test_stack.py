"""The stack starts, stops, survives kills, and leaves nothing behind."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from shopsite.demo.lock import FolderLock, check_port
from shopsite.stack import Child, Services, StackError
from shopsite.stack.__main__ import main

FAMILY = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "


def _alive(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def _soon(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture(autouse=True)
def no_services_given(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.fixture
def folder():
    """Not under pytest's own folder, which every pytest that starts closes to others, and to the database's user."""
    with tempfile.TemporaryDirectory(prefix="shop-tests-") as path:
        yield Path(path)


@pytest.fixture(scope="module")
def services():
    """One stack whose folder has a path far beyond what a Unix socket may have."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.delenv("REDIS_URL", raising=False)
        with (
            tempfile.TemporaryDirectory(prefix="shop-tests-") as path,
            Services(Path(path) / ("long-" * 30), durable=False) as services,
        ):
            yield services


def test_a_database_with_vectors_and_a_broker_answer(services):
    with psycopg.connect(services.environment["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT '[1,2,2]'::vector <-> '[1,2,0]'::vector").fetchone() == (2.0,)
    assert services.environment["REDIS_URL"].startswith("unix://")


def test_sockets_are_closed_to_other_users(services):
    for url in services.environment.values():
        folder = Path(url.partition("host=")[2] or url.removeprefix("unix://").partition("?")[0]).resolve()
        folder = folder if folder.is_dir() else folder.parent
        assert folder.stat().st_mode & 0o077 == 0


def test_given_services_are_used_and_left_alone(folder, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/shop")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    with Services(folder) as services:
        assert services.environment == {"DATABASE_URL": "postgresql://elsewhere/shop", "REDIS_URL": "redis://elsewhere"}
        assert services.children() == []


def test_data_outlives_a_killed_database_whose_lock_stays_behind(folder):
    with Services(folder) as services:
        with psycopg.connect(services.environment["DATABASE_URL"], autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
            connection.execute("CHECKPOINT")
        os.kill(services.children()[0].pid, signal.SIGKILL)
    lock = folder / "postgres" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]))  # the number now belongs to another program: to us
    with Services(folder) as services, psycopg.connect(services.environment["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_half_made_cluster_is_made_again(folder):
    (folder / "postgres").mkdir()
    (folder / "postgres.draft").mkdir()
    (folder / "postgres.draft" / "PG_VERSION").write_text("18")
    with (
        Services(folder, durable=False) as services,
        psycopg.connect(services.environment["DATABASE_URL"]) as database,
    ):
        assert database.execute("SELECT 1").fetchone() == (1,)


def test_a_cluster_of_another_version_is_named_with_the_cure(folder):
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(StackError, match="Remove it to start over"), Services(folder):
        pass


def test_a_command_runs_with_both_and_its_status_comes_back(capfd):
    code = "import os, sys; print(sorted(k for k in os.environ if k.endswith('_URL'))); sys.exit(7)"
    assert main([sys.executable, "-c", code]) == 7
    assert "['DATABASE_URL', 'REDIS_URL']" in capfd.readouterr().out


def test_stopping_a_child_ends_what_it_started(tmp_path):
    child = Child("family", [sys.executable, "-c", FAMILY + "time.sleep(60)"], tmp_path)
    child.start()
    assert _soon(lambda: len(psutil.Process(child.pid).children()) == 1)
    offspring = psutil.Process(child.pid).children()[0].pid
    child.stop()
    assert not child.is_running()
    assert _soon(lambda: not _alive(offspring))
    assert list((tmp_path / "running").iterdir()) == []


def test_a_child_that_ignores_us_is_killed(tmp_path):
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    child = Child("deaf", [sys.executable, "-c", deaf], tmp_path, grace_seconds=0.3)
    child.start()
    assert _soon(lambda: "deaf" in child.last_words())
    child.stop()
    assert child.exit_code == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_children_end_when_we_are_killed(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from shopsite.stack import Child\n"
        f"child = Child('c', [sys.executable, '-c', 'import time; time.sleep(60)'], Path({str(tmp_path)!r}))\n"
        "child.start(); print(child.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        orphan = int(parent.stdout.readline())
        parent.kill()
    assert _soon(lambda: not _alive(orphan))


def test_the_next_start_ends_the_leftover_of_a_killed_run(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True) as leftover:
        (tmp_path / "running").mkdir()
        record = {"pid": leftover.pid, "started_at": psutil.Process(leftover.pid).create_time()}
        (tmp_path / "running" / "c.json").write_text(json.dumps(record))
        child = Child("c", [sys.executable, "-c", "import time; time.sleep(60)"], tmp_path)
        child.start()
        assert not _alive(leftover.pid)
        assert child.is_running()
        child.stop()


def test_a_reused_process_id_is_nobody_of_ours(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True) as stranger:
        (tmp_path / "running").mkdir()
        (tmp_path / "running" / "c.json").write_text(json.dumps({"pid": stranger.pid, "started_at": 1.0}))
        Child("c", ["true"], tmp_path).end_leftover()
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("record", ["", "{", "[]", '{"pid": "x"}', "{}"])
def test_a_broken_record_is_ignored(tmp_path, record):
    (tmp_path / "running").mkdir()
    (tmp_path / "running" / "c.json").write_text(record)
    Child("c", ["true"], tmp_path).end_leftover()
    assert list((tmp_path / "running").iterdir()) == []


def test_a_missing_program_is_named_with_the_cure(tmp_path):
    with pytest.raises(StackError, match="make install"):
        Child("ghost", [str(tmp_path / "no-such-program")], tmp_path).start()


def test_a_second_demo_in_the_folder_is_refused_and_a_dead_ones_lock_is_not(tmp_path):
    (tmp_path / "lock").write_text("99999999")
    with FolderLock(tmp_path), pytest.raises(StackError, match=f"process {os.getpid()}"), FolderLock(tmp_path):
        pass
    with FolderLock(tmp_path):
        pass


def test_a_port_in_use_is_named_with_the_cure():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(StackError, match=rf"make demo PORT={port + 1}"):
            check_port(port)
    check_port(port)
