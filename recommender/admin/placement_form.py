"""The form of a placement: strategies in their order, a heading in each language, and faults with their cure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from recommender.models import Placement, Strategy
from recommender.models.placements import MAX_LENGTH
from recommender.services.placing.validating import faults

_N_STRATEGIES = 5
_N_FALLBACKS = 3


def _languages() -> Sequence[tuple[str, Any]]:
    return settings.LANGUAGES


class OrderedWidget(forms.MultiWidget):
    """One select below the other; the first comes first."""

    template_name = "recommender/admin/ordered.html"
    use_fieldset = True

    def __init__(self, n: int, choices: Sequence[tuple[str, Any]], attrs: dict[str, Any] | None = None) -> None:
        self.n = n
        super().__init__([forms.Select(choices=choices) for _place in range(n)], attrs)

    def decompress(self, value: Any) -> list[str]:
        """One value for each select."""
        chosen = [str(name) for name in value or ()][: self.n]
        return chosen + [""] * (self.n - len(chosen))


class OrderedField(forms.MultiValueField):
    """Some of the strategies, in order; gaps close."""

    widget: Any

    def __init__(self, *, n: int, **kwargs: Any) -> None:
        choices = [("", "—"), *Strategy.choices]
        fields = [forms.ChoiceField(choices=choices, required=False) for _place in range(n)]
        super().__init__(fields, widget=OrderedWidget(n, choices), required=False, require_all_fields=False, **kwargs)

    def compress(self, data_list: Sequence[str]) -> list[str]:
        """The chosen ones."""
        return [name for name in data_list or () if name]


class TitlesWidget(forms.MultiWidget):
    """One field for each of the shop's languages."""

    template_name = "recommender/admin/titles.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        inputs: dict[str, forms.Widget | type[forms.Widget]] = {
            code: forms.TextInput(attrs={"lang": code, "class": "vTextField"}) for code, _name in _languages()
        }
        super().__init__(inputs, attrs)

    def decompress(self, value: Any) -> list[str]:
        """The heading of each language."""
        titles = value if isinstance(value, dict) else {}
        return [str(titles.get(code, "")) for code, _name in _languages()]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """With the languages' names."""
        context = super().get_context(name, value, attrs)
        for widget, (_code, label) in zip(context["widget"]["subwidgets"], _languages(), strict=True):
            widget["label"] = label
        return context


class TitlesField(forms.MultiValueField):
    """Language -> heading; languages without one are left out."""

    widget: Any

    def __init__(self, **kwargs: Any) -> None:
        fields = [forms.CharField(max_length=120, required=False) for _language in _languages()]
        super().__init__(fields, widget=TitlesWidget(), required=False, require_all_fields=False, **kwargs)

    def compress(self, data_list: Sequence[str]) -> dict[str, str]:
        """The headings there are."""
        pairs = zip(_languages(), data_list or (), strict=False)
        return {code: title.strip() for (code, _name), title in pairs if title.strip()}


class PlacementForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """All of a placement."""

    titles = TitlesField(
        label=_("Heading"), help_text=_("Leave it empty for the usual one, which says what the shelf holds.")
    )
    strategies = OrderedField(
        n=_N_STRATEGIES,
        label=_("Strategies"),
        help_text=_("The first takes as many places as it can; each further one takes what is left."),
    )
    fallbacks = OrderedField(
        n=_N_FALLBACKS,
        label=_("Fallbacks"),
        help_text=_("What fills the places that are still free. Without any, the shelf may be short."),
    )

    class Meta:
        model = Placement
        exclude = ()  # noqa: DJ006 - the admin's fieldsets say which
        labels = {
            "slug": _("Name"),
            "context": _("Stands on"),
            "price_from_percent": _("Price from"),
            "price_to_percent": _("Price up to"),
            "lazy": _("Load it when it comes into sight"),
        }
        help_texts = {
            "context": _("What the page has at hand: similar products need a product to start from."),
            "is_active": _("Switched off, its place stays empty."),
            "starts_at": format_lazy(_("Empty: at once. Times are those of {zone}."), zone=settings.TIME_ZONE),
            "ends_at": _("Empty: for good."),
            "length": format_lazy(_("How many products at most, 1 to {most}."), most=MAX_LENGTH),
            "diversity": _(
                "0 shows the best only, 1 shows as many different ones as it can. Empty: as everywhere in the shop."
            ),
            "brand": _("Compared with the page's product."),
            "category": _("Compared with the page's product, or with the category that the page lists."),
            "price_from_percent": _("In percent of the price of the page's product, for example 70. Empty: any price."),
            "price_to_percent": _("In percent of the price of the page's product, for example 130. Empty: any price."),
            "in_stock": _("Otherwise sold-out products are shown too."),
            "leave_out_bought": _("Their other variants, too."),
            "leave_out_basket": _("Their other variants, too."),
            "leave_out_dismissed": _("What the visitor said not to want."),
            "lazy": _("For shelves far down a page. Needs recommender.fragments.urls in the shop's addresses."),
        }

    def clean(self) -> dict[str, Any]:
        """The values, refused where they contradict each other."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        names = {field.name for field in Placement._meta.concrete_fields}
        draft = Placement(**{name: value for name, value in cleaned.items() if name in names})
        for field, sentence in faults(draft):
            if field not in self.errors:
                self.add_error(field if field in self.fields else None, sentence)
        return cleaned
