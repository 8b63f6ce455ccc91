"""The product list and the product page."""

from __future__ import annotations

from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from catalog import listing, showcase, specifications, suggesting, variants
from catalog.models import Product
from catalog.models.baskets import MAX_QUANTITY
from recommender.services import tracking


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """Search, filters, sorting, pages."""
    query = listing.Query.parse(request.GET)
    found = listing.build(query, request.GET.get("page"))
    if query.words and found.page.number == 1 and _is_looked_at(request):
        tracking.track_search(request, found.page.paginator.count)
    context = {"listing": found, "sorts": listing.SORTS, "page_address": _page_address(query)}
    if not found.tiles:
        context["close_names"] = suggesting.close_names(query.words) if query.words else []
    return render(request, "catalog/product_list.html", context)


@require_safe
def product(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One product; an outdated address leads to the present one."""
    shown = get_object_or_404(Product.objects.visible().for_cards(), pk=pk)
    address = shown.get_absolute_url()
    if unquote(address) != request.path:
        return redirect(address, permanent=True)
    siblings = Product.objects.visible().filter(family=shown.family_id).select_related("family")
    response = render(
        request,
        "catalog/product.html",
        {
            "product": shown,
            "images": shown.images.all(),
            "selectors": variants.selectors(shown, siblings),
            "figures": showcase.figures(shown),
            "specifications": specifications.rows([shown]),
            "quantities": range(1, min(MAX_QUANTITY, shown.stock) + 1),
        },
    )
    if _is_looked_at(request):
        tracking.track(request, "view", shown)
    return response


def _is_looked_at(request: HttpRequest) -> bool:
    """Whether somebody sees the page: not a HEAD request, not a browser that loads ahead."""
    return request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", "")


def _page_address(query: listing.Query) -> str:
    """The address of the list up to the page's number."""
    address = query.address()
    return f"{address}{'' if address == '?' else '&'}page="
