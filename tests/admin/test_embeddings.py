"""Embedding again, thumbnails, and the inline for hosts."""

import io

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.urls import reverse
from PIL import Image

from catalog.models import Product
from recommender.admin import EmbeddingStatusInline
from recommender.models import ImageEmbedding
from recommender.services.thumbnailing import SIDE
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "admin:recommender_imageembedding_changelist"


def embed_again(client, rows):
    data = {"action": "embed_again", "_selected_action": [row.pk for row in rows], "confirmed": "yes"}
    return client.post(reverse(LIST), data, follow=True).content.decode()


def test_a_mixed_selection_is_embedded_again(boss, shop):
    empty = ImageEmbedding.objects.get(product=make_product("Bare", picture=False))
    waiting, failed, ready, _ = ImageEmbedding.objects.filter(product__in=shop)
    ImageEmbedding.objects.filter(pk=waiting.pk).update(status="pending", vector=None)
    ImageEmbedding.objects.filter(pk=failed.pk).update(status="failed", vector=None, attempts=3, content_hash="")
    old = ImageEmbedding.objects.create(product=shop[0], encoder_version="old-1", image_key="x", status="failed")
    page = embed_again(boss, [waiting, failed, ready, empty, old])
    assert f'4 products are looked at again. <a href="{reverse("admin:recommender_overview")}">' in page
    states = dict(ImageEmbedding.objects.values_list("pk", "status"))
    assert [states[row.pk] for row in (waiting, failed, ready, empty)] == ["ready", "ready", "ready", "empty"]
    assert states[old.pk] == "failed", "rows of an encoder that is out of use are history"


def test_many_products_are_noted_where_nobody_but_this_page_could_embed_them(boss, monkeypatch, shop):
    monkeypatch.setattr("recommender.admin.embedding_again._INLINE_LIMIT", 3)
    page = embed_again(boss, ImageEmbedding.objects.all())
    assert "4 products are noted. Run “manage.py recommender_embed”" in page
    assert set(ImageEmbedding.objects.values_list("status", flat=True)) == {"pending"}


def test_with_workers_the_work_is_handed_out(boss, settings, shop):
    settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}
    assert "4 products are looked at again." in embed_again(boss, ImageEmbedding.objects.all())
    assert set(ImageEmbedding.objects.values_list("status", flat=True)) == {"pending"}


def test_the_question_says_how_many_products_and_names_the_rows(boss, shop):
    rows = list(ImageEmbedding.objects.filter(product__in=shop[:2]))
    data = {"action": "embed_again", "_selected_action": [row.pk for row in rows]}
    text = boss.post(reverse(LIST), data).content.decode()
    assert "Embed the pictures of 2 products again?" in text
    assert [str(row) in text for row in rows] == [True, True]
    assert "See how far it is" not in boss.get(reverse(LIST)).content.decode()


def test_those_who_may_not_see_the_progress_are_not_sent_there(staff, shop):
    page = embed_again(staff("view_imageembedding", "change_imageembedding"), ImageEmbedding.objects.all())
    assert "4 products are looked at again." in page
    assert "See how far it is" not in page


def test_only_those_who_may_change_may_embed_again(staff, shop):
    client = staff("view_imageembedding")
    assert "embed_again" not in client.get(reverse(LIST)).content.decode()
    embed_again(client, ImageEmbedding.objects.all())
    assert set(ImageEmbedding.objects.values_list("status", flat=True)) == {"ready"}


def test_a_thumbnail_is_a_small_copy_that_browsers_keep(boss, shop):
    row = ImageEmbedding.objects.first()
    response = boss.get(reverse("admin:recommender_picture", args=[row.pk]))
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Cache-Control"] == "private, max-age=86400"
    assert max(Image.open(io.BytesIO(response.content)).size) <= SIDE


def test_pictures_that_are_gone_broken_or_not_yours_are_not_found(boss, staff, shop):
    gone, broken = ImageEmbedding.objects.all()[:2]
    gone.product.images.all().delete()
    ImageEmbedding.objects.bulk_create([gone], ignore_conflicts=True)
    broken.product.images.get().file.storage.delete(broken.image_key)
    for pk in (gone.pk, broken.pk, 4711):
        assert boss.get(reverse("admin:recommender_picture", args=[pk])).status_code == 404
    fine = ImageEmbedding.objects.last()
    assert staff().get(reverse("admin:recommender_picture", args=[fine.pk])).status_code == 404


def test_hosts_show_the_state_in_their_product_admin(rf, shop):
    class HostAdmin(admin.ModelAdmin):
        fields = ("title",)
        inlines = (EmbeddingStatusInline,)

    ImageEmbedding.objects.create(product=shop[0], encoder_version="old-1", image_key="old.png", status="failed")
    request = rf.get("/")
    request.user = get_user_model().objects.create_superuser("boss")
    page = HostAdmin(Product, admin.site).change_view(request, str(shop[0].pk)).render().content.decode()
    assert '<span class="rec-badge rec-badge--ready">embedded</span>' in page
    assert "old.png" not in page
    assert 'name="imageembedding_set-0-status"' not in page
