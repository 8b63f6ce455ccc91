"""The page of block weights."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recommender.models import EncoderVersion
from recommender.services import balancing, putting_live, serving, training, versioning, weighing
from recommender.services.engines import follow_live
from tests.eyes import COARSE, TWO
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def trained(settings):
    settings.RECOMMENDER = {**settings.RECOMMENDER, "ENCODER": TWO}
    products = [
        make_product("Round red", colour="red", corner=60),
        make_product("Square red", colour="red", corner=1),
        make_product("Round blue", colour="blue", corner=60),
        make_product("Sold out round red", colour="red", corner=60, stock=0),
    ]
    training.train()
    serving.reset()
    return products


def page(client, **query):
    response = client.get(reverse("admin:recommender_weighing"), query)
    assert response.status_code == 200
    return response.content.decode()


def titles(shelf):
    return [item.card.title for item in shelf]


def test_weights_change_what_looks_alike_most(trained):
    found = weighing.weigh({"shape": 5, "colour": 95}, str(trained[0].pk))
    (compared,) = found.products
    assert found.is_changed
    assert titles(compared.now) == ["Round blue", "Square red"]
    assert titles(compared.wanted) == ["Square red", "Round blue"]
    assert [share.wanted for share in found.shares] == [5, 95]
    assert weighing.weigh({"shape": 100, "colour": 0}, str(trained[0].pk)).products[0].wanted[0].percent == 100


def test_the_weights_in_use_change_nothing(trained):
    found = weighing.weigh({"shape": 75, "colour": 25})
    assert not found.is_changed
    assert len(found.products) == 4
    assert all(compared.now == compared.wanted for compared in found.products)


def test_the_page_shows_both_shelves_and_keeps_the_sliders(boss, trained):
    text = page(boss, **{"weight-shape": "5", "weight-colour": "95", "q": trained[0].pk})
    assert text.count('<ol class="rec-alikes">') == 2
    assert re.search(r'name="weight-shape"[^>]* value="5"', text)
    assert "now 75 %" in text
    assert " style=" not in text


@pytest.mark.parametrize("value", ["-1", "0", "x", "", "1e9", "9" * 5000, "101"])
def test_impossible_weights_are_refused_with_a_cure(boss, trained, value):
    text = page(boss, **{"weight-shape": value})
    assert "Give at least one part a weight above 0" in text
    assert text.count('<ol class="rec-alikes">') == 4


def test_an_unknown_block_is_refused(boss, trained):
    assert 'role="alert"' in page(boss, **{"weight-smell": "10"})


def test_a_new_shop_and_an_encoder_of_one_block_say_so(boss, shop):
    assert "No picture was trained on yet." in page(boss)
    training.train()
    serving.reset()
    assert "there is nothing to weigh" in page(boss)


@pytest.mark.parametrize("n", [1, 30])
def test_queries_do_not_grow_with_the_shop(trained, n):
    for number in range(n):
        make_product(f"More {number}", colour="green", corner=number)
    training.train()
    serving.reset()
    serving.current()
    with CaptureQueriesContext(connection) as queries:
        weighing.weigh({"shape": 1, "colour": 2})
    assert len(queries) == 6


def use(client, **extra):
    address = reverse("admin:recommender_weighing_use") + "?weight-shape=5&weight-colour=95"
    return client.post(address, extra, follow=True).content.decode()


def known():
    return set(EncoderVersion.objects.values_list("version", flat=True))


YES = {"confirmed": "yes"}


@pytest.fixture
def workers(settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}


def test_the_weights_are_put_live_after_a_yes(boss, trained, workers):
    assert "Use these weights" in page(boss, **{"weight-shape": "5", "weight-colour": "95"})
    question = use(boss)
    assert "<h1>Use these weights?</h1>" in question
    assert "<td>75 %</td><td>5 %</td>" in question
    assert known() == {"two-1-0.7500"}
    said = use(boss, **YES)
    assert "A worker makes the vectors and the shelves anew" in said
    assert "two-1-0.0500" in said
    assert follow_live().version == "two-1-0.7500"
    putting_live.put_live("two-1-0.0500")  # as the worker does
    serving.reset()
    text = page(boss)
    assert "now 5 %" in text
    assert "now 95 %" in text
    assert "Roll back the encoder" in boss.get(reverse("admin:recommender_encoders")).content.decode()


def test_what_is_lost_by_it_is_said_first(boss, trained, workers):
    versioning.prepare(COARSE)
    address = reverse("admin:recommender_weighing_use") + "?weight-shape=0&weight-colour=95"
    text = boss.get(address).content.decode()
    assert "“Shape” leaves the vectors." in text
    assert "Encoder coarse-1, which waits to be switched to, is given up." in text


def test_without_workers_the_page_gives_the_commands(boss, trained):
    text = page(boss, **{"weight-shape": "5", "weight-colour": "95"})
    assert "manage.py recommender_encoder prepare --weights shape=5,colour=95" in text
    assert "Use these weights" not in text
    assert "Use the commands on this page." in use(boss, **YES)
    assert known() == {"two-1-0.7500"}


def test_a_dead_broker_is_named_and_nothing_is_begun(boss, trained, workers, no_broker):
    assert "The broker does not answer." in use(boss, **YES)
    assert known() == {"two-1-0.7500"}


@pytest.mark.parametrize("query", ["", "?weight-shape=75&weight-colour=25", "?weight-shape=x", "?weight-smell=3"])
def test_without_other_weights_there_is_nothing_to_use(boss, trained, workers, query):
    response = boss.post(reverse("admin:recommender_weighing_use") + query, YES, follow=True)
    assert "Choose other weights than those in use first." in response.content.decode()
    assert known() == {"two-1-0.7500"}


def test_those_who_look_may_not_use_them(staff, trained, workers):
    client = staff("view_snapshot")
    assert "Use these weights" not in page(client, **{"weight-shape": "5", "weight-colour": "95"})
    assert client.post(reverse("admin:recommender_weighing_use"), YES).status_code == 403


def test_it_needs_permission(staff):
    assert staff().get(reverse("admin:recommender_weighing")).status_code == 403


@pytest.fixture
def labelled(settings):
    settings.RECOMMENDER = {**settings.RECOMMENDER, "ENCODER": {**TWO, "OPTIONS": {"shape": 0.1}}}
    for corner in range(26, 36):
        for colour in ("red", "blue"):
            make_product(f"{corner} {colour}", colour=colour, corner=corner, family=f"f{corner}")
    training.train()
    serving.reset()


@pytest.mark.once
def test_weights_are_suggested_from_labels_and_judged(boss, labelled, workers):
    text = page(boss)
    assert "Suggest weights from our labels" in text
    assert re.findall(r'<option value="(\w*)"', text) == ["", "family", "brand", "category", "color"]
    text = page(boss, labels="family")
    shape = balancing.advise(["family"]).weights["shape"]
    assert shape >= 60
    assert re.search(rf'name="weight-shape"[^>]* value="{shape}"', text)
    assert re.search(r'<th scope="row">family</th><td>0\.\d{3}</td><td>(1\.000|0\.\d{3})</td><td>10</td>', text)
    assert "of 10 products that had no say in the weights" in text
    assert "Use these weights" in text
    assert '<option value="family" selected>' in text


def test_the_sliders_stay_where_labels_ask_for_nothing_else(boss, labelled):
    text = page(boss, labels="color")
    assert "No weights are surely better by these labels" in text
    assert re.search(r'name="weight-shape"[^>]* value="10"', text)


def test_too_few_labels_are_said_on_the_page(boss, trained):
    text = page(boss, labels="")
    assert "There are too few labels to choose weights by." in text
    assert "family: no two pictures carry the same label." in text
    assert re.search(r'name="weight-shape"[^>]* value="75"', text)
