import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone

from recommender.models import Impression, Interaction, InteractionKind, Search, ShownProduct, Visitor
from recommender.services import forgetting, profiling, recommendation_ids, tracking, visitors
from recommender.services.recommendation_ids import Run, Served
from recommender.storage import interactions
from tests.shop import make_product

pytestmark = pytest.mark.django_db
MIXED = (Run("for_you", 1), Run("trending", 11, is_fallback=True))
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def product():
    return make_product("nova", picture=False)


@pytest.fixture
def user():
    return get_user_model().objects.create_user("ada", password="secret")


def request_of(user=None, session=None, **headers):
    request = RequestFactory().get("/", headers=headers)
    request.user = user or AnonymousUser()
    request.session = session if session is not None else import_module(django_settings.SESSION_ENGINE).SessionStore()
    return request


def event(product, /, **values):
    return {"id": str(uuid.uuid4()), "kind": "view", "product": str(product.pk)} | values


def test_a_guest_becomes_a_visitor_with_the_first_event(product):
    request = request_of()
    assert visitors.from_request(request) is None
    tracking.track(request, "view", product)
    tracking.track(request_of(session=request.session), "cart", product, quantity=2)
    visitor = Visitor.objects.get()
    assert [(e.kind, e.quantity) for e in interactions.recent(visitor, 10)] == [("cart", 2), ("view", 1)]
    assert str(visitor.pk) != request.session.session_key


def served(**values):
    return recommendation_ids.write(
        Served(**{"placement": "home", "runs": MIXED, "snapshot": 7, "served_at": MOMENT} | values)
    )


@pytest.mark.parametrize("headers", [{"Sec-GPC": "1"}, {"DNT": "1"}])
def test_nothing_is_written_against_a_visitors_signal(product, headers, user):
    tracking.track(request_of(**headers), "view", product)
    tracking.track(request_of(user=user, **headers), "view", product)
    assert not Visitor.objects.exists()
    assert not Interaction.objects.exists()


def refuse(request):
    return False


def test_nothing_is_written_where_the_shops_hook_says_no(product, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"CONSENT": f"{__name__}.refuse"}
    request = request_of()
    tracking.track(request, "view", product)
    assert not Visitor.objects.exists()
    assert visitors.SESSION_KEY not in request.session


def test_consent_withdrawn_stops_a_known_visitor(product, settings):
    request = request_of()
    tracking.track(request, "view", product)
    tracking.track(request_of(session=request.session, **{"Sec-GPC": "1"}), "view", product)
    assert Interaction.objects.count() == 1


def test_a_guest_id_is_rotated(product, settings):
    request = request_of()
    tracking.track(request, "view", product)
    old = timezone.now() - timedelta(days=settings.RECOMMENDER.get("VISITOR_ROTATION_DAYS", 30) + 1)
    request.session[visitors.SESSION_KEY] |= {"since": old.isoformat()}
    again = request_of(session=request.session)
    assert visitors.from_request(again) is None
    tracking.track(again, "view", product)
    assert Visitor.objects.count() == 2


@pytest.mark.parametrize("stored", ["text", {"id": "x", "since": "y"}, {"id": None}, 5, {"id": str(uuid.uuid4())}])
def test_a_damaged_session_is_a_new_guest(stored):
    session = import_module(django_settings.SESSION_ENGINE).SessionStore()
    session[visitors.SESSION_KEY] = stored
    assert visitors.from_request(request_of(session=session)) is None


def test_a_guest_token_names_its_guest_and_a_forged_one_nobody(product):
    token = visitors.issue_token()
    tracking.track(request_of(**{visitors.TOKEN_HEADER: token}), "view", product)
    found = visitors.from_request(request_of(**{visitors.TOKEN_HEADER: token}))
    assert found == Visitor.objects.get()
    assert visitors.from_request(request_of(**{visitors.TOKEN_HEADER: token + "x"})) is None


def test_login_gives_the_guests_events_to_the_user(client, product, user):
    guest = client.session
    guest[visitors.SESSION_KEY] = {"id": str(Visitor.objects.create().pk), "since": timezone.now().isoformat()}
    guest.save()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = guest.session_key
    request = request_of(session=guest)
    tracking.track(request, "view", product)
    assert client.login(username="ada", password="secret")
    visitor = Visitor.objects.get()
    assert visitor.user == user
    assert len(interactions.recent(visitor, 10)) == 1


