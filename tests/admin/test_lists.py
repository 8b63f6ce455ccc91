"""The lists and their pages: what they show, that nobody edits there, and how many queries they take."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recommender.models import ImageEmbedding, Interaction, Job, Snapshot, Visitor
from recommender.services import training
from tests.admin.conftest import see
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)

MODELS = ("imageembedding", "snapshot", "job", "interaction", "visitor")


def queries(client, url):
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def text(client, url):
    response = client.get(url, follow=True)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("name", MODELS)
def test_nobody_adds_edits_or_deletes_rows(boss, shop, name):
    training.train()
    listed = reverse(f"admin:recommender_{name}_changelist")
    row = {
        "imageembedding": ImageEmbedding,
        "snapshot": Snapshot,
        "job": Job,
        "interaction": Interaction,
        "visitor": Visitor,
    }[name].objects.first()
    page = reverse(f"admin:recommender_{name}_change", args=[row.pk])
    assert boss.get(listed).status_code == 200
    assert boss.get(page).status_code == 200
    assert boss.post(page, {}).status_code == 403
    assert boss.post(reverse(f"admin:recommender_{name}_delete", args=[row.pk])).status_code == 403
    assert boss.get(reverse(f"admin:recommender_{name}_add")).status_code == 403
    assert "delete_selected" not in text(boss, listed)


@pytest.mark.parametrize("name", MODELS)
def test_staff_without_the_permission_see_nothing(staff, name):
    assert staff().get(reverse(f"admin:recommender_{name}_changelist")).status_code == 403


@pytest.mark.parametrize("name", ["imageembedding", "interaction", "visitor"])
def test_queries_do_not_grow_with_rows(boss, name):
    url = reverse(f"admin:recommender_{name}_changelist")
    see(Visitor.objects.create(), make_product("first"))
    queries(boss, url)  # fills the content type cache
    few = queries(boss, url)
    for n in range(5):
        user = get_user_model().objects.create_user(f"user{n}")
        see(Visitor.objects.create(user=user), make_product(f"more{n}"))
    assert queries(boss, url) == few


def test_embeddings_show_product_picture_state_and_error(boss, shop):
    row = ImageEmbedding.objects.first()
    ImageEmbedding.objects.filter(pk=row.pk).update(status="failed", error="It melted.", attempts=3)
    page = text(boss, reverse("admin:recommender_imageembedding_changelist"))
    assert "Nova 0" in page
    assert "It melted." in page
    assert '<span class="rec-badge rec-badge--failed">failed</span>' in page
    assert page.count('class="rec-thumb"') == 3, "no picture of the failed one"
    filtered = text(boss, reverse("admin:recommender_imageembedding_changelist") + "?status__exact=failed")
    assert "Nova 0" in filtered
    assert "Nova 1" not in filtered


def test_events_outlive_their_products_in_the_list(boss, shop):
    key = shop[0].pk
    shop[0].delete()
    page = text(boss, reverse("admin:recommender_interaction_changelist"))
    assert page.count(f"product {key}, deleted") == 3
    row = Interaction.objects.get(pk=Interaction.objects.filter(product_id=key).first().pk)
    assert str(key) in text(boss, reverse("admin:recommender_interaction_change", args=[row.pk]))


def test_interactions_and_visitors_are_found_by_visitor_and_name(boss, shop):
    ada = Visitor.objects.create(user=get_user_model().objects.create_user("ada"))
    imported = Visitor.objects.create(external_id="u42")
    see(ada, shop[0], kind="cart")
    see(imported, shop[1], kind="favourite")
    events, visitors = (reverse(f"admin:recommender_{name}_changelist") for name in ("interaction", "visitor"))
    for q, shown in (
        ("ada", "put into the basket"),
        ("u42", "kept as favourite"),
        (str(ada.pk), "put into the basket"),
    ):
        page = text(boss, f"{events}?q={q}")
        assert f">{shown}</span>" in page
        assert ">viewed</span>" not in page
    assert ">ada</a>" in text(boss, f"{visitors}?q=ada")
    assert "imported: u42" in text(boss, f"{visitors}?q=u42")
    assert "0 results" in text(boss, f"{visitors}?q=no+such+visitor")


def test_a_visitors_row_counts_events_and_links_to_them(boss, shop):
    visitor = Visitor.objects.first()
    page = text(boss, reverse("admin:recommender_visitor_changelist"))
    assert f"guest {str(visitor.pk)[:8]}" in page
    assert '<td class="field-n_events">4</td>' in page
    assert f"?visitor__id__exact={visitor.pk}" in page
    only = text(boss, reverse("admin:recommender_interaction_changelist") + f"?visitor__id__exact={visitor.pk}")
    assert only.count('class="field-what"') == 4


def test_jobs_show_how_far_they_are(boss):
    Job.objects.create(kind="embed", done=340, total=900)
    Job.objects.create(kind="train", state="failed", message="The database went away.")
    page = text(boss, reverse("admin:recommender_job_changelist"))
    assert '<progress class="rec-progress" max="900" value="340" aria-label="progress"></progress> 340 / 900' in page
    assert "The database went away." in page
    assert '<span class="rec-badge rec-badge--failed">failed</span>' in page


def test_the_app_index_links_to_overview_and_preview(boss):
    page = text(boss, reverse("admin:app_list", args=["recommender"]))
    assert reverse("admin:recommender_overview") in page
    assert reverse("admin:recommender_preview") in page


def test_rows_go_with_their_product_and_their_user(boss, shop):
    user = get_user_model().objects.create_user("ada")
    see(Visitor.objects.create(user=user), shop[1])
    for address in (f"/admin/catalog/product/{shop[0].pk}/delete/", f"/admin/auth/user/{user.pk}/delete/"):
        assert "would require deleting" not in boss.get(address).content.decode()
        assert boss.post(address, {"post": "yes"}).status_code == 302
    assert not ImageEmbedding.objects.filter(product_id=shop[0].pk).exists()
    assert not Visitor.objects.filter(user_id=user.pk).exists()
