"""Fields in which a person picks a product, a brand or a value by typing: a text field that works without scripts, to
which admin-pick.js adds the list."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommender.services import suggesting
from recommender.sources import get_source

_LISTS = {
    "products": suggesting.products,
    "brands": suggesting.brands,
    "categories": suggesting.categories,
    "attributes": suggesting.attributes,
    "visitors": suggesting.visitors,
}


def suggest_view(request: HttpRequest, what: str) -> JsonResponse:
    """What the text so far may mean, as {"results": [{"value", "label", "image"}]}."""
    may = "recommender.view_visitor" if what == "visitors" else "recommender.view_snapshot"
    if not request.user.has_perm(may):
        raise PermissionDenied
    text = request.GET.get("q", "")[:200]
    if what == "values":
        found = suggesting.values(request.GET.get("of", ""), text)
    elif what in _LISTS:
        found = _LISTS[what](text)
    else:
        raise Http404
    results = [{"value": one.value, "label": one.label, "image": one.image} for one in found]
    return JsonResponse({"results": results}, status=HTTPStatus.OK)


class PickInput(forms.TextInput):
    """A text field with suggestions.

    Args:
        what: a list of `suggest_view`.
        of: the id of the field whose value narrows the list.
    """

    class Media:
        js = ("recommender/admin-pick.js",)

    def __init__(self, what: str, of: str = "", attrs: dict[str, Any] | None = None) -> None:
        self.what, self.of = what, of
        super().__init__({"autocomplete": "off", "class": "vTextField", **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """With the address to ask and the words that the script says."""
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"] |= {
            "data-pick": reverse("admin:recommender_suggest", args=[self.what]),
            "data-pick-of": self.of,
            "data-pick-none": _("Nothing found."),
            "data-pick-some": _("Choose with the arrow keys and Enter."),
        }
        return context


class ProductPickField(forms.CharField):
    """A product by its key, with or without its title, or by a text that only one product has."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": PickInput("products"), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """The key with the title."""
        product = suggesting.product_of(str(value)) if value and "·" not in str(value) else None
        return value if product is None else suggesting.named(value, get_source().title(product))

    def clean(self, value: Any) -> Any:
        """The product, or None where none is named."""
        text = super().clean(value)
        if not text:
            return None
        product = suggesting.product_of(text)
        if product is None:
            raise ValidationError(
                _("There is no one product %(text)s. Type a part of its title and choose."), params={"text": text[:80]}
            )
        return product

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another product is named."""
        before, now = (str(text or "").split(" · ")[0] for text in (initial, data))
        return before != now
