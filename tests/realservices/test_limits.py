"""Limits on a real web server of several processes and threads, with everybody pushing at once."""

import http.client
import json
import re
import socket
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest

from shopsite.stack import Child

pytestmark = [pytest.mark.realservices, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
TRIES = 1000
SETTINGS = """
from tests.settings import *

LIMITS |= {"login address": "30/hour", "login account": "7/hour"}
MAX_REQUESTS = 0
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] |= {"token": "9/hour"}
"""


@pytest.fixture
def web(worker_environment, tmp_path, waiting):
    """The port of a server with two processes of eight threads each."""
    (tmp_path / "limited_settings.py").write_text(SETTINGS, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "shopsite.wsgi", f"--bind=127.0.0.1:{port}", "--workers=2"]
    environment = worker_environment | {
        "DJANGO_SETTINGS_MODULE": "limited_settings",
        "PYTHONPATH": f"{tmp_path}:{ROOT}",
        "ALLOWED_HOSTS": "127.0.0.1",
    }
    server = Child(
        "web",
        [*command, "--worker-class=gthread", "--threads=8", "--no-control-socket"],
        tmp_path,
        environment=environment,
        grace_seconds=5,
    )
    server.start()
    waiting(lambda: answers(port), lambda: server.last_words(30))
    yield port
    server.stop()


def answers(port):
    try:
        return ask(port, "GET", "/healthz")[0] == 200
    except OSError:
        return False


def ask(port, method, path, body=None, headers=None):
    """Status, headers and text."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def push(call):
    """How many tries ended in which status: a thousand connections at once, where the system allows that many."""
    with ThreadPoolExecutor(TRIES) as pool:
        return Counter(pool.map(lambda number: call(number)[0], range(TRIES)))


def test_no_number_of_tries_at_once_gets_past_the_limits(web):
    _, headers, page = ask(web, "GET", "/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    sent = {
        "Cookie": headers["Set-Cookie"].partition(";")[0],
        "Content-Type": "application/x-www-form-urlencoded",
    }

    def log_in(name):
        form = {"username": name, "password": "wrong", "csrfmiddlewaretoken": token}
        return ask(web, "POST", "/accounts/login/", urlencode(form), sent)

    assert push(lambda _: log_in("ada")) == {200: 7, 429: TRIES - 7}
    # The same tries also counted against the address, which has none left for anybody.
    assert push(lambda number: log_in(f"user{number}")) == {429: TRIES}

    body = json.dumps({"username": "ada", "password": "wrong"})
    json_type = {"Content-Type": "application/json"}
    assert push(lambda _: ask(web, "POST", "/api/v1/auth/token/", body, json_type)) == {400: 9, 429: TRIES - 9}
