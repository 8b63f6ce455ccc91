"""Progress on terminals and elsewhere, and waiting for workers."""

import io
import re
import threading

import pytest
from django.db import connection

from recommender.management import embedding
from recommender.management.progress import ProgressDisplay, duration, rate
from recommender.models import ImageEmbedding
from tests.shop import make_product


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_elsewhere_there_are_plain_lines():
    out = io.StringIO()
    with ProgressDisplay(out) as display:
        display.progress(1, 2)  # before any step: nothing to name
        display.say("Reading")
        display.progress(1, 3)
        display.progress(3, 3)
        display.note("Careful.")
    assert out.getvalue().splitlines() == ["Reading", "Reading: 3 of 3", "Careful."]


def test_a_slow_step_says_how_long_it_will_take(monkeypatch):
    monkeypatch.setattr("recommender.management.progress._LINE_SECONDS", 0)
    out = io.StringIO()
    with ProgressDisplay(out) as display:
        display.say("Reading")
        display.progress(1, 4)
        display.progress(7, 0)
    assert re.search(r"^Reading: 1 of 4 \(25 %\), [\d,]+ a second, about 0 s left$", out.getvalue(), re.MULTILINE)
    assert "Reading: 7\n" in out.getvalue()


def test_on_a_terminal_there_are_bars():
    out = Terminal()
    with ProgressDisplay(out) as display:
        display.progress(1, 2)
        display.say("Reading [bold]")
        display.progress(2, 2)
        display.note("[red] is no markup")
    text = out.getvalue()
    assert "Working" in text
    assert "2/2" in text
    assert "[red] is no markup" in text


def test_nothing_is_shown_when_nobody_wants_it():
    for out in (io.StringIO(), Terminal()):
        with ProgressDisplay(out, shown=False) as display:
            display.say("Reading")
            display.progress(1, 1)
            display.note("Careful.")
        assert out.getvalue() == ""


@pytest.mark.parametrize(("seconds", "text"), [(34.4, "34 s"), (125, "2 min 5 s"), (3780, "1 h 3 min")])
def test_durations_read_well(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("per_second", "text"), [(1234.5, "1,234 a second"), (9.96, "10.0 a second"), (0.2, "12 a minute")]
)
def test_rates_read_well(per_second, text):
    assert rate(per_second) == text


@pytest.mark.django_db(transaction=True)
def test_waiting_ends_when_the_workers_are_done(monkeypatch):
    monkeypatch.setattr(embedding, "_POLL_SECONDS", 0.05)
    monkeypatch.setattr(embedding, "_QUIET_SECONDS", 0.1)
    make_product("nova")
    ImageEmbedding.objects.update(status="pending")

    def work():
        ImageEmbedding.objects.update(status="ready")
        connection.close()

    worker = threading.Timer(0.6, work)
    worker.start()
    out = io.StringIO()
    with ProgressDisplay(out) as display:
        embedding.wait_for_workers(display)
    worker.join()
    assert "Workers embed pictures: 1 of 1" in out.getvalue()
    assert "Is a worker listening?" in out.getvalue()
