"""The editor of placements: what may be saved, what its preview tells, and who may do what."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from recommender.admin.placement_form import PlacementForm
from recommender.models import Placement, Strategy, Visitor
from recommender.services import placing, training
from tests.admin.conftest import see

pytestmark = pytest.mark.django_db(transaction=True)

PREVIEW = "admin:recommender_placement_preview"


def posted(strategies=("similar",), fallbacks=(), **values):
    """What the form sends."""
    data = {
        "context": "product",
        "is_active": "on",
        "length": "12",
        "brand": "any",
        "category": "any",
        "in_stock": "on",
    }
    for field, chosen, n in (("strategies", strategies, 5), ("fallbacks", fallbacks, 3)):
        data |= {f"{field}_{place}": name for place, name in enumerate([*chosen, *[""] * (n - len(chosen))])}
    return data | values


def preview(client, product=None, slug="product-page", **values):
    asked = posted(**values) | ({"preview_product": str(product.pk)} if product else {})
    answer = client.post(reverse(PREVIEW) + f"?slug={slug}", asked, headers={"X-Requested-With": "recommender-preview"})
    assert answer.status_code == 200
    return answer.content.decode()


def moves(text):
    """Title -> what becomes of it."""
    rows = re.findall(r'rec-move rec-move--(\w+)">.*?rec-move__title">([^<]*)<', text, re.DOTALL)
    return {title: move for move, title in rows}


class TestForm:
    def test_a_placement_is_saved_as_it_was_chosen(self, boss):
        titles = {"titles_en": "Look", "titles_zh-hans": "看"}
        data = posted(["for_you", "", "trending"], ["new_arrivals"], slug="spot", context="any", **titles)
        answer = boss.post(reverse("admin:recommender_placement_add"), data)
        assert answer.status_code == 302
        spot = Placement.objects.get(slug="spot")
        assert (spot.strategies, spot.fallbacks) == (["for_you", "trending"], ["new_arrivals"])
        assert spot.titles == {"en": "Look", "zh-hans": "看"}
        assert placing.find("spot").strategies == ["for_you", "trending"]

    @pytest.mark.parametrize(
        ("values", "field", "cure"),
        [
            ({"strategies": []}, "strategies", "Choose at least one strategy"),
            ({"strategies": ["similar", "similar"]}, "strategies", "Once is enough"),
            ({"fallbacks": ["trending", "trending"]}, "fallbacks", "Once is enough"),
            ({"context": "any"}, "strategies", "Choose a page that has under “Stands on”"),
            ({"strategies": ["for_you"], "context": "any", "brand": "same"}, "brand", "no product to compare with"),
            (
                {"strategies": ["for_you"], "context": "any", "price_to_percent": "90"},
                "price_from_percent",
                "no product to compare with",
            ),
            ({"strategies": ["buy_again"], "leave_out_bought": "on"}, "leave_out_bought", "do not leave that out"),
            ({"strategies": ["recently_viewed"], "leave_out_seen": "on"}, "leave_out_seen", "do not leave that out"),
            ({"price_from_percent": "130", "price_to_percent": "70"}, "price_to_percent", "exchange the two"),
            (
                {"starts_at": "2026-02-01T00:00", "ends_at": "2026-01-01T00:00"},
                "ends_at",
                "choose a later end, or an earlier start",
            ),
            ({"length": "49"}, "length", "48"),
            ({"slug": "Not This"}, "slug", "valid"),
        ],
    )
    def test_a_fault_is_shown_at_its_field_with_its_cure(self, values, field, cure):
        form = PlacementForm({"slug": "spot"} | posted(**values))
        assert not form.is_valid()
        assert list(form.errors) == [field]
        assert cure in str(form.errors[field])

    def test_the_name_of_one_that_is_there_stays(self, boss):
        text = boss.get(reverse("admin:recommender_placement_change", args=["home"])).content.decode()
        assert 'name="slug"' not in text
        assert text.count('class="rec-order"') == 2
        assert str(Strategy.SUBSTITUTES.label) in text


class TestPreview:
    @pytest.fixture
    def trained(self, shop):
        training.train()
        return shop

    def test_without_a_change_all_stays(self, boss, trained):
        saved = Placement.objects.get(slug="product-page")
        text = preview(boss, trained[0], fallbacks=saved.fallbacks, leave_out_dismissed="on")
        assert set(moves(text).values()) == {"stays"}
        assert "as it is now" in text
        assert "3 of 12 places" in text
        assert "Nothing more in the shop fits" in text

    def test_what_comes_goes_and_moves_is_told_and_nothing_is_saved(self, boss, trained):
        Placement.objects.filter(slug="product-page").update(length=2, diversity=0)
        placing.announce()
        before = [item.card.title for item in placing.place("product-page", placing.Context(product=trained[0])).items]
        text = preview(boss, trained[0], strategies=["new_arrivals"], length="2")
        after = ["Nova 3", "Nova 2"]
        found = moves(text)
        assert [title for title in found if found[title] != "out"] == after
        assert {title for title, move in found.items() if move == "in"} == set(after) - set(before)
        assert {title for title, move in found.items() if move == "out"} == set(before) - set(after)
        assert "New in the shop" in text
        assert "<del>Similar products</del>" in text
        assert Placement.objects.get(slug="product-page").strategies == ["similar"]

    def test_a_new_placement_is_compared_with_nothing(self, boss, trained):
        assert "Name: This field is required." in preview(boss, trained[0], slug="", strategies=["new_arrivals"])
        answer = boss.post(
            reverse(PREVIEW),
            posted(["new_arrivals"], slug="spot", preview_product="Nova 1"),
            headers={"X-Requested-With": "recommender-preview"},
        )
        assert set(moves(answer.content.decode()).values()) == {"stays"}

    def test_it_follows_a_visitor_whom_one_may_see(self, boss, staff, trained):
        ada = get_user_model().objects.create_user("ada")
        see(Visitor.objects.create(user=ada), trained[1])
        values = {"strategies": ["recently_viewed"], "preview_visitor": "ada"}
        text = preview(boss, trained[0], **values)
        shown = [title for title, move in moves(text).items() if move != "out"]
        assert shown == ["Nova 1"]
        merchant = staff("view_placement", "change_placement")
        shown = [title for title, move in moves(preview(merchant, trained[0], **values)).items() if move != "out"]
        assert shown == []

    def test_faults_come_instead_of_a_preview(self, boss, trained):
        text = preview(boss, trained[0], strategies=[])
        assert "There is no preview until this is mended:" in text
        assert "Strategies: Choose at least one strategy" in text

    def test_what_is_not_found_is_said(self, boss, trained):
        answer = boss.post(
            reverse(PREVIEW) + "?slug=product-page", posted() | {"preview_product": "zzz", "preview_visitor": "nobody"}
        )
        text = answer.content.decode()
        assert "No product is found by “zzz”." in text
        assert "No visitor is found by “nobody”." in text
        assert "<html" in text

    def test_one_that_is_off_says_that_nobody_sees_it(self, boss, trained):
        assert "Visitors do not see it now" in preview(boss, trained[0], is_active="")

    def test_fields_suggest_names_with_keys(self, boss, trained):
        address = reverse("admin:recommender_placement_suggest")
        assert boss.get(address, {"q": "nova 2"}).json() == {"results": [f"Nova 2 · {trained[2].pk}"]}
        user = get_user_model().objects.create_user("ada")
        visitor = Visitor.objects.create(user=user)
        assert boss.get(address, {"q": "ad", "what": "visitor"}).json() == {"results": [f"ada · {visitor.pk}"]}
        assert moves(preview(boss, trained[0], preview_product=f"Nova 2 · {trained[2].pk}")).keys()


class TestRoles:
    def test_an_analyst_sees_and_previews_what_is_saved(self, staff, shop):
        training.train()
        analyst = staff("view_placement")
        page = analyst.get(reverse("admin:recommender_placement_change", args=["product-page"])).content.decode()
        assert 'name="_save"' not in page
        text = preview(analyst, shop[0], strategies=["new_arrivals"])
        assert set(moves(text).values()) == {"stays"}
        answer = analyst.post(reverse("admin:recommender_placement_change", args=["home"]), posted())
        assert answer.status_code == 403

    def test_switching_several_at_once(self, staff):
        merchant = staff("view_placement", "change_placement")
        data = {"action": "switch_off", "_selected_action": ["home", "basket"]}
        asked = merchant.post(reverse("admin:recommender_placement_changelist"), data).content.decode()
        assert "Switch these placements off?" in asked
        assert {"home", "basket"} <= {placement.slug for placement in placing.shown()}
        data |= {"confirmed": "yes"}
        text = merchant.post(reverse("admin:recommender_placement_changelist"), data, follow=True).content.decode()
        assert "2 placements are switched off." in text
        assert [placement.slug for placement in placing.shown() if placement.slug in ("home", "basket")] == []
        assert text.count("rec-badge--off") == 2

    def test_the_list_says_why_one_is_not_shown(self, boss):
        now = timezone.now()
        Placement.objects.filter(slug="home").update(starts_at=now + timedelta(days=1))
        Placement.objects.filter(slug="basket").update(ends_at=now - timedelta(days=1))
        text = boss.get(reverse("admin:recommender_placement_changelist")).content.decode()
        assert text.count("waits for its date") == 1
        assert text.count(">over<") == 1
