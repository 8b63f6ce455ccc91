"""The dummy payment: no money moves. It says yes or no as a payment provider's test cards do."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

APPROVED = "approved"
REFUSED = "refused"
CARDS = [(APPROVED, _("Test card that is accepted")), (REFUSED, _("Test card that is refused"))]


def authorise(card: str, total: Decimal) -> bool:
    """Whether the payment goes through."""
    return card == APPROVED and total >= 0
