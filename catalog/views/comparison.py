"""Up to four phones side by side."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog import comparison, specifications
from catalog.models import Product
from catalog.views.addresses import back


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """The comparison; `?ids=1,2` shows someone else's, `?only=differences` what differs."""
    given = request.GET.get("ids", "")
    keys = [int(part) for part in given.split(",")[:20] if part.isdecimal() and len(part) < 19]
    products = comparison.products(keys or comparison.chosen(request))
    rows = specifications.rows(products)
    only_differences = request.GET.get("only") == "differences"
    return render(
        request,
        "catalog/compare.html",
        {
            "products": products,
            "rows": [row for row in rows if row.differs] if only_differences else rows,
            "only_differences": only_differences,
            "ids": ",".join(str(product.pk) for product in products),
            "is_own": not keys,
            "n_free": comparison.MAX_PRODUCTS - len(products),
        },
    )


@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a phone into the comparison."""
    product = get_object_or_404(Product.objects.visible(), pk=pk)
    if comparison.add(request, product):
        messages.success(request, _("%(product)s is in your comparison.") % {"product": product})
    else:
        messages.warning(request, _("You can compare four phones at a time. Take one out first."))
    return back(request)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a phone out of the comparison."""
    comparison.remove(request, pk)
    return redirect("catalog:compare")
