"""Log lines: JSON that a machine reads, ids that connect them, and nobody's name, address or visitor id."""

import json
import logging
import uuid

import pytest
from django.contrib.auth import get_user_model
from django.core.signals import got_request_exception
from django.db import DatabaseError, connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Order, Product
from recommender.models import Interaction, Visitor
from recommender.monitoring.logs import JsonFormatter, LineFormatter, scrubbed
from tests.shop import make_product

ADDRESS = "203.0.113.77"
PERSON = {
    "email": "ada.lovelace+phones@analytical.example",
    "name": "Augusta Ada Byron-King",
    "address": "12 St James's Square",
    "postcode": "SW1Y4LB",
    "city": "Marylebone",
    "country": "DE",
}


class Lines(logging.Handler):
    """Formats whatever reaches the root logger as the shop would."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.json, self.plain = [], []

    def emit(self, record):
        self.json.append(JsonFormatter().format(record))
        self.plain.append(LineFormatter().format(record))


@pytest.fixture
def lines():
    root, handler = logging.getLogger(), Lines()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def record(message, *arguments, **more):
    return logging.makeLogRecord({"msg": message, "args": arguments, "levelname": "INFO", "name": "shop", **more})


def test_a_line_is_one_json_object_whatever_it_says():
    text = JsonFormatter().format(record('He said: "%s"', 'line\nbreak \x00 \u202e "'))
    assert "\n" not in text
    found = json.loads(text)
    assert found["message"] == 'He said: "line\nbreak \x00 \u202e ""'
    assert found.keys() == {"time", "level", "logger", "message"}
    assert found["time"].endswith("+00:00")


def test_the_exception_goes_along_without_the_row_that_the_database_refused():
    message = "duplicate key\nDETAIL:  Key (email)=(ada) already exists.\nHINT: none"
    try:
        raise DatabaseError(message)
    except DatabaseError as error:
        failure = (DatabaseError, error, error.__traceback__)
    shown = json.loads(JsonFormatter().format(record("Failed", exc_info=failure)))
    assert "duplicate key" in shown["exception"]
    assert "HINT: none" in shown["exception"]
    assert "ada" not in shown["exception"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail to ada@example.org failed", "mail to [e-mail] failed"),
        ("/x?email=ada%40example.org", "/x?email=[e-mail]"),
        ("from 203.0.113.7: refused", "from [address]: refused"),
        ("from 2001:db8::8a2e:370:7334", "from [address]"),
        ("visitor 0d7a3f5e-6b1c-4f0e-9a2d-3c4b5a697887", "visitor [id]"),
        ("Not Found: /accounts/reset/MQ/c2-abc/", "Not Found: /accounts/reset/[secret]"),
        ("at 12:30:45, version 1.2.3, 3 products", "at 12:30:45, version 1.2.3, 3 products"),
    ],
)
def test_what_names_a_person_is_struck_out(text, expected):
    assert scrubbed(text) == expected


@given(st.text(), st.emails(), st.text())
def test_no_mail_address_survives(before, address, after):
    local, domain = address.rsplit("@", 1)
    plain = local.replace("-", "").isalnum() and "." in domain
    if plain and local.isascii():
        assert f"{local}@{domain}" not in scrubbed(f"{before} {address} {after}")


def personal():
    visitors = [str(key) for key in Visitor.objects.values_list("pk", flat=True)]
    return [ADDRESS, *visitors, *(value for name, value in PERSON.items() if name != "country"), "Ada", "Lovelace"]


def buy(client, product):
    assert client.post(f"/basket/add/{product.pk}/", {"quantity": 1}).status_code == 302
    hidden = client.get("/checkout/").context["hidden"]
    card = client.get("/checkout/").context["form"]["card"].field.choices[0][0]
    answer = client.post("/checkout/", PERSON | hidden | {"card": card})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


@pytest.mark.django_db
def test_a_visit_from_login_to_purchase_leaves_no_trace_of_who_it_was(lines, client):
    client = Client(REMOTE_ADDR=ADDRESS, raise_request_exception=False)
    nova = make_product("nova")
    user = get_user_model().objects.create_user(PERSON["email"], PERSON["email"], "correct horse", first_name="Ada")
    guest = Client(REMOTE_ADDR=ADDRESS, headers={"X-Visitor-Token": client.post("/api/v1/guests/").json()["token"]})
    event = {"id": str(uuid.uuid4()), "kind": "view", "product": str(nova.pk)}
    for body in ({"events": [event, {"kind": PERSON["email"]}]}, {"events": PERSON["name"]}):
        guest.post("/api/v1/events/", json.dumps(body), content_type="application/json")
    client.get(nova.get_absolute_url())
    order = buy(client, nova)
    for password in ("wrong", "correct horse"):
        client.post("/accounts/login/", {"username": PERSON["email"], "password": password})
    Client(REMOTE_ADDR=ADDRESS).get(order)
    client.get(f"/{PERSON['email']}/")
    client.get("/", headers={"host": f"{ADDRESS}:1"})
    client.post("/accounts/password_reset/", {"email": PERSON["email"]})
    client.get("/accounts/reset/MQ/c8o-3f1b/")
    assert Order.objects.get().name == PERSON["name"]
    assert Interaction.objects.count() >= 3
    text = "\n".join([*lines.json, *lines.plain])
    assert [word for word in personal() if word in text] == []
    assert "c8o-3f1b" not in text
    assert user.password not in text
    requests = [json.loads(line) for line in lines.json if '"route"' in line]
    assert {"catalog:checkout", "recommender:events", "login", "unknown"} <= {line["route"] for line in requests}
    assert len({line["request_id"] for line in requests}) == len(requests)


@pytest.mark.django_db(transaction=True)
def test_a_fault_in_the_middle_of_a_purchase_is_logged_without_its_buyer(lines, monkeypatch):
    nova = make_product("nova")
    client = Client(REMOTE_ADDR=ADDRESS, raise_request_exception=False)
    failures = []
    got_request_exception.connect(lambda **_: failures.append(1), weak=False, dispatch_uid="tests.logs")

    def refuse(execute, sql, params, many, context):
        if "INSERT INTO" in sql and "catalog_order" in sql:
            raise DatabaseError(f"no room\nDETAIL:  Failing row contains {params}.")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse), pytest.raises(AssertionError):
        buy(client, nova)
    got_request_exception.disconnect(dispatch_uid="tests.logs")
    assert failures
    assert Product.objects.get().stock == 5
    text = "\n".join([*lines.json, *lines.plain])
    assert "no room" in text
    assert [word for word in personal() if word in text] == []
    fault = next(json.loads(line) for line in lines.json if '"exception"' in line)
    assert any(json.loads(line).get("request_id") == fault["request_id"] for line in lines.json if '"route"' in line)
