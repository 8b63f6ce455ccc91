"""A database that hangs up in the middle of a page, an event, an order or a piece of work."""

import json
import os
import uuid
from itertools import count

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import DataError, OperationalError, connection, transaction
from django.test import Client

from catalog.models import Basket, Order
from recommender.models import ImageEmbedding, Interaction, Job, Snapshot
from recommender.services import embedding, jobs, serving, training
from recommender.storage.reconnecting import once_more_if_cut
from tests.catalog.test_checkout import form
from tests.shop import make_product

pytestmark = [pytest.mark.realservices, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cut():
    """Ends this process's connection, as a database that restarts does."""

    def end():
        held = connection.connection
        if held is not None and not held.closed:
            with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [held.info.backend_pid])

    return end


class Cutting:
    """Cuts the connection before the nth statement that it is shown."""

    def __init__(self, cut, nth):
        self.cut, self.left = cut, nth

    def __call__(self, execute, sql, params, many, context):
        self.left -= 1
        if self.left == 0:
            self.cut()
        return execute(sql, params, many, context)


@pytest.fixture
def shop(settings):
    """Four phones in a snapshot."""
    settings.RECOMMENDER = settings.RECOMMENDER | {"POLL_SECONDS": 0.0}
    products = [make_product(f"nova{n}", colour=colour) for n, colour in enumerate(("red", "gold", "blue", "green"))]
    embedding.embed([product.pk for product in products])
    training.train()
    serving.reset()
    yield products
    serving.reset()


def ask(client, cut, nth, call):
    """The answer to a request before whose nth statement the connection is cut; and whether there was one."""
    connection.close_if_unusable_or_obsolete()  # as a server does between requests
    wrapper = Cutting(cut, nth)
    with connection.execute_wrapper(wrapper):
        answer = call(client)
    connection.close_if_unusable_or_obsolete()
    return answer, wrapper.left <= 0


def browser():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    "path", ["/", "/products/", "product", "/api/v1/recommendations/", "/about-you/", "placements"]
)
def test_a_page_is_served_whichever_of_its_statements_is_cut(shop, cut, path):
    path = shop[0].get_absolute_url() if path == "product" else path
    if path == "placements":
        name = browser().get("/api/v1/placements/").json()["results"][0]["slug"]
        path = f"/api/v1/placements/{name}/?product={shop[0].pk}"
    customer = get_user_model().objects.create_user("ada@example.com", password="secret")
    for nth in count(1):
        client = browser()
        client.force_login(customer)
        answer, was_cut = ask(client, cut, nth, lambda client: client.get(path))
        assert answer.status_code == 200, (nth, answer.content[:200])
        if not was_cut:
            break
    assert nth > 3
    if path == shop[0].get_absolute_url():
        views = Interaction.objects.filter(kind="view")
        assert views.count() == nth, "each look counts once, whatever was repeated"


def test_an_order_and_its_events_are_there_once_whichever_statement_is_cut(shop, cut):
    for nth in count(1):
        client = browser()
        assert client.post(f"/basket/add/{shop[0].pk}/", {"quantity": 1}).status_code == 302
        sent = form(client)
        answer, was_cut = ask(client, cut, nth, lambda client, sent=sent: client.post("/checkout/", sent))
        if was_cut and answer.status_code != 302:
            assert (answer.status_code, answer["Retry-After"]) == (503, "2"), nth
            answer = client.post("/checkout/", sent)  # what a browser sends when its page is loaded again
        assert answer.status_code == 302
        assert client.get(answer["Location"]).status_code == 200
        assert Order.objects.count() == nth
        bought = Interaction.objects.filter(kind="purchase")
        assert sorted(bought.values_list("order_id", flat=True)) == sorted(
            str(name) for name in Order.objects.values_list("reference", flat=True)
        )
        shop[0].stock = 5
        shop[0].save(update_fields=["stock"])
        if not was_cut:
            break
    assert nth > 10
    assert not Basket.objects.filter(lines__isnull=False).exists()


