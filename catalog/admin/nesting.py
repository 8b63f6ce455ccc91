"""JSON that people type, which may be nested more deeply than Python reads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput


class NestedJSONField(forms.JSONField):
    """Django's field, which refuses what is too deep as it refuses other text that is no JSON."""

    def to_python(self, value: Any) -> Any:
        """The value; a `ValidationError` when it cannot be read."""
        try:
            return super().to_python(value)
        except RecursionError:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value}) from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What the form shows again."""
        try:
            return super().bound_data(data, initial)
        except RecursionError:
            return InvalidJSONInput(data)
