"""`make demo` from nothing, killed in the middle, resumed, stopped: with a small range."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 480.0


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="shop-demo-") as path:
        yield Path(path)


@pytest.fixture(scope="module")
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Run:
    """One start of the demo."""

    def __init__(self, folder, port):
        environment = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "DATA_DIR")
        }
        environment |= {"DEMO_DIR": str(folder), "DEMO_SIZE": "small", "PORT": str(port)}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.output = folder / "output.txt"
        self.started = time.monotonic()
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "shopsite.demo"], cwd=ROOT, env=environment, stdout=output, stderr=output
            )

    def says(self, text):
        return text in self.output.read_text()

    def wait_for(self, text, seconds=START_SECONDS):
        while not self.says(text):
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() - self.started < seconds, self.output.read_text()
            time.sleep(0.1)
        return time.monotonic() - self.started

    def family(self):
        """The demo's children, and the processes that they started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number):
        self.process.send_signal(number)
        return self.process.wait(40)


@pytest.fixture
def start(folder, port):
    runs = []

    def run():
        runs.append(Run(folder, port))
        return runs[-1]

    yield run
    for begun in runs:
        if begun.process.poll() is None:
            begun.end(signal.SIGTERM)


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def gone(processes, seconds=20.0):
    """Whether all these processes end in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        alive = [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
        if not alive:
            return True
        time.sleep(0.1)
    return False


def test_a_start_that_is_killed_is_resumed_and_the_next_one_is_quick(start, folder, port):
    first = start()
    first.wait_for("The shop is open", 120)
    assert get(port, "/")[0] == 200
    first.wait_for("Importing products:")
    family = first.family()
    assert len(family) >= 8
    first.end(signal.SIGKILL)
    assert gone(family)

    second = start()
    second.wait_for("All is ready")
    status, page = get(port, "/products/")
    assert status == 200
    product = re.search(r'href="(/products/\d+/[^"]+)"', page)[1]
    assert "% match" in get(port, product)[1]

    third = start()
    assert third.process.wait(30) == 1
    assert f"already runs from this folder (process {second.process.pid})" in third.output.read_text()

    web = next(process for process in second.family() if "gunicorn" in " ".join(process.cmdline()))
    web.kill()
    second.output.write_text("")
    second.wait_for("web had ended and was started again", START_SECONDS * 2)
    family = second.family()
    assert second.end(signal.SIGINT) == 0
    assert gone(family, 1)
    assert not any((folder / "running").iterdir())

    fourth = start()
    assert fourth.wait_for("All is ready") < 60
    assert fourth.end(signal.SIGTERM) == 0
    assert "Traceback" not in fourth.output.read_text()


def test_a_port_in_use_is_told_with_the_cure(start, port):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        run = start()
        assert run.process.wait(30) == 1
        assert run.output.read_text().startswith(f"Port {port} cannot be used")


def test_a_database_that_dies_ends_the_demo_with_a_sentence(start, port):
    run = start()
    run.wait_for("All is ready")
    family = run.family()
    next(process for process in family if process.name() == "postgres").kill()
    assert run.process.wait(60) == 1
    assert "postgres has ended" in run.output.read_text()
    assert "Traceback" not in run.output.read_text()
    assert gone(family, 5)
