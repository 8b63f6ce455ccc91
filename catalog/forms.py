"""What visitors type: an account, an address, an amount."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import BaseUserCreationForm
from django.core import signing
from django.utils.translation import gettext_lazy as _

from catalog import payment
from catalog.models import Basket
from catalog.models.baskets import MAX_QUANTITY

COUNTRIES = [
    ("AT", _("Austria")),
    ("BE", _("Belgium")),
    ("CN", _("China")),
    ("DE", _("Germany")),
    ("ES", _("Spain")),
    ("FR", _("France")),
    ("IE", _("Ireland")),
    ("IT", _("Italy")),
    ("NL", _("Netherlands")),
    ("PL", _("Poland")),
    ("PT", _("Portugal")),
    ("SE", _("Sweden")),
]
_BASKET_SALT = "catalog.checkout.basket"


class RegisterForm(BaseUserCreationForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A new account: the e-mail address is the user name."""

    email = forms.EmailField(
        label=_("E-mail"), max_length=150, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    class Meta:
        model = get_user_model()
        fields = ("email",)

    field_order = ["email", "password1", "password2"]

    def clean_email(self) -> str:
        """The address in lower case; one account each."""
        email: str = self.cleaned_data["email"].lower()
        if get_user_model().objects.filter(username=email).exists():
            raise forms.ValidationError(_("There is an account with this e-mail address already. Log in instead."))
        return email

    def save(self, commit: bool = True) -> Any:
        """The new user."""
        self.instance.username = self.cleaned_data["email"]
        return super().save(commit)


class QuantityForm(forms.Form):
    """How many pieces."""

    quantity = forms.IntegerField(min_value=0, max_value=MAX_QUANTITY, initial=1)


class CheckoutForm(forms.Form):
    """Where to send an order and how to pay it."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    name = forms.CharField(label=_("Full name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    address = forms.CharField(
        label=_("Street and number"),
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postcode = forms.CharField(
        label=_("Postcode"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "postal-code"})
    )
    city = forms.CharField(
        label=_("City"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )
    country = forms.ChoiceField(
        label=_("Country"), choices=COUNTRIES, widget=forms.Select(attrs={"autocomplete": "country"})
    )
    card = forms.ChoiceField(
        label=_("Payment"), choices=payment.CARDS, initial=payment.APPROVED, widget=forms.RadioSelect
    )
    token = forms.UUIDField(widget=forms.HiddenInput)
    total = forms.DecimalField(widget=forms.HiddenInput, max_digits=12, decimal_places=2)
    basket = forms.CharField(widget=forms.HiddenInput, required=False)

    ADDRESS = ("email", "name", "address", "postcode", "city", "country")

    def address_fields(self) -> list[forms.BoundField]:
        """The visible fields of the address."""
        return [self[name] for name in self.ADDRESS]

    def cleaned_address(self) -> dict[str, str]:
        """The address as an order stores it."""
        return {name: self.cleaned_data[name] for name in self.ADDRESS}


def sign_basket(basket: Basket) -> str:
    """A token by which a basket or checkout page finds its guest's basket again after the session ended."""
    return signing.dumps(str(basket.pk), salt=_BASKET_SALT)


def signed_basket(token: str) -> Basket | None:
    """The guest's basket that a page was made from, for one day."""
    try:
        key = signing.loads(token, salt=_BASKET_SALT, max_age=86_400)
    except signing.BadSignature:
        return None
    return Basket.objects.filter(pk=key, user=None).first()
