"""The visitor's basket: found by login or session, changed a line at a time, checked against the shop as it is."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog import wording
from catalog.models import Basket, BasketLine, Product
from catalog.models.baskets import MAX_QUANTITY

SESSION_KEY = "basket"


def find(request: HttpRequest) -> Basket | None:
    """The visitor's basket, if there is one."""
    if request.user.is_authenticated:
        return Basket.objects.filter(user=request.user).first()
    key = _guest_key(request)
    return Basket.objects.filter(pk=key, user=None).first() if key else None


def find_or_create(request: HttpRequest) -> Basket:
    """The visitor's basket; a new one is remembered in the session."""
    if request.user.is_authenticated:
        return Basket.objects.get_or_create(user=request.user)[0]
    if basket := find(request):
        return basket
    basket = Basket.objects.create()
    request.session[SESSION_KEY] = str(basket.pk)
    return basket


def take_back(request: HttpRequest, basket: Basket | None) -> Basket | None:
    """Give a guest whose session ended the basket that the page they sent was made from; None stays None."""
    if basket is None or request.user.is_authenticated:
        return None
    request.session[SESSION_KEY] = str(basket.pk)
    return basket


def count(request: HttpRequest) -> int:
    """How many pieces lie in the visitor's basket; no query for a guest without one."""
    if request.user.is_authenticated:
        lines = BasketLine.objects.filter(basket__user=request.user)
    elif key := _guest_key(request):
        lines = BasketLine.objects.filter(basket=key, basket__user=None)
    else:
        return 0
    return lines.aggregate(pieces=Sum("quantity"))["pieces"] or 0


@dataclass(frozen=True)
class Added:
    """What came of putting a product into a basket.

    Attributes:
        added: how many pieces went in; 0 when none could.
        notice: a sentence for the visitor when less went in than was asked for, else empty.
    """

    added: int
    notice: str = ""


def add(request: HttpRequest, product: Product, quantity: int = 1) -> Added:
    """Put pieces of a product into the visitor's basket, at most what is in stock and `MAX_QUANTITY` a line."""
    if product.price is None or not product.is_available:
        return Added(0, _("%(product)s cannot be bought at the moment.") % {"product": product})
    basket = find_or_create(request)
    with transaction.atomic():
        line, created = _locked_line(basket, product, product.price)
        before = 0 if created else line.quantity
        line.quantity = max(before, min(before + quantity, product.stock, MAX_QUANTITY))
        line.price_seen = product.price
        line.title = str(product)
        line.save(update_fields=["quantity", "price_seen", "title"])
    added = line.quantity - before
    notice = ""
    if added < quantity:
        notice = _("You have %(quantity)d of %(product)s in your basket; more cannot be ordered at once.") % {
            "quantity": line.quantity,
            "product": product,
        }
    return Added(added, notice)


def _locked_line(basket: Basket, product: Product, price: Decimal) -> tuple[BasketLine, bool]:
    """The basket's line of a product and whether it is new; of two tabs, the loser reads the winner's row."""
    return BasketLine.objects.select_for_update().get_or_create(
        basket=basket,
        product=product,
        defaults={"title": str(product), "quantity": 1, "price_seen": price},
    )


@dataclass(frozen=True)
class Changed:
    """What came of changing a line: its product, if it is still there, and how many pieces more; negative for fewer."""

    product: Product | None = None
    pieces: int = 0


def change(basket: Basket, line_id: int, quantity: int) -> Changed:
    """Set a line's quantity; 0 takes it out. A line that another tab took out stays out."""
    with transaction.atomic():
        line = basket.lines.select_for_update(of=("self",)).select_related("product").filter(pk=line_id).first()
        if line is None:
            return Changed()
        wanted = min(max(quantity, 0), MAX_QUANTITY)
        pieces = wanted - line.quantity
        if wanted:
            basket.lines.filter(pk=line.pk).update(quantity=wanted)
        else:
            line.delete()
    return Changed(line.product, pieces)


def refresh(basket: Basket) -> list[str]:
    """Bring the basket up to date with the shop and say, one sentence a change, what is different."""
    notices = []
    for line in basket.lines.select_related("product"):
        notice = _refresh_line(line)
        if notice:
            notices.append(notice)
    return notices


def _refresh_line(line: BasketLine) -> str:
    product = line.product
    if product is None or not product.is_visible or product.price is None:
        line.delete()
        return _("%(product)s is no longer sold and was taken out of your basket.") % {"product": line.name}
    if product.stock == 0:
        return ""  # it stays, marked as sold out: the visitor may want to wait for it
    before = (line.quantity, line.price_seen)
    line.quantity, line.price_seen = min(line.quantity, product.stock), product.price
    if (line.quantity, line.price_seen) == before:
        return ""
    line.save(update_fields=["quantity", "price_seen"])
    return " ".join(_differences(line, *before))


def _differences(line: BasketLine, quantity: int, price: Decimal) -> Iterator[str]:
    """What became of a line that had this quantity and price, a sentence each."""
    if line.quantity != quantity:
        yield _("Only %(stock)d of %(product)s are left; we adjusted the quantity.") % {
            "stock": line.quantity,
            "product": line.name,
        }
    if line.price_seen != price:
        yield _("%(product)s now costs %(now)s; it was %(before)s when you put it into your basket.") % {
            "product": line.name,
            "now": wording.money(line.price_seen),
            "before": wording.money(price),
        }


def join(request: HttpRequest, user: Any) -> None:
    """Move a guest's basket into the account they log in to; equal products add up."""
    key = _guest_key(request)
    request.session.pop(SESSION_KEY, None)
    guest = Basket.objects.filter(pk=key, user=None).first() if key else None
    if guest is None:
        return
    with transaction.atomic():
        if not Basket.objects.filter(user=user).exists():
            try:
                with transaction.atomic():
                    Basket.objects.filter(pk=guest.pk, user=None).update(user=user)
                return
            except IntegrityError:
                pass  # another tab logged in at the same moment and made the account's basket
        own = Basket.objects.select_for_update().get(user=user)
        kept = {line.product_id: line for line in own.lines.exclude(product=None)}
        for line in guest.lines.all():
            if same := kept.get(line.product_id):
                same.quantity = min(MAX_QUANTITY, same.quantity + line.quantity)
                same.save(update_fields=["quantity"])
            else:
                line.basket = own
                line.save(update_fields=["basket"])
        guest.delete()


def _guest_key(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(request.session.get(SESSION_KEY, "")))
    except ValueError:
        return None
