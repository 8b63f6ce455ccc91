"""A process of its own for trainings: TensorFlow must not be in the tests' process, which forks."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path


def prepare():
    """Set Django up on an own database that has the table of jobs."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="recommender-teaching-")
    os.environ.pop("DATABASE_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.db import connection

    from recommender.models import Job

    with connection.schema_editor() as editor:
        editor.create_model(Job)


@contextmanager
def on(database):
    """Work on another database, such as that of the tests: a connection's `settings_dict`; None is the own one."""
    from django.db import connections

    own = connections.settings["default"]
    _use(database or own)
    try:
        yield
    finally:
        _use(own)


def _use(database):
    from django.db import connections

    connections["default"].close()
    connections.settings["default"] = database
    del connections["default"]


def train(folder, output, *, database=None, **options):
    """One course on a folder: its report, or the name and message of the error that ended it."""
    with on(database):
        return _train(folder, output, **options)


def _train(
    folder, output, *, stop_after=None, fresh=False, backbone="small", heads=("color", "camera_layout"), **options
):
    from recommender.engines.vision.fitting import Schooling
    from recommender.exceptions import RecommenderError
    from recommender.models import Job
    from recommender.services.teaching import Course, teach
    from recommender.services.teaching.examples import from_folder

    heard = []

    def note(text):
        heard.append(text)
        if stop_after is not None and text.startswith(f"Epoch {stop_after}:"):
            raise KeyboardInterrupt

    copies = options.pop("copies", 2)
    course = Course(heads=heads, backbone=backbone, copies=copies, schooling=Schooling(**{"new_rate": 1e-2, **options}))
    try:
        report = teach(from_folder(folder), course, Path(output), fresh=fresh, note=note)
    except (RecommenderError, KeyboardInterrupt) as error:
        return {"error": type(error).__name__, "message": str(error), "heard": heard, "jobs": _jobs(Job)}
    return {**report, "heard": heard, "jobs": _jobs(Job)}


def _jobs(model):
    states = list(model.objects.values_list("kind", "state"))
    model.objects.all().delete()
    return states
