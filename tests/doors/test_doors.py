"""Who gets in where: every address and admin action against table.txt, and nobody in what belongs to somebody else."""

from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import transaction

from catalog import roles
from catalog.models import BasketLine, Product
from recommender.models import Interaction
from tests.doors.people import STAFF, WHO, open_shop
from tests.hostile.addresses import walk
from tests.services.conftest import light  # noqa: F401 - the light encoder for these tests too

pytestmark = pytest.mark.django_db

DELETES = ("recommender:me", "recommender:dismissal")
"""Addresses that also answer DELETE."""


def rows():
    """(name, method) -> what each of `WHO` is told; and (model, action) -> whether each may."""
    lines = (Path(__file__).parent / "table.txt").read_text(encoding="utf-8").splitlines()
    cells = [line.split() for line in lines if line and not line.startswith("#")]
    return {(first, second): told for first, second, *told in cells}


TABLE = rows()


@pytest.fixture
def shop(light):  # noqa: F811
    return open_shop()


def knocks():
    """Each address with the methods to try."""
    for address in walk():
        for method in ("GET", "POST", *(["DELETE"] if address.name in DELETES else [])):
            yield address, method


def asked(shop, who, method, address):
    """What somebody is told; what it did is undone."""
    point = transaction.savepoint()
    cookies = shop.clients[who].cookies.copy()
    try:
        return shop.knock(who, method, shop.path(address))
    finally:
        transaction.savepoint_rollback(point)
        shop.clients[who].cookies = cookies


@pytest.mark.once
def test_every_door_is_as_open_as_the_table_says(shop):
    found = {(address.name, method): [asked(shop, who, method, address) for who in WHO] for address, method in knocks()}
    expected = {key: told for key, told in TABLE.items() if key[0] != "action"}
    missing = [" ".join([*key, *told]) for key, told in found.items() if key not in expected]
    assert missing == [], "addresses without a row; look at each answer before you add it to tests/doors/table.txt"
    assert [key for key in expected if key not in found] == [], "rows of addresses that are gone"
    wrong = [f"{key}: {told}, the table says {expected[key]}" for key, told in found.items() if told != expected[key]]
    assert wrong == []


def test_every_action_is_offered_to_whom_the_table_says(shop, rf):
    found = {}
    for model, model_admin in admin.site._registry.items():
        for place, who in enumerate(STAFF):
            request = rf.get("/")
            request.user = get_user_model().objects.get(username=who)
            for action in model_admin.get_actions(request):
                found.setdefault(("action", f"{model._meta.label_lower}.{action}"), ["no"] * 3)[place] = "ok"
    expected = {key: told[3:] for key, told in TABLE.items() if key[0] == "action"}
    assert found == expected
    assert all(told[:3] == ["no"] * 3 for key, told in TABLE.items() if key[0] == "action")


def test_an_action_that_is_not_offered_does_nothing_when_it_is_sent_all_the_same(shop):
    key = Product.objects.get(sku="nova").pk
    for who in WHO:
        for action in ("hide", "delete_selected"):
            data = {"action": action, "_selected_action": [key], "post": "yes", "confirmed": "yes"}
            point = transaction.savepoint()
            shop.clients[who].post("/admin/catalog/product/", data)
            done = not Product.objects.filter(pk=key, is_visible=True).exists()
            transaction.savepoint_rollback(point)
            told = TABLE["action", f"catalog.product.{action}"][WHO.index(who)]
            assert done == (told == "ok"), (who, action)


def test_another_shopper_neither_sees_nor_changes_what_is_not_theirs(shop):
    other, line = shop.clients["other"], BasketLine.objects.get()
    nova = Product.objects.get(sku="nova")
    assert other.get(f"/orders/{shop.order.reference}/").status_code == 404
    for path in ("/account/", "/about-you/", "/about-you/export/", "/api/v1/me/"):
        text = other.get(path).content.decode()
        assert shop.order.reference not in text
        assert "shopper@example.org" not in text
        assert nova.title not in text.split("</header>")[-1].split('class="shelf')[0], path
    other.post(f"/basket/lines/{line.pk}/", {"quantity": 5})
    other.post(f"/basket/lines/{line.pk}/", {"remove": "1"})
    line.refresh_from_db()
    assert line.quantity == 1
    other.post("/about-you/forget/")
    other.delete("/api/v1/me/")
    assert Interaction.objects.count() == 1


class TestRoles:
    def test_each_has_its_permissions_and_each_permission_exists(self):
        for name, codenames in roles.ROLES.items():
            group = Group.objects.get(name=name)
            assert set(group.permissions.values_list("codename", flat=True)) == set(codenames)

    def test_none_may_touch_accounts_roles_or_tokens(self):
        theirs = Permission.objects.filter(group__name__in=roles.ROLES)
        assert set(theirs.values_list("content_type__app_label", flat=True)) == {"catalog", "recommender"}

    def test_what_the_shop_made_of_a_role_survives_a_migration(self):
        group = Group.objects.get(name="analyst")
        group.permissions.clear()
        Group.objects.get(name="manager").delete()
        call_command("migrate", verbosity=0)
        assert group.permissions.count() == 0
        assert Group.objects.get(name="manager").permissions.count() == len(set(roles.MANAGER))

    def test_the_page_about_roles_names_every_permission(self):
        page = (Path(__file__).parents[2] / "docs" / "how-to" / "roles.md").read_text(encoding="utf-8")
        described = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
        every = {codename for codenames in roles.ROLES.values() for codename in codenames}
        assert described.keys() == every
        for codename, line in described.items():
            ticks = [cell.strip() == "✓" for cell in line.split("|")[2:5]]
            assert ticks == [codename in codenames for codenames in roles.ROLES.values()], codename
