"""The web process: what it must not import, and what it may weigh. Both in fresh interpreters, on files."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("tensorflow", "keras", "implicit", "scipy", "sklearn", "pandas", "matplotlib", "threadpoolctl", "resvg_py")

PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth import get_user_model
get_user_model().objects.create_superuser("admin", "a@example.com", "secret")
from tests.shop import make_product
for number in range(8):
    for colour in ("red", "blue"):
        make_product(f"f{number}-{colour}", colour=colour, family=f"f{number}", corner=5 * number)
from recommender.services import training
training.train()
"""

SERVE = """
import json, sys
from importlib.machinery import ModuleSpec
class Blocker:
    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self) if name.split(".")[0] in %r else None
    def create_module(self, spec):
        raise ImportError(f"the web process imported {spec.name}")
    def exec_module(self, module):
        pass
sys.meta_path.insert(0, Blocker())
import django; django.setup()
from django.test import Client
from catalog.models import Product
client = Client()
product = Product.objects.first()
paths = ["/", product.get_absolute_url(), "/api/v1/products/", f"/api/v1/products/{product.pk}/similar/",
         "/api/v1/recommendations/", "/basket/", "/api/schema/"]
answers = {path: client.get(path, follow=True) for path in paths}
client.login(username="admin", password="secret")
answers |= {path: client.get(path, follow=True) for path in (
    "/admin/", "/admin/recommender/snapshot/", "/admin/recommender/imageembedding/", "/admin/catalog/product/")}
posted = client.post("/api/v1/events/", json.dumps({"events": []}), content_type="application/json")
page = answers[product.get_absolute_url()].content.decode()
private = sum(int(line.split()[1]) for line in open("/proc/self/smaps_rollup") if line.startswith("Private"))
print(json.dumps({
    "statuses": {path: answer.status_code for path, answer in answers.items()},
    "events": posted.status_code,
    "shelf": page.count("/product") > 3,
    "uss_mb": private / 1024,
}))
"""

PUBLISH = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from dataclasses import replace
from benchmarks.catalogue import fill
from recommender.services import publishing
from recommender.storage import snapshots
fill(800)
first = publishing.load(snapshots.active())
for number in range(1, 33):
    vectors = first.catalogue.vectors.copy()
    vectors[0, 0] += number / 1000
    publishing.publish(
        first.ids, replace(first.catalogue, vectors=vectors), encoder_version="benchmark", sequence=0, metrics={})
"""

FOLLOW = """
import json
from concurrent.futures import ThreadPoolExecutor
import django; django.setup()
from django.db import connections
from django.test import Client
from catalog.models import Product
from recommender.models import Snapshot
from recommender.services import serving
from recommender.storage import snapshots
paths = [f"/api/v1/products/{key}/similar/" for key in Product.objects.values_list("pk", flat=True)[:20]]
def serve():
    client = Client()
    statuses = {client.get(path).status_code for path in paths}
    connections.close_all()
    return statuses == {200}
threads = [ThreadPoolExecutor(1) for _ in range(16)]
answered = [thread.submit(serve).result() for thread in threads]
readings = []
for number, snapshot in enumerate(Snapshot.objects.order_by("pk")):
    snapshots.activate(snapshot)
    serving.expire()
    answered.append(threads[number % 16].submit(serve).result())
    files = {line.split()[-1] for line in open("/proc/self/maps") if line.endswith(".npy\\n")}
    private = sum(int(line.split()[1]) for line in open("/proc/self/smaps_rollup") if line.startswith("Private"))
    readings.append({"snapshot": serving.current().snapshot.pk, "files": len(files), "uss_mb": private / 1024})
print(json.dumps({"answered": all(answered), "of_one": len(set(snapshot.files.values())), "readings": readings}))
"""

BLAS_THREADS = """
import os, runpy
os.environ.pop("OPENBLAS_NUM_THREADS", None)
os.environ.pop("OMP_NUM_THREADS", None)
runpy.run_path("gunicorn.conf.py")
import numpy
from threadpoolctl import threadpool_info
print([library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"])
"""


def run(code, folder):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{folder}/shop.sqlite3",
        "DATA_DIR": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_every_page_is_served_without_heavy_modules_and_lightly(tmp_path):
    run(PREPARE, tmp_path)
    report = json.loads(run(SERVE % (HEAVY,), tmp_path).splitlines()[-1])
    assert set(report["statuses"].values()) == {200}, report
    assert report["events"] == 400
    assert report["shelf"]
    assert report["uss_mb"] <= 200, report


def test_following_thirty_snapshots_maps_the_last_and_costs_no_memory(tmp_path):
    run(PUBLISH, tmp_path)
    report = json.loads(run(FOLLOW, tmp_path).splitlines()[-1])
    first, *_, last = report["readings"]
    assert report["answered"]
    assert last["snapshot"] - first["snapshot"] == 32
    assert last["files"] <= report["of_one"] + 10, report  # the index of the one before stays open
    assert last["uss_mb"] - first["uss_mb"] <= 10, report


def test_the_server_gives_numpy_one_blas_thread(tmp_path):
    assert run(BLAS_THREADS, tmp_path).strip() == "[1]"
