"""Migrations on a shop that is full: forward without loss, backward without error, and none forgotten."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from catalog.models import Order, OrderLine, Product
from recommender.models import ImageEmbedding, Interaction, Snapshot, Visitor
from recommender.services import embedding, recommending, serving, tracking, training
from tests.services.conftest import light  # noqa: F401 - the light encoder for these tests too
from tests.shop import make_product

ROOT = Path(__file__).resolve().parent.parent
OURS = ("recommender", "catalog")

CHECK = """
import django, sys
from django.conf import settings
settings.DEFAULT_AUTO_FIELD = sys.argv[1]
django.setup()
from django.core.management import call_command
call_command("makemigrations", check=True, dry_run=True)
"""


@pytest.mark.parametrize("name", ["AutoField", "BigAutoField", "SmallAutoField"])
def test_no_migration_is_missing_whatever_key_the_host_prefers(name):
    done = subprocess.run(
        [sys.executable, "-c", CHECK, f"django.db.models.{name}"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def steps(app):
    """The names of an app's migrations, first to last."""
    return sorted(name for label, name in MigrationLoader(connection).disk_migrations if label == app)


def rows():
    """Every row of our tables by key, without what an older version does not know."""
    loader = MigrationLoader(connection)
    older = {key for app in OURS if len(steps(app)) > 1 for key in loader.project_state((app, steps(app)[-2])).models}
    models = [
        model
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        if len(steps(app)) == 1 or (app, model._meta.model_name) in older
    ]
    return {model._meta.label: sorted(map(str, model._base_manager.values_list("pk", flat=True))) for model in models}


@pytest.fixture
def full(light):  # noqa: F811
    products = [make_product(f"nova{n}", colour=colour) for n, colour in enumerate(("red", "gold", "blue", "green"))]
    embedding.embed([product.pk for product in products])
    visitor = Visitor.objects.create()
    for product in products:
        events = [{"id": str(uuid.uuid4()), "kind": "view", "product": str(product.pk)}]
        tracking.record_batch(visitor, events)
    order = Order.objects.create(name="Ada", email="ada@example.org")
    OrderLine.objects.create(order=order, product=products[0], sku="nova0", title="Nova", quantity=1, position=0)
    training.train()
    yield products
    for app in OURS:
        call_command("migrate", app, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_one_step_back_and_forward_again_loses_no_row(full):
    before = rows()
    vectors = dict(ImageEmbedding.objects.values_list("pk", "vector"))
    assert all(before[label] for label in ("catalog.Product", "recommender.Interaction", "recommender.Snapshot"))
    for app in OURS:
        names = steps(app)
        call_command("migrate", app, names[-2] if len(names) > 1 else "zero", verbosity=0)
        call_command("migrate", app, verbosity=0)
    assert rows() == before
    assert {pk: bytes(vector) for pk, vector in ImageEmbedding.objects.values_list("pk", "vector")} == {
        pk: bytes(vector) for pk, vector in vectors.items()
    }


@pytest.mark.django_db(transaction=True)
def test_a_shop_of_the_first_version_comes_all_the_way_forward(full):
    before = rows()
    for app in OURS:
        call_command("migrate", app, steps(app)[0], verbosity=0)
    for app in OURS:
        call_command("migrate", app, verbosity=0)
    kept = rows()
    for label in ("catalog.Product", "catalog.Order", "catalog.OrderLine", "catalog.ProductImage"):
        assert kept[label] == before[label], label
    for model in (Interaction, Visitor, Snapshot, ImageEmbedding):
        assert kept[model._meta.label] == before[model._meta.label], model
    serving.reset()
    assert recommending.similar(Product.objects.get(sku="nova0")).items
