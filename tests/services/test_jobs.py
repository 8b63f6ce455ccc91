"""The one place for work of a kind, and how it becomes free."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from recommender.exceptions import JobBusyError
from recommender.models import Job
from recommender.services import jobs, presence

NAME = "from recommender.services import presence; print(presence.this_process(), flush=True); input()"


@pytest.fixture
def other():
    """Another process, and its name."""
    process = subprocess.Popen([sys.executable, "-c", NAME], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield process, process.stdout.readline().strip()
    process.kill()
    process.communicate()


def is_busy(kind=Job.Kind.IMPORT):
    try:
        with jobs.running(kind):
            return False
    except JobBusyError:
        return True


def test_a_process_is_there_until_it_ends(other):
    process, name = other
    assert name
    assert not presence.is_gone(name)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert presence.is_gone(name), "its remains are not it"
    process.wait()
    assert presence.is_gone(name)


@pytest.mark.parametrize("name", ["", "elsewhere/4026531836 1 5", "nonsense", "a b c"])
def test_nobody_elsewhere_is_said_to_be_gone(name):
    assert not presence.is_gone(name)


def test_a_number_that_is_used_again_is_another_process():
    place, number, _ = presence.this_process().split(" ")
    assert presence.is_gone(f"{place} {number} 1")


@pytest.mark.django_db
def test_a_killed_run_frees_its_place_at_once(other):
    process, name = other
    Job.objects.create(kind=Job.Kind.IMPORT, process=name)
    assert is_busy()
    process.kill()
    process.wait()
    assert not is_busy()
    assert [job.state for job in Job.objects.all()] == ["done", "failed"]
    assert "killed" in Job.objects.last().message


@pytest.mark.django_db
def test_a_run_on_another_machine_frees_its_place_when_it_is_silent_for_long():
    job = Job.objects.create(kind=Job.Kind.IMPORT, process="elsewhere/1 1 5")
    assert is_busy()
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - jobs.SILENCE - timedelta(seconds=1))
    assert not is_busy()


@pytest.mark.django_db
def test_runs_of_other_kinds_do_not_matter():
    with jobs.running(Job.Kind.TRAIN):
        assert not is_busy()
        assert is_busy(Job.Kind.TRAIN)
