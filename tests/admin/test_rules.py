"""Merchandising rules in the admin: who may do what, what is checked, shown and asked before it happens."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Product
from recommender.models import Rule
from recommender.services import merchandising, recommending, training

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/recommender/rule/"
MERCHANDISER = ("view_rule", "add_rule", "change_rule", "delete_rule", "pin_rule", "boost_rule", "view_snapshot")


def fields(product=None, **values):
    """A form that pins a product to the first place."""
    return {
        "name": "",
        "action": "pin",
        "target": "product",
        "product": "" if product is None else str(product.pk),
        "attribute": "",
        "value": "",
        "position": "1",
        "strength": "50",
        "share": "25",
        "placement": "",
        "seed_brand": "",
        "seed_category": "",
        "is_active": "on",
        "starts_at": "",
        "ends_at": "",
        **values,
    }


def errors(answer):
    return {name: [str(text) for text in texts] for name, texts in answer.context["adminform"].form.errors.items()}


def first(product):
    return recommending.similar(product).items[0].card.title


def test_a_pin_is_saved_under_a_name_and_is_on_the_next_shelf(boss, shop):
    assert boss.post(f"{LIST}add/", fields(shop[3])).status_code == 302
    rule = Rule.objects.get()
    assert (rule.name, rule.position, rule.product) == ("Pin: Nova 3", 1, shop[3])
    assert first(shop[0]) == "Nova 3"
    later = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    boss.post(f"{LIST}{rule.pk}/change/", fields(shop[3], starts_at=later, name="Spring"))
    assert first(shop[0]) != "Nova 3"
    assert [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")] == [
        "Added.",
        "Changed From and Name.",
    ]
    row = boss.get(LIST).content.decode()
    assert "pin to place 1" in row
    assert "scheduled" in row


@pytest.mark.parametrize("text", ["{pk}", "{pk} · whatever it was called", "nova 3", "NOVA 3"])
def test_a_product_is_named_by_key_or_by_words_that_only_it_has(boss, shop, text):
    boss.post(f"{LIST}add/", fields(product=None) | {"product": text.format(pk=shop[3].pk)})
    assert Rule.objects.get().product == shop[3]
    page = boss.get(f"{LIST}{Rule.objects.get().pk}/change/").content.decode()
    assert f'value="{shop[3].pk} · Nova 3"' in page


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"product": "nova"}, {"product": ["There is no one product nova. Type a part of its title and choose."]}),
        ({"product": ""}, {"product": ["Which product?"]}),
        ({"position": ""}, {"position": ["Which place? 1 is the first."]}),
        ({"position": "0"}, {"position": ["Ensure this value is greater than or equal to 1."]}),
        (
            {"target": "brand", "value": "Orbis"},
            {"target": ["A pin needs one product: two cannot stand in one place."]},
        ),
        ({"action": "boost", "target": "brand"}, {"value": ["Which brand, or which value of the attribute?"]}),
        ({"action": "boost", "target": "attribute", "value": "red"}, {"attribute": ["Which attribute?"]}),
        ({"strength": "101"}, {"strength": ["Ensure this value is less than or equal to 100."]}),
        (
            {"starts_at": "2031-01-02T00:00", "ends_at": "2031-01-01T00:00"},
            {"ends_at": ["It would end before it starts."]},
        ),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(boss, shop, given, wrong):
    assert errors(boss.post(f"{LIST}add/", fields(shop[3]) | given)) == wrong
    assert Rule.objects.count() == 0


def test_what_another_action_has_no_use_for_is_dropped(boss, shop):
    boss.post(f"{LIST}add/", fields(shop[3], action="boost", target="attribute", attribute="color", value="red"))
    rule = Rule.objects.get()
    assert (rule.product, rule.position, rule.attribute, rule.value) == (None, None, "color", "red")


def test_a_merchandiser_pins_and_boosts_and_only_looks_at_what_others_bury(staff, shop):
    client = staff(*MERCHANDISER)
    buried = merchandising.bury(product=shop[1], name="Quiet")
    client.post(f"{LIST}add/", fields(shop[3]))
    assert Rule.objects.filter(action="pin").count() == 1
    refused = client.post(f"{LIST}add/", fields(shop[3], action="exclude"))
    assert errors(refused) == {"action": ["Select a valid choice. exclude is not one of the available choices."]}
    assert client.get(f"{LIST}{buried.pk}/change/").status_code == 200
    assert client.post(f"{LIST}{buried.pk}/change/", fields(shop[3])).status_code == 403
    assert client.post(f"{LIST}{buried.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{LIST}{buried.pk}/effect/", fields(shop[3])).status_code == 403
    pin = Rule.objects.get(action="pin")
    assert errors(client.post(f"{LIST}{pin.pk}/change/", fields(shop[3], action="bury"))).keys() == {"action"}
    chosen = {"action": "deactivate", "_selected_action": [buried.pk, pin.pk], "confirmed": "yes"}
    page = client.post(LIST, chosen, follow=True).content.decode()
    assert "Rules that do what you may not do were left out." in page
    assert list(Rule.objects.filter(is_active=True)) == [buried]
    client.post(LIST, {"action": "delete_selected", "_selected_action": [buried.pk], "post": "yes"})
    assert Rule.objects.filter(pk=buried.pk).exists()


def test_who_may_only_look_sees_everything_and_no_button(staff, shop):
    client = staff("view_rule")
    rule = merchandising.pin(shop[3], 1, name="Spring")
    page = client.get(f"{LIST}{rule.pk}/change/").content.decode()
    assert "Nova 3" in page
    assert "Preview the effect" not in page
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}effect/", fields(shop[3])).status_code == 403


def test_switching_asks_first_and_is_in_the_history(boss, shop):
    rules = [merchandising.pin(shop[3], 1, name="One"), merchandising.pin(shop[2], 2, name="Two")]
    chosen = {"action": "deactivate", "_selected_action": [rule.pk for rule in rules]}
    page = boss.post(LIST, chosen)
    assert "Switch these rules off?" in page.content.decode()
    assert "One" in page.content.decode()
    assert Rule.objects.filter(is_active=True).count() == 2
    done = boss.post(LIST, chosen | {"confirmed": "yes"}, follow=True)
    assert "2 rules were switched." in done.content.decode()
    assert Rule.objects.filter(is_active=True).count() == 0
    assert LogEntry.objects.filter(content_type__model="rule").count() == 2
    assert first(shop[0]) != "Nova 3"


def test_the_list_tells_states_and_conflicts_in_as_many_queries_for_thirty_rules_as_for_one(boss, shop):
    now = timezone.now()
    merchandising.pin(shop[3], 1, name="A")
    one = queries_of(boss)
    merchandising.pin(shop[2], 1, name="B", starts_at=now + timedelta(days=1))
    merchandising.exclude(brand="Orbis", name="C", is_active=False)
    merchandising.boost(brand="Orbis", name="D", ends_at=now - timedelta(days=1))
    for number in range(26):
        merchandising.boost(brand="Orbis", name=f"E{number}")
    Product.objects.filter(pk=shop[3].pk).update(stock=0)
    assert queries_of(boss) == one
    page = boss.get(LIST).content.decode()
    assert "The product cannot be bought now" in page
    assert "“B” pins to the same place" in page
    for state, names in (("scheduled", ["B"]), ("off", ["C"]), ("ended", ["D"])):
        assert [rule.name for rule in boss.get(f"{LIST}?state={state}").context["cl"].result_list] == names
    assert len(boss.get(f"{LIST}?state=live").context["cl"].result_list) == 27


def queries_of(client):
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        client.get(LIST)
    return len(queries)


def test_the_effect_is_shown_and_nothing_is_saved(boss, shop):
    training.train()
    form = fields(shop[3]) | {"look_at": str(shop[0].pk)}
    part = boss.post(f"{LIST}effect/", form, headers={"X-Part": "effect"}).content.decode()
    assert "The rule is about 1 product." in part
    assert "Beside Nova 0" in part
    assert "<html" not in part
    assert "<html" in boss.post(f"{LIST}effect/", form).content.decode()
    assert Rule.objects.count() == 0
    wrong = boss.post(f"{LIST}effect/", fields(), headers={"X-Part": "effect"}).content.decode()
    assert "Product: Which product?" in wrong
    assert boss.get(f"{LIST}effect/").status_code == 405


def test_the_effect_tells_conflicts_before_they_are_saved(boss, shop):
    training.train()
    other = merchandising.exclude(brand="Orbis", name="No Orbis")
    part = boss.post(f"{LIST}effect/", fields(shop[3]), headers={"X-Part": "effect"}).content.decode()
    assert f'<a href="/admin/recommender/rule/{other.pk}/change/">“No Orbis” excludes the product' in part


def suggested(client, what, **query):
    return [one["value"] for one in client.get(f"/admin/recommender/snapshot/suggest/{what}/", query).json()["results"]]


def test_what_may_be_meant_is_suggested(boss, shop):
    assert suggested(boss, "products", q="nova 3") == [f"{shop[3].pk} · Nova 3"]
    assert suggested(boss, "products", q="") == []
    assert suggested(boss, "brands", q="ORB") == ["Orbis"]
    assert suggested(boss, "categories", q="") == ["phone"]
    assert suggested(boss, "attributes", q="c") == ["category", "color"]
    assert suggested(boss, "values", of="color", q="re") == ["red", "green"]
    assert suggested(boss, "values", of="nothing", q="re") == []
    assert suggested(boss, "visitors", q="a") == []
    assert boss.get("/admin/recommender/snapshot/suggest/secrets/").status_code == 404


def test_suggestions_are_for_those_who_may_see_what_is_suggested(staff, shop):
    client = staff("view_snapshot")
    assert suggested(client, "brands", q="orb") == ["Orbis"]
    assert client.get("/admin/recommender/snapshot/suggest/visitors/?q=a").status_code == 403
