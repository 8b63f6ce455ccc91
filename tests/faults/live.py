"""A whole shop on real parts: web server, worker, clock, a broker of its own, and the test's database."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.test import Client

from benchmarks.crowd import Places
from catalog.models import Family, Product
from recommender.services import embedding, training
from shopsite.stack import Child, Valkey
from shopsite.stack.services import closed_room, short_folder
from tests.realservices.conftest import wait_for
from tests.shop import make_product, phone_picture

ROOT = Path(__file__).resolve().parents[2]
STOCK = 100_000


class Shop:
    """The processes, each of which a test may stop, freeze, kill or start again."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.sockets = short_folder()
        self.broker = Valkey(folder / "valkey", closed_room(self.sockets, "valkey"), folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        # So many work at once that a test's visitors never wait in line: overload is another test's matter.
        self.environment = (
            {"MAX_REQUESTS": "8"}
            | environment
            | {
                "REDIS_URL": self.broker.url,
                "DJANGO_SETTINGS_MODULE": "tests.faults.live_settings",
                "ALLOWED_HOSTS": "127.0.0.1",
                "PYTHONPATH": str(ROOT),
                "LOG_LEVEL": "WARNING",
            }
        )
        gunicorn = ["gunicorn", "shopsite.wsgi", f"--config={ROOT / 'gunicorn.conf.py'}", "--workers=2"]
        self.web = self.child("web", [*gunicorn, f"--bind=127.0.0.1:{self.port}", "--timeout=120"])
        self.workers = [self.worker("worker1")]
        beat = ["celery", "-A", "shopsite", "beat", "--loglevel=WARNING", "--pidfile="]
        self.beat = self.child("beat", [*beat, f"--schedule={self.sockets / 'celerybeat'}"])

    def child(self, name, command):
        # The programs themselves: a web server that was started with `python -m` cannot replace itself.
        program = str(Path(sys.executable).with_name(command[0]))
        return Child(name, [program, *command[1:]], self.folder, environment=self.environment, grace_seconds=20)

    def worker(self, name):
        command = ["celery", "-A", "shopsite", "worker", "--loglevel=INFO", "--concurrency=1", "--without-gossip"]
        return self.child(
            name, [*command, "--without-mingle", "--queues=vision,training,default", f"--hostname={name}@%h"]
        )

    def start(self):
        self.broker.start()
        for child in (self.web, *self.workers, self.beat):
            child.start()
        wait_for(self.answers, lambda: self.web.last_words(40))
        for worker in self.workers:
            self.await_worker(worker)

    def call(self, task):
        """Send a task, as the clock or a page does."""
        command = [sys.executable, "-m", "celery", "-A", "shopsite", "call", task]
        subprocess.run(
            command, cwd=ROOT, env=os.environ | self.environment, check=True, capture_output=True, timeout=120
        )

    def await_worker(self, worker):
        wait_for(lambda: "ready." in worker.log.read_text(errors="replace"), lambda: worker.last_words(40))

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as probe:
                probe.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                return b" 200 " in probe.recv(100)
        except OSError:
            return False

    def stop(self):
        for child in (self.beat, self.web, *self.workers):
            child.ask_to_stop()
        for child in (self.beat, self.web, *self.workers):
            child.stop()
        self.broker.stop()
        shutil.rmtree(self.sockets, ignore_errors=True)

    def last_words(self):
        return "\n".join(child.last_words(30) for child in (self.web, *self.workers))


def fill(n=8):
    """A few phones with pictures, in a snapshot; their keys."""
    colours = ("red", "gold", "blue", "green", "black")
    products = [make_product(f"nova{i}", colour=colours[i % 5], stock=STOCK) for i in range(n)]
    embedding.embed([product.pk for product in products])
    training.train()
    return [product.pk for product in products]


def places(port, keys):
    """What a crowd needs to know, with a manager who is logged in."""
    manager = Client()
    manager.force_login(get_user_model().objects.create_superuser("manager"))
    pages = ["/", "/products/", "/products/?q=nova", "/api/v1/recommendations/"]
    products = {key: product.get_absolute_url() for key, product in Product.objects.in_bulk(keys).items()}
    pages += products.values()
    pages += [f"/api/v1/products/{key}/similar/" for key in keys]
    name = django_settings.SESSION_COOKIE_NAME
    family = Family.objects.create(key="uploads", name="Uploads", category="phone")
    return Places(port, pages, products, {name: manager.cookies[name].value}, family.pk, phone_picture(size=60))
