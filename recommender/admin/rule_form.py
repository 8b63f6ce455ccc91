"""The form of a merchandising rule: what belongs together is checked here, and shown together by admin-rules.js."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from recommender.admin.picking import PickInput, ProductPickField
from recommender.models import Rule
from recommender.services import suggesting

Action, Target = Rule.Action, Rule.Target


class MomentInput(forms.DateTimeInput):
    """The browser's own field for a date and a time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A rule by somebody who may do some of the actions."""

    allowed: tuple[str, ...] = tuple(Action)
    """The actions that the person may take; the admin sets it."""

    name = forms.CharField(
        label=_("name"),
        max_length=120,
        required=False,
        help_text=_("For your colleagues; shoppers never see it. Empty: named after what it does."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    product = ProductPickField(
        label=_("product"), required=False, help_text=_("Type a part of the title or the article number and choose.")
    )
    attribute = forms.CharField(label=_("attribute"), max_length=80, required=False, widget=PickInput("attributes"))
    value = forms.CharField(
        label=_("brand or value"), max_length=200, required=False, widget=PickInput("values", of="id_attribute")
    )
    seed_brand = forms.CharField(
        label=_("only beside the brand"),
        max_length=200,
        required=False,
        widget=PickInput("brands"),
        help_text=_("Only on pages of products of this brand."),
    )
    seed_category = forms.CharField(
        label=_("only beside the category"),
        max_length=200,
        required=False,
        widget=PickInput("categories"),
        help_text=_("Only on pages of products of this category."),
    )

    class Meta:
        model = Rule
        fields = (
            "name",
            "action",
            "target",
            "product",
            "attribute",
            "value",
            "position",
            "strength",
            "share",
            "placement",
            "seed_brand",
            "seed_category",
            "is_active",
            "starts_at",
            "ends_at",
        )
        widgets = {"starts_at": MomentInput(), "ends_at": MomentInput()}
        field_classes = {"starts_at": forms.DateTimeField, "ends_at": forms.DateTimeField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if (action := self.fields.get("action")) is not None:
            chosen = [choice for choice in Action.choices if choice[0] in self.allowed]
            action.choices = chosen  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.label = capfirst(str(field.label or ""))
        zone = timezone.get_current_timezone_name()
        for name, empty in (("starts_at", _("Empty: at once.")), ("ends_at", _("Empty: without end."))):
            if name in self.fields:
                self.fields[name].help_text = f"{empty} {gettext('Time zone: %(zone)s.') % {'zone': zone}}"

    def clean(self) -> dict[str, Any]:
        """What belongs to another action or target is dropped; what is missing for this one is named."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        target = data.get("target")
        if data.get("action") == Action.PIN:
            if target not in (None, Target.PRODUCT):
                self.add_error("target", _("A pin needs one product: two cannot stand in one place."))
            self._need(data, "position", _("Which place? 1 is the first."))
        else:
            data["position"] = None
        if target == Target.PRODUCT:
            data["attribute"] = data["value"] = ""
            self._need(data, "product", _("Which product?"))
        elif target is not None:
            data["product"] = None
            self._need(data, "value", _("Which brand, or which value of the attribute?"))
            if target == Target.BRAND:
                data["attribute"] = ""
            else:
                self._need(data, "attribute", _("Which attribute?"))
        starts, ends = data.get("starts_at"), data.get("ends_at")
        if starts is not None and ends is not None and ends <= starts:
            self.add_error("ends_at", ValidationError(_("It would end before it starts.")))
        data["name"] = data.get("name") or self._described(data)
        return data

    def _need(self, data: dict[str, Any], name: str, question: Any) -> None:
        if data.get(name) in (None, "") and name not in self.errors:
            self.add_error(name, question)

    def _described(self, data: dict[str, Any]) -> str:
        what = data.get("product") or data.get("value") or ""
        verb = _SHORT.get(data.get("action") or "", "")
        return f"{verb}: {what}"[:120]


_SHORT: dict[str, Any] = {
    Action.PIN: pgettext_lazy("rule", "Pin"),
    Action.BOOST: pgettext_lazy("rule", "Boost"),
    Action.BURY: pgettext_lazy("rule", "Bury"),
    Action.EXCLUDE: pgettext_lazy("rule", "Exclude"),
}


def products_to_look_at(data: Any) -> list[Any]:
    """The products on whose pages a person wants to see the effect; what is no product is passed over."""
    found = [suggesting.product_of(text) for text in data.getlist("look_at")]
    return [product for product in found if product is not None]
