"""From a basket to an order: once, all or nothing, at the price and stock of this moment."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from catalog import baskets, payment
from catalog.models import Basket, BasketLine, Order, OrderLine, Product


class CheckoutError(Exception):
    """The order was not placed; nothing was charged and nothing changed but the basket."""


class BasketChangedError(CheckoutError):
    """The shop changed since the visitor saw the basket. `notices` says how, a sentence each."""

    def __init__(self, notices: list[str]) -> None:
        super().__init__(" ".join(notices))
        self.notices = notices


class _StaleBasketError(BasketChangedError):
    """Another customer or the shop was faster, between the look at the basket and the lock on its products."""


class EmptyBasketError(CheckoutError):
    """There is nothing to order."""


class PaymentRefusedError(CheckoutError):
    """The payment was refused."""


@dataclass(frozen=True)
class Summary:
    """A basket as it can be ordered now.

    Attributes:
        lines: all lines, with their products.
        total: the sum of the lines that can be bought.
        can_order: whether there is something to order and nothing sold out.
    """

    lines: list[BasketLine] = field(default_factory=list)
    total: Decimal = Decimal(0)
    can_order: bool = False

    @property
    def product_keys(self) -> list[int]:
        """The products in the basket, last put in, last."""
        return [line.product_id for line in self.lines if line.product_id is not None]


def summarise(basket: Basket | None) -> Summary:
    """The basket's lines and total, at the prices of this moment."""
    if basket is None:
        return Summary()
    lines = list(basket.lines.select_related("product__family__brand").prefetch_related("product__images"))
    sellable = [line for line in lines if line.product and line.product.can_be_bought]
    total = sum((line.quantity * line.price_seen for line in sellable), Decimal(0))
    return Summary(lines, total, bool(lines) and len(sellable) == len(lines))


@dataclass(frozen=True)
class Submission:
    """What a visitor sent from the checkout page.

    Attributes:
        token: made anew each time the page is shown; a second submit with it is the same order.
        user: the logged-in customer, or an anonymous one.
        address: the order's address fields.
        card: the chosen payment.
        total_seen: the total on the page that was sent.
    """

    token: uuid.UUID
    user: Any
    address: dict[str, str]
    card: str
    total_seen: Decimal


def place_order(
    basket: Basket, submission: Submission, and_then: Callable[[Order], None] = lambda _: None
) -> tuple[Order, bool]:
    """The order of this basket and whether it is new; a second submit gets the first one's order.

    Args:
        basket: what is ordered; empty afterwards.
        submission: what was sent.
        and_then: what belongs to a new order, called in its transaction: both are there, or neither is.

    Raises:
        BasketChangedError: stock, price or product changed; the basket is now up to date.
        EmptyBasketError: there is nothing in the basket.
        PaymentRefusedError: nothing was ordered.
    """
    if order := Order.objects.filter(checkout_token=submission.token).first():
        return order, False
    _bring_up_to_date(basket)
    try:
        with transaction.atomic():
            order = _place(basket, submission)
            and_then(order)
        return order, True
    except _StaleBasketError:
        _bring_up_to_date(basket)
        raise
    except (IntegrityError, EmptyBasketError):
        # The other half of a double click may have been faster: its order is this one.
        if order := Order.objects.filter(checkout_token=submission.token).first():
            return order, False
        raise


def _bring_up_to_date(basket: Basket) -> None:
    """Refresh the basket.

    Raises:
        BasketChangedError: when that changed anything, or something in it is sold out.
    """
    notices = baskets.refresh(basket)
    notices += [
        _("%(product)s is sold out. Take it out of your basket to go on.") % {"product": line.name}
        for line in basket.lines.filter(product__stock=0)
    ]
    if notices:
        raise BasketChangedError(notices)


def _place(basket: Basket, submission: Submission) -> Order:
    pairs = _locked(basket)
    total = sum((line.total for line, _product in pairs), Decimal(0))
    if total != submission.total_seen:
        raise BasketChangedError([_("Your basket was changed in another window. Please look at the new total.")])
    if not payment.authorise(submission.card, total):
        raise PaymentRefusedError(_("The payment was refused. Nothing was ordered; choose another card."))
    user = submission.user if submission.user.is_authenticated else None
    order = Order.objects.create(checkout_token=submission.token, user=user, **submission.address)
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product=product,
            sku=product.sku,
            title=str(product),
            quantity=line.quantity,
            unit_price=line.price_seen,
            position=position,
        )
        for position, (line, product) in enumerate(pairs, start=1)
    )
    for line, product in pairs:
        Product.objects.filter(pk=product.pk).update(stock=F("stock") - line.quantity)
    basket.lines.all().delete()
    return order


def _locked(basket: Basket) -> list[tuple[BasketLine, Product]]:
    """The basket's lines with their products, locked until the order is written.

    Raises:
        EmptyBasketError: there is nothing in the basket.
        BasketChangedError: a product cannot be sold as its line says.
    """
    lines = list(Basket.objects.select_for_update().get(pk=basket.pk).lines.all())
    if not lines:
        raise EmptyBasketError(_("Your basket is empty."))
    # In key order: two checkouts that want the same products wait for each other instead of deadlocking.
    wanted = Product.objects.select_for_update().filter(pk__in=[line.product_id for line in lines]).order_by("pk")
    products = {product.pk: product for product in wanted}
    pairs = [(line, product) for line in lines if (product := products.get(line.product_id or 0)) is not None]
    if len(pairs) < len(lines) or not all(_as_seen(line, product) for line, product in pairs):
        raise _StaleBasketError([_("Your basket was changed in another window. Please look at the new total.")])
    return pairs


def _as_seen(line: BasketLine, product: Product) -> bool:
    """Whether the locked product can still be sold as the line says."""
    return product.can_be_bought and product.stock >= line.quantity and product.price == line.price_seen
