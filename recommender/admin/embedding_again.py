"""Having pictures looked at again, from any list that is about products."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from recommender import tasks
from recommender.admin.confirming import ask, confirmed, told_where
from recommender.conf import settings
from recommender.services import embedding

_INLINE_LIMIT = 50
"""Products that a page request may embed itself where there are no workers."""


def embed_products_again(
    admin: ModelAdmin[Any], request: HttpRequest, rows: QuerySet[Any], *, product_key: str = "pk"
) -> HttpResponse | None:
    """Ask, then have the rows' products looked at with the encoder in use, also those that failed.

    Args:
        admin: whose list it is.
        request: the one that chose the action, or says yes to it.
        rows: the rows chosen.
        product_key: the column that holds a row's product.

    Returns:
        The page that asks; None when it is done, after a message that leads to the progress.
    """
    keys = list(rows.order_by(product_key).values_list(product_key, flat=True).distinct())
    n = {"n": len(keys)}
    if not confirmed(request):
        title = ngettext(
            "Embed the pictures of %(n)s product again?", "Embed the pictures of %(n)s products again?", len(keys)
        )
        return ask(
            admin,
            request,
            rows,
            title=title % n,
            text=gettext("The products stay in the shelves as they are until it is done."),
            yes=gettext("Yes, embed them again"),
        )
    if settings.TASKS == "inline" and len(keys) > _INLINE_LIMIT:
        embedding.request(keys)
        noted = gettext("%(n)s products are noted. Run “manage.py recommender_embed” to embed that many.")
        admin.message_user(request, noted % n, messages.WARNING)
        return None
    with transaction.atomic():
        tasks.request_embedding(keys)
    text = ngettext("%(n)s product is looked at again.", "%(n)s products are looked at again.", len(keys)) % n
    overview = reverse("admin:recommender_overview")
    told = told_where(request, text, "recommender.view_snapshot", overview, gettext("See how far it is"))
    admin.message_user(request, told, messages.SUCCESS)
    return None
