"""Beat starts with whatever a kill has left of its file."""

import dbm.dumb
import pickle

import pytest
from celery.beat import PersistentScheduler

from shopsite.beat import Scheduler
from shopsite.celery import app


def scheduler(path, kind=Scheduler):
    return kind(app=app, schedule_filename=str(path), lazy=False)


def damaged(path, what):
    """A file of the pure Python kind, which every platform reads."""
    with dbm.dumb.open(str(path), "n") as file:
        file["entries"] = pickle.dumps({})
        file["__version__"] = pickle.dumps("5")
        file["tz"] = pickle.dumps("UTC")
        file["utc_enabled"] = pickle.dumps(True)
    index, data = path.with_suffix(".dir"), path.with_suffix(".dat")
    if what == "an entry":
        lines = [line for line in index.read_text().splitlines() if not line.startswith("'tz'")]
        index.write_text("\n".join([*lines, "'tz', ..."]) + "\n")
    elif what == "the index":
        index.write_text("'entries', (0,\n")
    else:
        data.write_bytes(data.read_bytes()[:10])


@pytest.mark.parametrize("what", ["an entry", "the index", "the data"])
def test_a_damaged_file_is_begun_anew_and_kept_from_then_on(tmp_path, what):
    path = tmp_path / "celerybeat"
    damaged(path, what)
    beat = scheduler(path)
    assert beat.schedule.keys() >= app.conf.beat_schedule.keys()
    beat.close()
    again = scheduler(path)
    assert again.schedule.keys() >= app.conf.beat_schedule.keys()
    again.close()


def test_celery_alone_does_not_start_with_such_an_entry(tmp_path):
    path = tmp_path / "celerybeat"
    damaged(path, "an entry")
    with pytest.raises(TypeError):
        scheduler(path, PersistentScheduler)
