"""System checks: what is wrong with the configuration, each with its cure. They read settings, never the database.

docs/reference/checks.md lists them; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings as django_settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Info, Warning
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from recommender.conf import load, settings
from recommender.engines.base import CollaborativeModel, Encoder, Engine, VectorIndex
from recommender.models import InteractionKind
from recommender.services.engines import build, build_index
from recommender.sources import ProductSource, get_product_model, get_source

_ENGINES: dict[str, type[Engine]] = {"ENCODER": Encoder, "INDEX": VectorIndex, "COLLABORATIVE": CollaborativeModel}
_ITEM_SIGNALS = frozenset({"visual", "collaborative", "attributes"})
_VISITOR_SIGNALS = frozenset({"affinity", "collaborative", "attributes", "trend", "novelty"})
_SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"


def register() -> None:
    """Register the checks under the tag "recommender"."""
    checks.register(check_configuration, "recommender")


def check_configuration(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Everything that can be known to be wrong without a query. Later checks need what earlier ones prove."""
    if found := list(_product_model()) + list(_settings()):
        return found
    return [message for check in _CHECKS for message in check()]


def _product_model() -> Iterator[CheckMessage]:
    try:
        get_product_model()
    except ImproperlyConfigured as error:
        yield Error(
            str(error), hint='RECOMMENDER_PRODUCT_MODEL = "app_label.Model" in the settings.', id="recommender.E001"
        )


def _settings() -> Iterator[CheckMessage]:
    try:
        load()
    except (ImproperlyConfigured, TypeError, ValueError) as error:
        yield Error(str(error), hint="docs/reference/settings.md explains every key.", id="recommender.E002")


def _source() -> Iterator[CheckMessage]:
    try:
        source = get_source()
    except (ImportError, ImproperlyConfigured, TypeError) as error:
        yield Error(
            f'RECOMMENDER["PRODUCT_SOURCE"] cannot be used: {error}',
            hint="Name a subclass of recommender.sources.ProductSource by its dotted path.",
            id="recommender.E003",
        )
        return
    for name in ("images", "card"):
        if getattr(type(source), name) is getattr(ProductSource, name):
            yield Error(
                f"{settings.PRODUCT_SOURCE} does not override {name}().",
                hint="Shelves need both images() and card(); docs/quickstart.md shows them.",
                id="recommender.E004",
            )


def _storage() -> Iterator[CheckMessage]:
    for setting, aliases, code in (
        ("SNAPSHOT_STORAGE", "STORAGES", "recommender.E005"),
        ("CACHE", "CACHES", "recommender.E006"),
    ):
        alias = getattr(settings, setting)
        if alias not in getattr(django_settings, aliases):
            yield Error(
                f'RECOMMENDER["{setting}"] is {alias!r}, which {aliases} does not have.',
                hint=f'Add {aliases}["{alias}"], or name one of {", ".join(getattr(django_settings, aliases))}.',
                id=code,
            )


def _engines() -> Iterator[CheckMessage]:
    for name, base in _ENGINES.items():
        given = getattr(settings, name)
        if given is None:
            continue
        try:
            engine = build_index(given, "") if name == "INDEX" else build(given, base)
        except (ImproperlyConfigured, ValueError) as error:
            yield Error(
                f'RECOMMENDER["{name}"] cannot be used: {error}',
                hint='It has the form {"BACKEND": "dotted.path.Class", "OPTIONS": {...}}.',
                id="recommender.E007",
            )
            continue
        # With workers, a web process may do without: only an inline shop embeds in this one.
        missed_here = name == "ENCODER" and settings.TASKS == "inline"
        kind, code = (Warning, "recommender.W001") if missed_here else (Info, "recommender.I001")
        for sentence in engine.missing():
            yield kind(sentence, hint="Processes that only serve pages need it not.", id=code)


def _consent() -> Iterator[CheckMessage]:
    try:
        import_string(settings.CONSENT)
    except ImportError as error:
        yield Error(
            f'RECOMMENDER["CONSENT"] cannot be imported: {error}',
            hint="Name a function that takes the request and says whether its visitor may be remembered.",
            id="recommender.E008",
        )


def _names() -> Iterator[CheckMessage]:
    known = {
        "WEIGHTS": _ITEM_SIGNALS,
        "STRENGTHS": _ITEM_SIGNALS,
        "VISITOR_WEIGHTS": _VISITOR_SIGNALS,
        "VISITOR_STRENGTHS": _VISITOR_SIGNALS,
        "EVENT_WEIGHTS": frozenset(InteractionKind.values),
    }
    for setting, names in known.items():
        if unknown := sorted(set(getattr(settings, setting)) - names):
            yield Warning(
                f'RECOMMENDER["{setting}"] has names that nothing reads: {", ".join(unknown)}.',
                hint=f"The names are {', '.join(sorted(names))}.",
                id="recommender.W002",
            )


def _tasks() -> Iterator[CheckMessage]:
    if settings.TASKS != "celery":
        return
    if django_settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Warning(
            'RECOMMENDER["TASKS"] is "celery", and the database is SQLite: workers and pages lock each other out.',
            hint='Use PostgreSQL or MySQL with workers, or "inline" with SQLite.',
            id="recommender.W003",
        )
    from celery import current_app  # a light host has no Celery

    if current_app.conf.task_always_eager:
        yield Warning(
            "Celery's task_always_eager is on: pictures are embedded and models trained inside page requests.",
            hint='Turn it off. Without workers use RECOMMENDER["TASKS"] = "inline".',
            id="recommender.W004",
        )


def _sessions() -> Iterator[CheckMessage]:
    if _SESSIONS not in django_settings.MIDDLEWARE:
        yield Warning(
            "There is no session middleware: guests of web pages cannot be recognised and get no recommendations.",
            hint=f'Add "{_SESSIONS}" to MIDDLEWARE. Shops that only serve apps by token may silence this.',
            id="recommender.W005",
        )


_CHECKS: tuple[Callable[[], Iterator[CheckMessage]], ...] = (
    _source,
    _storage,
    _engines,
    _consent,
    _names,
    _tasks,
    _sessions,
)
