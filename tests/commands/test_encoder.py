"""manage.py recommender_encoder: what a person types to try another encoder, to switch and to go back."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from recommender.models import Job, Snapshot
from recommender.services import serving, training
from tests.eyes import COARSE, TWO
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def live():
    for name, colour in (("nova", "red"), ("lumen", "blue"), ("orbit", "green")):
        make_product(name, colour=colour)
    return training.train()


def run(*args):
    out = StringIO()
    call_command("recommender_encoder", *args, stdout=out, stderr=StringIO())
    return out.getvalue()


def states():
    return {one["version"]: one["state"] for one in json.loads(run("list", "--json"))["encoders"]}


def test_prepare_switch_and_roll_back(live):
    first = live.encoder_version
    out = run("prepare", "--backend", COARSE["BACKEND"])
    made = Snapshot.objects.latest("pk")
    assert out.startswith(f"Encoder coarse-1 is prepared, with snapshot {made.pk}. Nothing was switched.")
    assert Job.objects.get(kind="embed").total == 3
    assert states() == {first: "live", "coarse-1": "candidate"}
    assert run("switch").startswith(f"Encoder coarse-1 is live, with snapshot {made.pk}.")
    assert states() == {"coarse-1": "live", first: "former"}
    assert run("rollback").startswith(f"Encoder {first} is live again, with snapshot {live.pk}.")


def test_the_list_says_what_is_lacking(live):
    with pytest.raises(CommandError, match="There is no candidate"):
        run("switch")
    line = f"  live      {live.encoder_version:<32}3 products seen, none lacking, snapshot {live.pk}"
    assert run("list").splitlines() == [line]


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["prepare"], "is live already"),
        (["prepare", "--backend", "no.such.Encoder"], "Cannot import the engine"),
        (["prepare", "--backend", COARSE["BACKEND"], "--options", "{"], "--options is no JSON"),
        (["prepare", "--backend", COARSE["BACKEND"], "--options", "[1]"], "must be a JSON object"),
        (["prepare", "--trained", "/no/such/folder"], "holds no trained encoder"),
        (["switch", "unknown-1"], "There is no encoder unknown-1"),
        (["rollback"], "No other encoder was live"),
    ],
)
def test_what_cannot_be_done_says_why_and_changes_nothing(live, args, reason):
    with pytest.raises(CommandError, match=reason):
        run(*args)
    assert states() == {live.encoder_version: "live"}


def test_workers_are_asked_and_a_dead_broker_is_named(live, settings, no_broker):
    settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}
    with pytest.raises(CommandError, match="The broker does not answer"):
        run("prepare", "--backend", COARSE["BACKEND"])
    assert states() == {live.encoder_version: "live", "coarse-1": "candidate"}
    assert run("prepare", "--backend", COARSE["BACKEND"], "--here").startswith("Encoder coarse-1 is prepared")


def test_other_weights_are_prepared_from_the_stored_vectors_and_switched_to():
    run("prepare", "--backend", TWO["BACKEND"])
    run("switch")
    assert run("prepare", "--weights", "shape=1,colour=3").startswith("Encoder two-1-0.2500 is prepared")
    assert run("switch").startswith("Encoder two-1-0.2500 is live")
    with pytest.raises(CommandError, match="--weights: Unknown blocks: smell") as refused:
        run("prepare", "--weights", "smell=1")
    assert refused.value.returncode == 2
    for text in ("shape", "shape=x"):
        with pytest.raises(CommandError, match="argument --weights: invalid"):
            run("prepare", "--weights", text)


def test_an_encoder_without_weights_is_named(live):
    with pytest.raises(CommandError, match=f"{live.encoder_version} has no weights to choose"):
        run("prepare", "--weights", "colour=1")


@pytest.mark.once
def test_weights_are_learned_from_labels_and_prepared_by_the_command_that_is_printed():
    for corner in range(24, 37):
        for colour in ("red", "blue"):
            make_product(f"{corner}-{colour}", colour=colour, corner=corner, family=f"f{corner}")
    run("prepare", "--backend", TWO["BACKEND"], "--options", '{"shape": 0.1}')
    run("switch")
    serving.reset()
    lines = run("learn-weights", "--labels", "family").splitlines()
    assert lines[0].split() == ["weights", "now", "found"]
    assert lines[1].split()[:3] == ["shape", "10", "%"]
    command = lines[-1].removeprefix("To have these weights: manage.py recommender_encoder ")
    found = json.loads(run("learn-weights", "--labels", "family", "--json"))
    assert command == found["command"].removeprefix("manage.py recommender_encoder ")
    assert found["is_better"]
    assert found["after"] > found["before"]
    assert [one["label"] for one in found["judged"]] == ["family"]
    assert states()["two-1-0.1000"] == "live"
    shape = found["weights"]["shape"] / 100
    assert run(*command.split()).startswith(f"Encoder two-1-{shape:.4f} is prepared")
    assert "No weights are surely better" in run("learn-weights", "--labels", "color")


def test_weights_cannot_be_learned_without_labels_or_parts(live):
    with pytest.raises(CommandError, match="has no weights to choose"):
        run("learn-weights")
