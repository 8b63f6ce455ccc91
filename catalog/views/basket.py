"""The basket."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from catalog import baskets, checkout
from catalog.forms import QuantityForm, sign_basket, signed_basket
from catalog.models import Product
from catalog.models.baskets import MAX_QUANTITY
from catalog.views.addresses import back
from recommender.services import tracking


@never_cache
@require_safe
def basket(request: HttpRequest) -> HttpResponse:
    """What lies in the basket, brought up to date with the shop."""
    own = baskets.find(request)
    for notice in baskets.refresh(own) if own else []:
        messages.warning(request, notice)
    context = {
        "summary": checkout.summarise(own),
        "quantities": range(1, MAX_QUANTITY + 1),
        "token": sign_basket(own) if own and own.user_id is None else "",
    }
    return render(request, "catalog/basket.html", context)


@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a product into the basket; a script gets JSON, a browser without scripts is sent back."""
    product = get_object_or_404(Product.objects.visible(), pk=pk)
    form = QuantityForm(request.POST)
    result = baskets.add(request, product, form.cleaned_data["quantity"] or 1 if form.is_valid() else 1)
    if result.added:
        tracking.track(request, "cart", product, quantity=result.added, price=product.price)
    text = result.notice or _("%(product)s is in your basket.") % {"product": product}
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"added": result.added, "count": baskets.count(request), "message": text})
    messages.add_message(request, messages.WARNING if result.notice else messages.SUCCESS, text, extra_tags="basket")
    return back(request)


@require_POST
def change(request: HttpRequest, line: int) -> HttpResponse:
    """Change a line's quantity, or take it out."""
    own = baskets.find(request) or baskets.take_back(request, signed_basket(request.POST.get("basket", "")))
    form = QuantityForm({"quantity": 0} if "remove" in request.POST else request.POST)
    if own is None:
        messages.warning(request, _("Your session has ended, and your basket with it."))
    elif form.is_valid():
        changed = baskets.change(own, line, form.cleaned_data["quantity"])
        if changed.product is not None and changed.pieces:
            kind = "cart" if changed.pieces > 0 else "remove"
            tracking.track(request, kind, changed.product, quantity=abs(changed.pieces), price=changed.product.price)
    else:
        messages.warning(request, _("Choose a quantity between 0 and %(most)d.") % {"most": MAX_QUANTITY})
    return redirect("catalog:basket")
