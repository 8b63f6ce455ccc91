"""What holds for every test."""

import os
from pathlib import Path

import hypothesis
import pytest
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.db.models.signals import post_migrate
from django.utils import translation

hypothesis.settings.register_profile("shop", deadline=None, print_blob=True)
hypothesis.settings.load_profile("shop")


@pytest.fixture(autouse=True)
def english():
    """A request in another language leaves that language behind in its thread; every test starts in English."""
    translation.activate("en")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """After a test that commits, Django is told the permissions instead of finding them out: half the statements."""
    with django_db_blocker.unblock():
        rows = [(model, list(model._base_manager.all())) for model in (ContentType, Permission)]

    def restore(app_config, using, plan=None, **kwargs):
        if plan is not None:  # a migration
            create_permissions(app_config, using=using, **kwargs)
        elif app_config.label == "admin":  # the first app after a flush
            for model, kept in rows:
                model._base_manager.using(using).bulk_create(kept)

    assert post_migrate.disconnect(create_contenttypes)
    assert post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.connect(restore, weak=False)


HOMES = {"browser": "browser", "client": "client", "faults_short": "faults", "peers": "peers"}
"""Marker -> the folder that is searched for its tests."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """No test is marked for a run that does not look where it is."""
    tests = Path(__file__).parent
    for item in items:
        for marker, folder in HOMES.items():
            if item.get_closest_marker(marker) and not item.path.is_relative_to(tests / folder):
                raise pytest.UsageError(f"{item.nodeid} is marked {marker} and belongs in tests/{folder}.")


MAY_SKIP_IN_CI: tuple[str, ...] = ()
"""Beginnings of the reasons for which a test may be skipped on the build machine. It has every part, so: none."""


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """On the build machine a skipped test is a missing part, and a missing part is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None:
        return
    reasons = [report.longrepr[2].removeprefix("Skipped: ") for report in reporter.stats.get("skipped", [])]
    if missing := sorted({reason for reason in reasons if not reason.startswith(MAY_SKIP_IN_CI or ("\0",))}):
        reporter.write_line("")
        reporter.write_line(f"Skipped for want of a part, which fails in CI: {'; '.join(missing)}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