def test_an_order_counts_once_however_often_it_is_told(product):
    request = request_of()
    for _ in range(2):
        tracking.track(request, "purchase", product, quantity=2, order_id="A-1")
    tracking.track(request, "purchase", product, order_id="A-2")
    assert sorted(Interaction.objects.values_list("order_id", "quantity")) == [("A-1", 2), ("A-2", 1)]


def test_tracking_never_raises(product):
    tracking.track(request_of(), "no such kind", product)
    assert not Interaction.objects.exists()


def test_a_batch_counts_each_event_once(product):
    visitor = Visitor.objects.create()
    first, second = event(product), event(product, kind="cart")
    result = tracking.record_batch(visitor, [first, second, first])
    assert (result.accepted, result.duplicates, result.errors) == (2, 1, [])
    again = tracking.record_batch(visitor, [first, second])
    assert (again.accepted, again.duplicates) == (0, 2)
    assert Interaction.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"id": "7"}, "id", "invalid"),
        ({"kind": "stare"}, "kind", "invalid_choice"),
        ({"kind": ["view"]}, "kind", "invalid_choice"),
        ({"kind": "purchase"}, "kind", "not_allowed"),
        ({"product": "999999"}, "product", "unknown_product"),
        ({"product": "\x00"}, "product", "unknown_product"),
        ({"product": "9" * 40}, "product", "unknown_product"),
        ({"product": {}}, "product", "invalid"),
        ({"product": ""}, "product", "required"),
        ({"occurred_at": "yesterday"}, "occurred_at", "invalid"),
        ({"occurred_at": "2026-13-45T00:00:00Z"}, "occurred_at", "invalid"),
        ({"occurred_at": 5}, "occurred_at", "invalid"),
        ({"recommendation_id": "8c5f8a56-0e0e-4c3a-9f0c-2f6f1c3f4a11"}, "recommendation_id", "invalid"),
        ({"recommendation_id": 5}, "recommendation_id", "invalid"),
        ({"position": 0}, "position", "invalid"),
        ({"position": True}, "position", "invalid"),
        ({"position": 201}, "position", "invalid"),
        ({"quantity": 0}, "quantity", "invalid"),
        ({"quantity": "2"}, "quantity", "invalid"),
        ({"price": "-1"}, "price", "invalid"),
        ({"price": "NaN"}, "price", "invalid"),
        ({"price": "1e30"}, "price", "invalid"),
        ({"price": []}, "price", "invalid"),
        ({"order_id": "x" * 65}, "order_id", "invalid"),
        ({"order_id": 5}, "order_id", "invalid"),
        ({"kind": "impression"}, "recommendation_id", "required"),
        ({"kind": "impression", "recommendation_id": served(), "products": "1"}, "products", "invalid"),
        ({"kind": "impression", "recommendation_id": served(), "products": [None]}, "products", "required"),
        ({"kind": "search", "results": -1}, "results", "invalid"),
    ],
)
def test_a_bad_event_is_named_and_the_rest_is_kept(product, change, field, code):
    result = tracking.record_batch(Visitor.objects.create(), [event(product), event(product, **change), "no event"])
    assert result.accepted == 1
    assert [(e.index, e.field, e.code) for e in result.errors] == [(1, field, code), (2, "event", "invalid")]


def test_a_missing_field_is_required(product):
    complete = event(product)
    events = [{k: v for k, v in complete.items() if k != name} for name in ("id", "kind", "product")]
    result = tracking.record_batch(Visitor.objects.create(), events)
    assert [(e.field, e.code) for e in result.errors] == [(name, "required") for name in ("id", "kind", "product")]


def test_a_time_in_the_future_becomes_now(product):
    visitor = Visitor.objects.create()
    tracking.record_batch(visitor, [event(product, occurred_at="2999-01-01T00:00:00Z")])
    assert Interaction.objects.get().occurred_at <= timezone.now()


def nobody():
    raise AssertionError("a visitor was asked for")


