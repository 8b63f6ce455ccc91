"""The API keeps to its description: whatever it allows, and much that it does not, asked by three kinds of people.

Schemathesis makes the requests, the same ones in each run: those that cover each parameter's limits, wrong types,
missing and surplus parts and methods that are not there, and some at random. What would be refused for not naming
anything that exists is asked again with what does exist.
"""

from pathlib import Path

import hypothesis
import pytest
import schemathesis
import yaml
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from recommender.api import rotation
from recommender.services import visitors
from recommender.services.searching.photos import look
from recommender.services.searching.query_ids import seal
from shopsite.wsgi import application
from tests.api.conftest import light, phones, token_of  # noqa: F401 - the API's shop
from tests.shop import phone_picture

DESCRIPTION = Path(__file__).parents[2] / "docs" / "reference" / "openapi.yaml"
SCHEMA = schemathesis.openapi.from_dict(
    yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8")), config=schemathesis.Config(seed=0)
)
SCHEMA.app = application
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
AS_DESCRIBED, OTHERWISE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
AT_RANDOM = 10
"""Random requests for each operation and kind of person."""

PROMISES = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def same_connection():
    """The end of a request closes the connection that the test's transaction is on, unless Django's own client asks."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(params=["anonymous", "shopper", "staff"])
def person(request, django_user_model):
    """Headers of somebody, and the user that a login names."""
    users = django_user_model.objects
    user = users.create_user("ada", password="correct horse", is_staff=request.param == "staff")
    return ({} if request.param == "anonymous" else token_of(user)), user


def existing(shop, user):
    """Name of a parameter or a member of a body -> a function for a value that names something that exists."""
    nova = str(shop["nova"].pk)
    return {
        "product_id": lambda: nova,
        "slug": lambda: "product-page",
        "product": lambda: nova,
        "kind": lambda: "view",
        "username": lambda: user.username,
        "password": lambda: "correct horse",
        "refresh": lambda: rotation.issue(user)["refresh"],
        visitors.TOKEN_HEADER: visitors.issue_token,
        "query": lambda: seal(look(phone_picture("blue")))[1],
        "region": lambda: "0,0,1,1",
        "photo": lambda: phone_picture("red"),
    }


def made_real(value, names):
    """The value with what exists wherever it has a name for it."""
    if isinstance(value, list):
        return [made_real(item, names) for item in value]
    if isinstance(value, dict):
        return {name: names[name]() if name in names else made_real(item, names) for name, item in value.items()}
    return value


def make_real(case, names):
    """Put what exists into the request; return whether it has a place for it."""
    before = (case.path_parameters, case.query, dict(case.headers), case.body)
    case.path_parameters, case.query, case.headers, case.body = (made_real(part, names) for part in before)
    return (case.path_parameters, case.query, dict(case.headers), case.body) != before


def requests(operation):
    """All requests to ask an operation with."""
    both, options = [AS_DESCRIBED, OTHERWISE], SCHEMA.config.generation
    yield from SCHEMA.iter_coverage_cases(operation, generation_modes=both, generation_config=options)
    some = operation.as_strategy(generation_mode=AS_DESCRIBED) | operation.as_strategy(generation_mode=OTHERWISE)
    drawn = []

    @hypothesis.settings(
        max_examples=AT_RANDOM, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @hypothesis.given(case=some)
    def draw(case):
        drawn.append(case)

    draw()
    yield from drawn


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_one_that_is_described(label, person, phones):  # noqa: F811
    headers, user = person
    names = existing(phones, user)
    statuses = set()

    def ask(case):
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=PROMISES, headers=headers)
        if case.method == case.operation.method.upper():
            statuses.add(answer.status_code)

    for case in requests(OPERATIONS[label]):
        ask(case)
        if make_real(case, names):
            ask(case)
    assert min(statuses) < 300, f"{sorted(statuses)}: name in existing() what this address has to be given"
