"""The OpenAPI schema: valid, without warnings, committed, and true of what the API answers."""

import re
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.utils.html import escape

from recommender.api import urls
from recommender.api.throttles import RATES
from recommender.models import InteractionKind
from recommender.services.explaining import Source
from recommender.services.reading_events import KINDS
from tests.api.conftest import event, send

COMMITTED = Path(__file__).parents[2] / "docs" / "reference" / "openapi.yaml"
REFERENCE = COMMITTED.with_name("api.md")
CURE = (
    "run: make client, or where Node.js is missing: "
    "manage.py spectacular --settings tests.settings --file docs/reference/openapi.yaml"
)


@pytest.fixture(scope="module")
def generated():
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def schema(generated):
    return yaml.safe_load(generated)


def operations(schema):
    for address, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {address}", operation


def test_the_committed_schema_is_what_the_code_says(generated):
    assert COMMITTED.read_text(encoding="utf-8") == generated, CURE


def test_every_address_of_the_api_is_described(schema):
    mounted = {str(pattern.pattern).replace("<str:", "{").replace(">", "}") for pattern in urls.urlpatterns} - {""}
    assert {address.removeprefix("/api/v1/") for address in schema["paths"]} == mounted


def test_every_operation_says_what_it_is_and_shows_examples(schema):
    for name, operation in operations(schema):
        assert operation["summary"], name
        for status, response in operation["responses"].items():
            assert response["description"], f"{name} {status}"
            for media in response.get("content", {}).values():
                assert media["examples"], f"{name} {status}"
        if body := operation.get("requestBody"):
            assert all(media["examples"] for media in body["content"].values()), name


def test_every_error_is_described_as_problem_details(schema):
    for name, operation in operations(schema):
        errors = {status: response for status, response in operation["responses"].items() if status >= "400"}
        assert errors.keys() >= {"406", "429", "500", "503"}, name
        for status, response in errors.items():
            assert response["content"].keys() == {"application/problem+json"}, f"{name} {status}"
        for status in ("429", "503"):
            assert "Retry-After" in errors[status]["headers"], name


def test_every_operation_is_told_the_language_and_tells_the_limits(schema):
    for name, operation in operations(schema):
        assert "Accept-Language" in {parameter["name"] for parameter in operation["parameters"]}, name
        told = {
            status for status, response in operation["responses"].items() if "RateLimit" in response.get("headers", {})
        }
        assert told == {status for status in operation["responses"] if status < "400"} | {"429"}, name


def test_what_can_be_asked_for_again_can_be_answered_304(schema):
    cacheable = {name for name, operation in operations(schema) if "304" in operation["responses"]}
    assert {name for name, operation in operations(schema) if "ETag" in str(operation["responses"])} == cacheable
    assert cacheable >= {
        "GET /api/v1/products/",
        "GET /api/v1/products/{product_id}/",
        "GET /api/v1/products/{product_id}/similar/",
        "GET /api/v1/recommendations/trending/",
    }


def test_closed_lists_are_the_codes_own(schema):
    components = schema["components"]["schemas"]
    assert components["SourceEnum"]["enum"] == [source.value for source in Source]
    assert components["EventKindEnum"]["enum"] == list(KINDS)
    assert components["VisitorEventKindEnum"]["enum"] == InteractionKind.values


def resolve(schema, shape):
    return schema["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]] if "$ref" in shape else shape


def assert_fits(schema, shape, value, path="$"):
    """The value has exactly the members that the shape promises."""
    if shape.get("nullable") and value is None:
        return
    (shape,) = shape.get("allOf", [shape])
    shape = resolve(schema, shape)
    if "enum" in shape:
        assert value in shape["enum"], path
        return
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}
    assert isinstance(value, kinds[shape["type"]]), path
    if shape["type"] == "array":
        for i, item in enumerate(value):
            assert_fits(schema, shape["items"], item, f"{path}[{i}]")
    elif "properties" in shape:
        assert set(shape.get("required", [])) <= value.keys() <= shape["properties"].keys(), path
        for name, item in value.items():
            assert_fits(schema, shape["properties"][name], item, f"{path}.{name}")


@pytest.mark.django_db
def test_answers_have_the_shapes_described(schema, client, guest, phones, ada):
    nova = phones["nova"]

    def assert_described(answer, address, method="get"):
        response = schema["paths"][f"/api/v1/{address}"][method]["responses"][str(answer.status_code)]
        (media,) = response["content"].values()
        assert_fits(schema, media["schema"], answer.json())

    assert_described(send(guest, event(nova), event("x")), "events/", "post")
    assert_described(send(guest, event("x")), "events/", "post")
    assert_described(send(client, event(nova)), "events/", "post")
    assert_described(send(guest, event(nova), headers={"DNT": "1"}), "events/", "post")
    assert_described(client.get("/api/v1/products/", {"page_size": 1}), "products/")
    assert_described(client.get("/api/v1/products/", {"page_size": 0}), "products/")
    assert_described(client.get(f"/api/v1/products/{nova.pk}/"), "products/{product_id}/")
    assert_described(client.get("/api/v1/products/x/"), "products/{product_id}/")
    assert_described(client.get(f"/api/v1/products/{nova.pk}/similar/"), "products/{product_id}/similar/")
    assert_described(guest.get("/api/v1/recommendations/"), "recommendations/")
    assert_described(client.get("/api/v1/recommendations/trending/"), "recommendations/trending/")
    assert_described(client.post("/api/v1/guests/"), "guests/", "post")
    assert_described(guest.get("/api/v1/me/"), "me/")
    for password in ("correct horse", "wrong"):
        body = {"username": "ada", "password": password}
        answer = client.post("/api/v1/auth/token/", body, content_type="application/json")
        assert_described(answer, "auth/token/", "post")


def test_the_reference_page_names_every_address_and_limit(schema):
    page = REFERENCE.read_text(encoding="utf-8")
    for name, _ in operations(schema):
        assert f"`{name}`" in page
    for scope in RATES:
        assert f"`{scope}`" in page


@pytest.mark.django_db
def test_the_schema_and_its_page_are_served_offline(client):
    assert b"/api/v1/products/" in client.get("/api/schema/").content
    for address in ("/api/docs/", "/api/docs/try/"):
        page = client.get(address).content.decode()
        assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
        assert "<script>" not in page
        assert "<style" not in page
        assert " style=" not in page


@pytest.mark.django_db
def test_the_page_to_read_tells_all_of_the_schema(client, schema):
    page = client.get("/api/docs/", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert '<html lang="en">' in page
    assert "每页商品数" not in page
    for _, operation in operations(schema):
        article = page.split(f'<article id="{operation["operationId"]}"')[1].split("</article>")[0]
        assert escape(operation["summary"]) in article
        assert re.findall(r'class="status[^"]*">(\d+)<', article) == sorted(operation["responses"])
        told = re.findall(r"<dt><code>([^<]+)</code>", article)
        assert told == [parameter["name"] for parameter in operation["parameters"]]
    for name, shape in schema["components"]["schemas"].items():
        article = page.split(f'<article id="shape-{name}"')[1].split("</article>")[0]
        assert re.findall(r"<dt><code>([^<]+)</code>", article) == list(shape.get("properties", {}))
    named = set(re.findall(r'href="#([^"]+)"', page))
    assert named <= set(re.findall(r'id="([^"]+)"', page))
