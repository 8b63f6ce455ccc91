"""Choosing a related row by typing: Django's own field, which also survives a value that is no key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey
from django.forms import ModelChoiceField
from django.http import HttpRequest


class SafeAutocompleteSelect(AutocompleteSelect):
    """Django looks the refused value up to show it again, and fails when it is no key at all."""

    def optgroups(self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None) -> Any:
        """The options to show: those among the values that can be keys."""
        return super().optgroups(name, [given for given in value if self._may_be_key(given)], attrs)

    def _may_be_key(self, value: str) -> bool:
        if value in self.choices.field.empty_values:
            return True
        try:
            self.field.target_field.run_validators(self.field.target_field.to_python(value))
        except ValidationError:
            return False
        return True


class SafeAutocompleteMixin:
    """For a model admin with `autocomplete_fields`; before `ModelAdmin` in its bases."""

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """Django's field with our widget."""
        admin: Any = self
        if db_field.name in admin.get_autocomplete_fields(request):
            kwargs.setdefault("widget", SafeAutocompleteSelect(db_field, admin.admin_site, using=kwargs.get("using")))
        field: ModelChoiceField[Any] | None = super().formfield_for_foreignkey(  # type: ignore[misc]
            db_field, request, **kwargs
        )
        return field
