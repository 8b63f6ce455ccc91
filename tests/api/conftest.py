import uuid

import pytest
from django.core.cache import cache
from django.test import Client

from recommender.services import embedding, serving
from tests.shop import LIGHT, make_product


@pytest.fixture(autouse=True)
def light(settings, tmp_path):
    """The light encoder, a folder of its own, and no memory of earlier tests."""
    settings.RECOMMENDER = settings.RECOMMENDER | {"ENCODER": LIGHT, "CACHE_DIR": tmp_path / "cache", "POLL_SECONDS": 0}
    settings.MEDIA_ROOT = tmp_path / "media"
    cache.clear()
    serving.reset()
    yield
    serving.reset()


@pytest.fixture
def make(db):
    """Makes a product whose picture is embedded, as after a commit."""

    def make_embedded(name, **values):
        product = make_product(name, **values)
        embedding.embed([product.pk])
        return product

    return make_embedded


@pytest.fixture
def phones(db):
    """Two red families, one blue, one green; their pictures are embedded."""
    made = {
        "nova": make_product("nova", colour="red"),
        "ruby": make_product("ruby", colour="red", lens=2),
        "azur": make_product("azur", colour="blue"),
        "leaf": make_product("leaf", colour="green"),
    }
    embedding.embed([product.pk for product in made.values()])
    return made


@pytest.fixture
def guest(db):
    """A client that sends a guest's token."""
    token = Client().post("/api/v1/guests/").json()["token"]
    return Client(headers={"X-Visitor-Token": token})


@pytest.fixture
def ada(django_user_model):
    return django_user_model.objects.create_user("ada", password="correct horse")


@pytest.fixture
def clerk(django_user_model):
    return django_user_model.objects.create_user("clerk", password="correct horse", is_staff=True)


def token_of(user):
    from rest_framework.authtoken.models import Token

    return {"Authorization": f"Token {Token.objects.get_or_create(user=user)[0].key}"}


def event(product, kind="view", **values):
    return {"id": str(uuid.uuid4()), "kind": kind, "product": str(getattr(product, "pk", product))} | values


def send(client, *events, **extra):
    return client.post("/api/v1/events/", {"events": list(events)}, content_type="application/json", **extra)


def assert_problem(response, status, code):
    """The response is problem details of this status and code, and nothing else."""
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    problem = response.json()
    assert problem.keys() - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert (problem["type"], problem["status"], problem["code"]) == ("about:blank", status, code)
    assert problem["detail"]
    return problem
