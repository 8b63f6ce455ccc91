"""The TypeScript client: made from the description of today, accepted by the compiler, and used against a real shop."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from recommender.models import Interaction, Visitor
from tests.api.conftest import light, make, phones  # noqa: F401 - the API's shop

CLIENT = Path(__file__).parents[2] / "clients" / "typescript"
PARTS = CLIENT / "node_modules" / ".bin"

pytestmark = pytest.mark.client


def run(*command):
    """What a command of the client's folder prints."""
    if shutil.which("node") is None or not PARTS.exists():
        pytest.fail("Node.js or the client's packages are missing: run `make test-client`, which says how to get them.")
    done = subprocess.run(command, cwd=CLIENT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_client_is_generated_from_the_description_of_today(tmp_path):
    fresh = tmp_path / "schema.ts"
    run(PARTS / "openapi-typescript", "../../docs/reference/openapi.yaml", "--output", fresh)
    assert (CLIENT / "src" / "schema.ts").read_text(encoding="utf-8") == fresh.read_text(encoding="utf-8"), (
        "The API changed since the client was generated: run `make client`."
    )


@pytest.fixture
def compiled(tmp_path):
    """The client and the day of an app, through the compiler at its strictest."""
    run(PARTS / "tsc", "--outDir", tmp_path / "dist")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(CLIENT / "node_modules")
    return tmp_path / "dist"


@pytest.mark.django_db(transaction=True)
def test_a_day_of_an_app(compiled, live_server, phones, django_user_model):  # noqa: F811
    ada = django_user_model.objects.create_user("ada", password="correct horse")
    seen = json.loads(run("node", compiled / "test" / "journey.js", live_server.url, "ada", "correct horse"))
    newest_first = [str(phones[name].pk) for name in ("leaf", "azur", "ruby", "nova")]

    assert seen["range"] == newest_first
    assert seen["product"]["title"] == "leaf"
    assert seen["product"]["renditions"][0]["url"].startswith(f"{live_server.url}/media/")
    assert seen["held"] == [None, "1"]
    assert seen["similar"]
    assert newest_first[0] not in seen["similar"]
    assert (seen["sent"]["accepted"], seen["sent"]["duplicates"]) == (2, 0)
    assert (seen["resent"]["accepted"], seen["resent"]["duplicates"]) == (0, 2)
    assert [error["code"] for error in seen["sent"]["errors"]] == ["unknown_product"]
    assert newest_first[0] not in seen["forGuest"]

    assert seen["refused"] == [400, "invalid"]
    mine = {event["kind"]: event["product_id"] for event in seen["mine"]["events"]}
    assert mine == {"view": newest_first[0], "click": seen["similar"][0]}
    assert seen["renewed"] == seen["mine"]
    assert newest_first[0] not in seen["forUser"]
    assert seen["wrong"][:2] == [400, "invalid"]
    assert "大于" in seen["wrong"][2]
    assert seen["out"] == [401, "visitor_required"]
    assert seen["kept"] == {}

    assert Visitor.objects.get().user == ada
    click = Interaction.objects.get(kind="click")
    assert (click.visitor.user, click.strategy, click.position) == (ada, "similar", 1)
