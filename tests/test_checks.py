"""Every system check, by the fault it finds and the cure it names."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import call_command

import recommender.checks
from recommender.checks import check_configuration
from recommender.engines.base import CollaborativeModel, Encoder
from recommender.engines.colour_encoder import ColourEncoder
from recommender.sources import ProductSource


class CardlessSource(ProductSource):
    """Says which pictures there are, and not how a card looks."""

    def images(self, product):
        return ()


class HungryEncoder(ColourEncoder):
    """Needs what nobody has."""

    requires = ("no_such_module",)
    extra = "vision"


class HungryModel(CollaborativeModel):
    """The same."""

    requires = ("no_such_module",)

    def fit(self, interactions, progress=None):
        raise NotImplementedError


@pytest.fixture
def found(settings):
    """The ids and messages under some settings of the recommender."""

    def find(**values):
        settings.RECOMMENDER = settings.RECOMMENDER | values
        return {message.id: message for message in check_configuration(None)}

    return find


def test_the_shop_is_without_fault(found):
    assert found() == {}
    call_command("check", "--fail-level", "INFO")


def test_a_missing_product_model(settings):
    del settings.RECOMMENDER_PRODUCT_MODEL
    (message,) = check_configuration(None)
    assert message.id == "recommender.E001"
    assert "Set RECOMMENDER_PRODUCT_MODEL" in message.msg


def test_a_product_model_that_is_not_installed(settings):
    settings.RECOMMENDER_PRODUCT_MODEL = "catalog.Nothing"
    (message,) = check_configuration(None)
    assert message.id == "recommender.E001"
    assert "'catalog.Nothing'" in message.msg


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"TASK": "inline"}, "unknown keys: TASK"),
        ({"TASKS": "threads"}, "'threads'"),
        ({"WEIGHTS": {"visual": -1}}, "negative"),
        ({"WEIGHTS": {"visual": 0, "collaborative": 0}}, "all 0"),
        ({"ENCODER": {}}, '"BACKEND"'),
    ],
)
def test_settings_that_make_no_sense(found, values, words):
    messages = found(**values)
    assert list(messages) == ["recommender.E002"]
    assert words in messages["recommender.E002"].msg


@pytest.mark.parametrize("path", ["no.such.Source", "recommender.engines.colour_encoder.ColourEncoder"])
def test_a_source_that_is_none(found, path):
    assert path.rsplit(".", 1)[0].split(".")[0] in found(PRODUCT_SOURCE=path)["recommender.E003"].msg


def test_a_source_without_cards(found):
    messages = found(PRODUCT_SOURCE="tests.test_checks.CardlessSource")
    assert list(messages) == ["recommender.E004"]
    assert "card()" in messages["recommender.E004"].msg


def test_aliases_that_are_not_there(found):
    assert list(found(SNAPSHOT_STORAGE="cellar", CACHE="attic")) == ["recommender.E005", "recommender.E006"]


@pytest.mark.parametrize(
    "engine",
    [
        {"BACKEND": "no.such.Encoder"},
        {"BACKEND": "recommender.engines.colour_encoder.ColourEncoder", "OPTIONS": {"bins": 3}},
        {"BACKEND": "recommender.engines.item_item.ImplicitItemItem"},
        {"BACKEND": "recommender.engines.composite.CompositeEncoder", "OPTIONS": {"weights": {"smell": 1}}},
    ],
)
def test_an_engine_that_cannot_be_built(found, engine):
    assert list(found(ENCODER=engine)) == ["recommender.E007"]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (["no.such.step"], "'no.such.step' cannot be imported"),
        (["recommender.imaging.denoising.blur"], "has no attribute 'blur'"),
        (["denoise"], "'denoise' is no function"),
        (["recommender.core.types.Picture"], "'recommender.core.types.Picture' is no function"),
        (["recommender.engines.framing.square"], "takes a Picture and needs nothing else"),
        ("recommender.imaging.denoising.denoise", "must be a list of dotted paths"),
    ],
)
@pytest.mark.parametrize("encoder", ["colour_encoder.ColourEncoder", "composite.CompositeEncoder"])
def test_an_image_step_that_is_none_is_named(found, encoder, steps, words):
    messages = found(ENCODER={"BACKEND": f"recommender.engines.{encoder}", "OPTIONS": {"steps": steps}})
    assert list(messages) == ["recommender.E007"]
    assert words in messages["recommender.E007"].msg


def test_an_encoder_without_its_library_matters_where_this_process_embeds(found):
    hungry = {"BACKEND": "tests.test_checks.HungryEncoder"}
    message = found(ENCODER=hungry)["recommender.W001"]
    assert message.msg == "HungryEncoder needs no_such_module: pip install 'django-visual-recommender[vision]'"


def test_a_model_without_its_library_is_worth_a_word(found):
    message = found(COLLABORATIVE={"BACKEND": "tests.test_checks.HungryModel"})["recommender.I001"]
    assert message.msg == "HungryModel needs no_such_module: pip install no_such_module"


def test_a_consent_hook_that_is_not_there(found):
    assert list(found(CONSENT="no.such.hook")) == ["recommender.E008"]


def test_names_that_nothing_reads(found):
    messages = found(EVENT_WEIGHTS={"view": 1, "licked": 2}, WEIGHTS={"visual": 1, "smell": 1})
    assert list(messages) == ["recommender.W002"]
    settings_named = [message.msg for message in check_configuration(None)]
    assert any("WEIGHTS" in text and "smell" in text for text in settings_named)
    assert any("EVENT_WEIGHTS" in text and "licked" in text for text in settings_named)


def test_workers_with_sqlite(found, settings):
    engine = settings.DATABASES["default"]["ENGINE"]
    expected = ["recommender.W003"] if engine.endswith("sqlite3") else []
    assert list(found(TASKS="celery")) == expected


def test_eager_tasks(found):
    from celery import current_app

    before = current_app.conf.task_always_eager
    current_app.conf.task_always_eager = True
    try:
        assert "recommender.W004" in found(TASKS="celery")
        assert "recommender.W004" not in found(TASKS="inline")
    finally:
        current_app.conf.task_always_eager = before


def test_no_sessions(found, settings):
    settings.MIDDLEWARE = []
    assert list(found()) == ["recommender.W005"]


def test_the_checks_ask_no_database(found, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        found()


def test_every_id_is_listed_once_in_the_reference():
    source = Path(recommender.checks.__file__).read_text(encoding="utf-8")
    literals = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    ids = sorted(name for name in literals if isinstance(name, str) and re.fullmatch(r"recommender\.[EWI]\d{3}", name))
    page = Path("docs/reference/checks.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| (recommender\.[EWI]\d{3}) \|", page, re.MULTILINE)) == ids


def test_engines_say_nothing_when_they_are_ready():
    assert ColourEncoder().missing() == []
    assert issubclass(HungryEncoder, Encoder)
