"""recommender_train: what it prints, and which calls it refuses."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from recommender.models import Selection, Snapshot
from tests.services.test_training import crowd, range_  # noqa: F401 # fixtures

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments):
    out, err = StringIO(), StringIO()
    call_command("recommender_train", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.once
def test_it_prints_trials_on_the_way_and_then_the_verdict(crowd):  # noqa: F811
    out, err = run("--budget-seconds", "0.2")
    assert "Choosing options" in err
    assert "graph: " in err
    assert f"Snapshot {Snapshot.objects.get(is_active=True).pk} is live: 40 products" in out
    assert "Selection of " in out
    assert "judged lists learned on the time before" in out
    assert "against it, 95 % intervals" in out
    assert "best trials" in out


@pytest.mark.once
def test_a_dry_run_says_what_it_finds_and_publishes_nothing(crowd):  # noqa: F811
    out, _ = run("--tune", "--budget-seconds", "0.1", "--dry-run", "--json")
    data = json.loads(out)
    assert data["snapshot"] is None
    assert data["selection"]["winner"] in {one["name"] for one in data["selection"]["candidates"]}
    assert not Snapshot.objects.exists()
    assert not Selection.objects.exists()


def test_without_tuning_the_live_configuration_is_learned_anew(range_):  # noqa: F811
    out, err = run("--no-tune", "--json")
    data = json.loads(out)
    assert data["selection"] is None
    assert data["configuration"]["origin"] == "defaults"
    assert "Choosing options" not in err


def test_too_little_history_is_told(range_):  # noqa: F811
    out, _ = run("--tune")
    assert "not enough history to judge" in out


@pytest.mark.parametrize("arguments", [["--tune", "--no-tune"], ["--no-tune", "--budget-seconds", "3"]])
def test_contradictions_are_refused(arguments):
    with pytest.raises(CommandError, match="contradicts") as caught:
        run(*arguments)
    assert caught.value.returncode == 2


@pytest.mark.parametrize("seconds", ["0", "-1", "soon"])
def test_the_budget_must_be_positive(seconds):
    with pytest.raises(CommandError, match="--budget-seconds"):
        run("--budget-seconds", seconds)