def test_a_batch_of_events_that_is_sent_again_counts_once(shop, cut):
    for nth in count(1):
        client = browser()
        token = client.post("/api/v1/guests/").json()["token"]
        events = [{"id": str(uuid.uuid4()), "kind": "view", "product": str(product.pk)} for product in shop]

        def send(client, events=events, token=token):
            body = {"events": events}
            return client.post("/api/v1/events/", body, "application/json", headers={"X-Visitor-Token": token})

        answer, was_cut = ask(client, cut, nth, send)
        if answer.status_code == 503:
            assert int(answer["Retry-After"]) > 0
            answer = send(client)
        assert answer.json()["accepted"] + answer.json()["duplicates"] == 4, nth
        assert Interaction.objects.count() == 4 * nth
        if not was_cut:
            break
    assert nth > 3


def test_what_a_page_reports_counts_once_though_it_is_sent_again(shop, cut):
    for nth in count(1):
        client = browser()
        client.get(shop[0].get_absolute_url())  # makes the session that the reports belong to
        events = [{"id": str(uuid.uuid4()), "kind": "view", "product": str(product.pk)} for product in shop]
        sent = {"events": json.dumps(events)}
        answer, was_cut = ask(client, cut, nth, lambda client, sent=sent: client.post("/recommender/events/", sent))
        if answer.status_code == 503:
            answer = client.post("/recommender/events/", sent)
        assert answer.status_code == 200, nth
        assert Interaction.objects.count() == 5 * nth
        if not was_cut:
            break
    assert nth > 3


def test_a_training_that_is_cut_anywhere_leaves_the_last_snapshot_and_the_next_one_runs(shop, cut):
    before = Snapshot.objects.get(is_active=True)
    failed = 0
    for nth in range(1, 200, 7):
        wrapper = Cutting(cut, nth)
        try:
            with connection.execute_wrapper(wrapper):
                training.train()
        except OperationalError:
            failed += 1
        connection.close_if_unusable_or_obsolete()
        active = Snapshot.objects.get(is_active=True)
        assert active.pk >= before.pk
        serving.reset()
        assert serving.current().snapshot == active
        assert not Job.objects.filter(state=Job.State.RUNNING).exists(), nth
        before = active
        if wrapper.left > 0:
            break
    assert failed > 3
    assert training.train() == Snapshot.objects.get(is_active=True)


def test_pictures_that_are_cut_anywhere_are_embedded_once(shop, cut):
    for nth in count(1, 2):
        late = make_product(f"late{nth}", colour="black")
        wrapper = Cutting(cut, nth)
        try:
            with connection.execute_wrapper(wrapper):
                embedding.embed([late.pk])
        except OperationalError:
            connection.close_if_unusable_or_obsolete()
            embedding.embed([late.pk])
        (row,) = ImageEmbedding.objects.filter(product=late)
        assert row.status == ImageEmbedding.Status.READY
        if wrapper.left > 0:
            break


def test_a_run_whose_end_could_not_be_written_does_not_hold_the_place(shop, cut, monkeypatch):
    def away(*_):
        raise OperationalError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "once_more_if_cut", away)
        with pytest.raises(ZeroDivisionError), jobs.running(Job.Kind.IMPORT):
            1 / 0  # noqa: B018
    assert Job.objects.get(kind=Job.Kind.IMPORT).state == Job.State.RUNNING
    with jobs.running(Job.Kind.IMPORT):
        pass
    assert {job.state for job in Job.objects.filter(kind=Job.Kind.IMPORT)} == {Job.State.FAILED, Job.State.DONE}


class TestOnceMore:
    def test_work_that_was_cut_is_done_again(self, cut):
        tries = []

        def work():
            tries.append(None)
            if len(tries) == 1:
                cut()
            with transaction.atomic():
                return Job.objects.count()

        assert once_more_if_cut(work) == 0
        assert len(tries) == 2

    def test_but_not_inside_a_transaction(self, cut):
        with pytest.raises(OperationalError), transaction.atomic():
            once_more_if_cut(lambda: (cut(), Job.objects.count()))

    def test_nor_when_the_connection_lives(self):
        tries = []

        def work():
            tries.append(None)
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = 1; SELECT pg_sleep(1)")

        with pytest.raises(OperationalError):
            once_more_if_cut(work)
        assert len(tries) == 1
        connection.close()

    def test_nor_for_another_error(self):
        with pytest.raises(DataError):
            once_more_if_cut(lambda: connection.cursor().execute("SELECT 1 / 0"))
