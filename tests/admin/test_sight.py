"""The pages of what sight gives the manager: the review queue and the catalogue's health."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from catalog.models import Product
from recommender.models import Finding, Suggestion
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)
REVIEW, HEALTH = "admin:recommender_review", "admin:recommender_health"


def uncoloured(name):
    """A phone of which nobody wrote down the colour."""
    product = make_product(name)
    Product.objects.filter(pk=product.pk).update(color="")
    return product


@pytest.fixture
def bare():
    """Such a phone, and what is proposed."""
    product = uncoloured("bare")
    return Suggestion.objects.create(
        product=product,
        attribute="color",
        value="red",
        confidence=0.93,
        others=["orange", "coral"],
        origin=Suggestion.Origin.NEIGHBOURS,
    )


@pytest.fixture
def small():
    """A picture that is too small."""
    product = make_product("tiny")
    key = product.images.get().name
    return Finding.objects.create(
        kind=Finding.Kind.SMALL,
        product=product,
        image_key=key,
        detail={"width": 160, "height": 160},
        weight=0.6,
        fingerprint="f",
    )


def colour_of(suggestion):
    return Product.objects.get(pk=suggestion.product_id).color


def decide(client, suggestion, decision, value=""):
    data = {"suggestion": suggestion.pk, "decision": decision, "value": value}
    answer = client.post(reverse(REVIEW), data, follow=True)
    suggestion.refresh_from_db()
    return [str(message) for message in answer.context["messages"]]


class TestReview:
    def test_the_queue_shows_what_is_proposed_how_sure_and_what_else_it_may_be(self, boss, bare):
        page = boss.get(reverse(REVIEW)).content.decode()
        assert "<strong>red</strong>" in page
        assert "93 % sure" in page
        assert '<option value="coral">' in page
        assert reverse("admin:catalog_product_change", args=[bare.product_id]) in page
        assert page.count("rec-thumb") == 0
        assert page.count("/picture/") == 1

    def test_an_accepted_value_is_written_and_logged(self, boss, bare):
        assert decide(boss, bare, "accept") == ["color is now red."]
        assert (colour_of(bare), bare.status, bare.decided_by.username) == ("red", "accepted", "boss")
        assert LogEntry.objects.get().change_message == "color is now red."
        assert "Nothing to review." in boss.get(reverse(REVIEW)).content.decode()

    def test_a_correction_is_written_and_a_rejection_writes_nothing(self, boss, bare):
        assert decide(boss, bare, "correct", "coral") == ["color is now coral."]
        assert (colour_of(bare), bare.status, bare.answer) == ("coral", "corrected", "coral")
        other = Suggestion.objects.create(
            product=uncoloured("next"), attribute="color", value="blue", confidence=0.8, origin="network"
        )
        assert decide(boss, other, "reject") == ["Rejected: it is not proposed again."]
        assert (colour_of(other), other.status) == ("", "rejected")

    def test_an_empty_correction_says_what_to_do(self, boss, bare):
        assert decide(boss, bare, "correct", " ") == ["Type the right value, or reject the suggestion."]
        assert bare.status == "open"

    @pytest.mark.parametrize("text", ["", "x", "999999999999999999999999", "0"])
    def test_a_suggestion_that_is_not_there_was_decided(self, boss, bare, text):
        answer = boss.post(reverse(REVIEW), {"suggestion": text, "decision": "accept"}, follow=True)
        assert [str(m) for m in answer.context["messages"]] == ["Somebody else has decided this already."]
        assert colour_of(bare) == ""

    def test_who_may_only_look_finds_no_buttons_and_cannot_decide(self, staff, bare):
        client = staff("view_suggestion", "view_imageembedding")
        assert "decision" not in client.get(reverse(REVIEW)).content.decode()
        assert client.post(reverse(REVIEW), {"suggestion": bare.pk, "decision": "accept"}).status_code == 403
        assert colour_of(bare) == ""

    def test_one_attribute_at_a_time(self, boss, bare):
        Suggestion.objects.create(
            product_id=bare.product_id, attribute="camera_layout", value="pill", confidence=0.7, origin="network"
        )
        page = boss.get(reverse(REVIEW), {"attribute": "camera_layout"}).content.decode()
        assert "<strong>pill</strong>" in page
        assert "<strong>red</strong>" not in page

    @pytest.mark.parametrize("n", [1, 10])
    def test_the_queue_needs_the_same_queries_for_one_as_for_many(self, boss, n, django_assert_max_num_queries):
        for number in range(n):
            Suggestion.objects.create(
                product=uncoloured(f"p{number}"),
                attribute="color",
                value="red",
                confidence=0.5 + number / 100,
                origin="network",
            )
        boss.get(reverse(REVIEW))
        with django_assert_max_num_queries(9):
            assert boss.get(reverse(REVIEW)).content.decode().count("rec-proposal__title") == n


class TestHealth:
    def test_a_finding_is_shown_with_its_picture_words_and_product(self, boss, small):
        page = boss.get(reverse(HEALTH)).content.decode()
        assert "160 by 160 pixels: enlarged, it shows nothing more. Use 400 or more." in page
        assert page.count("/picture/") == 1
        assert reverse("admin:catalog_product_change", args=[small.product_id]) in page

    def test_what_is_fine_goes_and_comes_back(self, boss, small):
        answer = boss.post(reverse(HEALTH), {"finding": small.pk}, follow=True)
        assert [str(m) for m in answer.context["messages"]] == ["Noted: it is fine, and not listed again."]
        assert "Nothing wants a look." in answer.content.decode()
        small.refresh_from_db()
        assert small.dismissed_by.username == "boss"
        assert "160 by 160" in boss.get(reverse(HEALTH), {"fine": "1"}).content.decode()
        boss.post(reverse(HEALTH), {"finding": small.pk, "fine": "1"})
        assert "160 by 160" in boss.get(reverse(HEALTH)).content.decode()

    def test_who_may_only_look_cannot_dismiss(self, staff, small):
        client = staff("view_finding")
        assert "It is fine" not in client.get(reverse(HEALTH)).content.decode()
        assert client.post(reverse(HEALTH), {"finding": small.pk}).status_code == 403

    def test_a_finding_that_is_gone_is_told(self, boss):
        for text in ("", "x", "99999999999999999999", "7"):
            answer = boss.post(reverse(HEALTH), {"finding": text}, follow=True)
            assert [str(m) for m in answer.context["messages"]] == [
                "It is no longer there. The list is up to date now."
            ]

    @pytest.mark.parametrize("kind", [*Finding.Kind.values, "", "nonsense"])
    def test_each_kind_has_its_own_list(self, boss, small, kind):
        page = boss.get(reverse(HEALTH), {"kind": kind}).content.decode()
        assert ("160 by 160" in page) == (kind in ("small", "", "nonsense"))

    def test_both_pages_are_there_in_chinese(self, boss, small, bare):
        pages = [
            boss.get(reverse(name), headers={"accept-language": "zh-hans"}).content.decode()
            for name in (REVIEW, HEALTH)
        ]
        assert "93 % 把握" in pages[0]
        assert "放大后看不到更多细节" in pages[1]


def test_histories_are_lists_of_their_own(boss, bare, small):
    for name in ("suggestion", "finding"):
        page = boss.get(reverse(f"admin:recommender_{name}_changelist")).content.decode()
        assert "result_list" in page
        pk = {"suggestion": bare.pk, "finding": small.pk}[name]
        assert boss.get(reverse(f"admin:recommender_{name}_change", args=[pk])).status_code == 200