def test_impressions_and_searches_are_kept_once_without_saying_whose_they_are(product):
    seen = {
        "id": str(uuid.uuid4()),
        "kind": "impression",
        "recommendation_id": served(milliseconds=4),
        "products": [str(product.pk), "999999"],
    }
    searched = {"id": str(uuid.uuid4()), "kind": "search", "results": 0, "text": "my name"}
    for accepted in (2, 0):
        result = tracking.record_batch(nobody, [seen, searched])
        assert (result.accepted, result.duplicates, result.errors) == (accepted, 2 - accepted, [])
    fields = ("placement", "runs", "snapshot", "milliseconds", "places")
    assert list(Impression.objects.values_list(*fields)) == [("home", "for_you.1.-trending.1", 7, 4, 2)]
    assert [row.results for row in Search.objects.all()] == [0]
    assert list(ShownProduct.objects.values_list("product_id", flat=True)) == [product.pk]
    assert not Visitor.objects.exists()
    assert not Interaction.objects.exists()


def test_a_late_impression_counts_as_of_a_day_ago():
    late = {"id": str(uuid.uuid4()), "kind": "impression", "recommendation_id": served()}
    tracking.record_batch(nobody, [late | {"occurred_at": "2020-01-01T00:00:00Z"}])
    age = timezone.now() - Impression.objects.get().occurred_at
    assert timedelta(days=1) <= age < timedelta(days=1, minutes=1)


def test_a_staff_systems_purchase_and_the_shops_own_order_are_one(product):
    visitor = Visitor.objects.create()
    sale = event(product, kind="purchase", order_id="A-1", quantity=2, price="19.90")
    for _ in range(2):
        tracking.record_batch(visitor, [sale | {"id": str(uuid.uuid4())}], kinds=["purchase"])
    line = Interaction.objects.get()
    assert (line.quantity, line.price, line.order_id) == (2, Decimal("19.90"), "A-1")
    assert line.client_id == tracking.order_line_id("A-1", str(product.pk), "purchase")


def test_forgetting_a_user_erases_every_event(product, user):
    tracking.track(request_of(user=user), "view", product)
    assert forgetting.forget_user(user) == 1
    assert not Visitor.objects.exists()
    assert not Interaction.objects.exists()
    assert forgetting.forget_user(user) == 0


def test_deleting_a_user_forgets_them(product, user):
    tracking.track(request_of(user=user), "view", product)
    user.delete()
    assert not Interaction.objects.exists()


def test_deleting_a_product_keeps_its_history_until_the_purge(product):
    tracking.track(request_of(), "view", product)
    product.delete()
    assert Interaction.objects.count() == 1
    assert forgetting.purge() == forgetting.PurgeReport(expired=0, orphaned=1, guests=0)
    assert not Interaction.objects.exists()


def test_the_purge_drops_what_is_too_old(product, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"EVENT_RETENTION_DAYS": 10}
    visitor = Visitor.objects.create(created_at=timezone.now() - timedelta(days=40))
    tracking.record_batch(visitor, [event(product, occurred_at=(timezone.now() - timedelta(days=11)).isoformat())])
    report = forgetting.purge()
    assert (report.expired, report.guests) == (1, 1)


def test_the_purge_drops_impressions_and_searches_that_are_too_old(product, settings):
    seen = {"id": str(uuid.uuid4()), "kind": "impression", "recommendation_id": served(), "products": [product.pk]}
    tracking.record_batch(nobody, [seen, {"id": str(uuid.uuid4()), "kind": "search"}])
    settings.RECOMMENDER = settings.RECOMMENDER | {"IMPRESSION_RETENTION_DAYS": 1}
    assert forgetting.purge().observations == 0
    for rows in (Impression, Search):
        rows.objects.update(occurred_at=timezone.now() - timedelta(days=2))
    ShownProduct.objects.update(day=timezone.localdate() - timedelta(days=2))
    assert forgetting.purge().observations == 3


def test_a_profile_names_what_recurs_and_exports_everything(user):
    for index, colour in enumerate(("blue", "blue", "red")):
        item = make_product(f"p{index}", colour=colour, brand="Orbis", picture=False)
        tracking.track(request_of(user=user), InteractionKind.VIEW, item)
    visitor = Visitor.objects.get()
    profile = profiling.describe(visitor)
    assert (profile.n_events, profile.kinds) == (3, {"view": 3})
    tastes = {(taste.attribute, taste.value): taste.share for taste in profile.tastes}
    assert tastes["color", "blue"] == pytest.approx(2 / 3)
    assert tastes["brand", "Orbis"] == 1
    assert len(profiling.export(visitor)["events"]) == 3
    assert profiling.describe(None).n_events == 0
