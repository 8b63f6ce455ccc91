"""The checkout and its confirmation page."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from catalog import baskets
from catalog.checkout import (
    BasketChangedError,
    EmptyBasketError,
    PaymentRefusedError,
    Submission,
    place_order,
    summarise,
)
from catalog.forms import CheckoutForm, sign_basket, signed_basket
from catalog.models import Basket, Order
from recommender.services import tracking

_SESSION_KEY = "orders"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """Address, payment, order. What was typed survives every refusal."""
    return _submitted(request) if request.method == "POST" else _shown(request)


def _shown(request: HttpRequest) -> HttpResponse:
    basket = baskets.find(request)
    for notice in baskets.refresh(basket) if basket else []:
        messages.warning(request, notice)
    if basket is None or not basket.lines.exists():
        messages.info(request, _("Your basket is empty."))
        return redirect("catalog:basket")
    return _page(request, basket, CheckoutForm(initial=_known_address(request)))


def _submitted(request: HttpRequest) -> HttpResponse:
    form = CheckoutForm(request.POST)
    valid = form.is_valid()
    basket = baskets.find(request) or signed_basket(request.POST.get("basket", ""))
    if basket is None:
        messages.warning(request, _("Your session has ended. Log in again: your basket is kept in your account."))
        return redirect("catalog:basket")
    if not valid:
        return _page(request, basket, form)
    try:
        order, _is_new = place_order(basket, _submission(request, form), lambda order: _track(request, order))
    except BasketChangedError as error:
        for notice in error.notices:
            messages.warning(request, notice)
        return _page(request, basket, form)
    except PaymentRefusedError as error:
        form.add_error("card", str(error))
        return _page(request, basket, form)
    except EmptyBasketError as error:
        messages.info(request, str(error))
        return redirect("catalog:basket")
    request.session[_SESSION_KEY] = [*request.session.get(_SESSION_KEY, [])[-19:], order.reference]
    return redirect("catalog:order", order.reference)


def _submission(request: HttpRequest, form: CheckoutForm) -> Submission:
    data = form.cleaned_data
    return Submission(data["token"], request.user, form.cleaned_address(), data["card"], data["total"])


def _page(request: HttpRequest, basket: Basket, form: CheckoutForm) -> HttpResponse:
    """The checkout page with the basket of this moment; the hidden fields always speak of what is shown."""
    summary = summarise(basket)
    hidden = {
        "token": str(uuid.uuid4()),
        "total": f"{summary.total:.2f}",
        "basket": "" if basket.user_id else sign_basket(basket),
    }
    context: dict[str, Any] = {"form": form, "summary": summary, "hidden": hidden}
    return render(request, "catalog/checkout.html", context, status=422 if form.is_bound else 200)


def _known_address(request: HttpRequest) -> dict[str, str]:
    """The address of the customer's last order."""
    if not request.user.is_authenticated:
        return {}
    last = Order.objects.filter(user=request.user).first()
    if last is None:
        return {"email": request.user.email}
    return {name: getattr(last, name) for name in CheckoutForm.ADDRESS}


def _track(request: HttpRequest, order: Order) -> None:
    for line in order.lines.select_related("product"):
        tracking.track(
            request,
            "purchase",
            line.product,
            quantity=line.quantity,
            price=line.unit_price,
            order_id=order.reference,
        )


@never_cache
@require_safe
def order(request: HttpRequest, reference: str) -> HttpResponse:
    """One order: for the customer who placed it, or the session that did."""
    found = get_object_or_404(Order.objects.prefetch_related("lines__product__images"), reference=reference)
    is_own = request.user.is_authenticated and found.user_id == request.user.pk
    if not is_own and reference not in request.session.get(_SESSION_KEY, []):
        raise Http404
    keys = [line.product_id for line in found.lines.all() if line.product_id is not None]
    return render(request, "catalog/order.html", {"order": found, "product_keys": keys})
