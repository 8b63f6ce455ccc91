"""Events of eight clients at once, through a real web server into real PostgreSQL: none lost, none doubled."""

import http.client
import json
import random
import socket
import sys
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from recommender.models import Interaction, Visitor
from recommender.services import visitors
from shopsite.stack import Child
from tests.shop import make_product

pytestmark = [pytest.mark.realservices, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 8
BATCH = 100
RETRIED = 0.05
KINDS = ("view", "view", "view", "click", "cart", "remove", "favourite", "dismiss")


@pytest.fixture
def web(worker_environment, tmp_path, waiting):
    """The port of a server with two processes of four threads each."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "shopsite.wsgi", f"--bind=127.0.0.1:{port}", "--workers=2"]
    environment = worker_environment | {"PYTHONPATH": str(ROOT), "ALLOWED_HOSTS": "127.0.0.1", "LOG_LEVEL": "ERROR"}
    server = Child(
        "web",
        [*command, "--worker-class=gthread", "--threads=4", "--no-control-socket"],
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
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
    except OSError:
        return False


def reported(port, seed, products, n):
    """Send one guest's events; some batches twice, as an app does that got no answer, the second one at the same time.

    Returns:
        How many the server says are accepted, and the ids that were sent.
    """
    rng = random.Random(seed)
    headers = {
        "Content-Type": "application/json",
        "X-Visitor-Token": visitors.issue_token(),
        "X-Forwarded-For": f"10.0.0.{seed}",
    }
    said, sent = Counter(), []

    def post(body):
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
            connection.request("POST", "/api/v1/events/", body, headers)
            answer = connection.getresponse()
            text = answer.read()
        assert answer.status == 200, text
        return json.loads(text)

    with ThreadPoolExecutor(2) as pool:
        for _ in range(n // BATCH):
            events = [
                {
                    "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
                    "kind": rng.choice(KINDS),
                    "product": product,
                }
                for product in rng.choices(products, k=BATCH)
            ]
            sent += [event["id"] for event in events]
            body = json.dumps({"events": events})
            for answer in pool.map(post, [body] * (2 if rng.random() < RETRIED else 1)):
                said.update(accepted=answer["accepted"], duplicates=answer["duplicates"], errors=len(answer["errors"]))
    return said, sent


def count(web, n):
    products = [str(make_product(f"phone-{number}", picture=False).pk) for number in range(20)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        outcomes = list(pool.map(lambda seed: reported(web, seed, products, n // CLIENTS), range(CLIENTS)))
    sent = Counter(uuid.UUID(client_id) for _said, ids in outcomes for client_id in ids)
    stored = Counter(Interaction.objects.values_list("client_id", flat=True))
    assert len(sent) == n
    assert stored == sent, "events were lost or doubled"
    assert Visitor.objects.count() == CLIENTS
    said = sum((said for said, _ids in outcomes), Counter())
    assert said["errors"] == 0
    # Of two batches at once, both may count an event as new: each is stored once all the same.
    assert said["accepted"] >= n
    assert said["accepted"] + said["duplicates"] > n


def test_10_400_events_of_eight_clients_are_each_stored_once(web):
    count(web, 10_400)


@pytest.mark.faults
def test_100_000_events_of_eight_clients_are_each_stored_once(web):
    count(web, 100_000)
