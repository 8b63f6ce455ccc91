"""The front page."""

from __future__ import annotations

from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog import listing, showcase
from catalog.models import Brand

N_NEW = 8
_N_BRANDS = 12


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The newest phones, the brands, and what the visitor may like."""
    newest = listing.newest(N_NEW + 1)
    hero = newest[0] if newest else None
    brands = Brand.objects.annotate(
        n=Count("families", filter=Q(families__products__is_visible=True), distinct=True)
    ).filter(n__gt=0)
    return render(
        request,
        "catalog/home.html",
        {
            "hero": hero,
            "newest": newest[1:],
            "departments": showcase.departments(but=hero.product.family_id if hero else None),
            "brands": brands.order_by(F("n").desc(), "name")[:_N_BRANDS],
        },
    )
