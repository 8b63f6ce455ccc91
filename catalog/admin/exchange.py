"""Products as a CSV file, out and back in: for stock lists and price lists that are kept in a spreadsheet."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth import get_permission_codename
from django.core.exceptions import BadRequest, ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from import_export.admin import ImportExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV
from import_export.forms import ExportForm
from import_export.resources import ModelResource
from import_export.widgets import JSONWidget, Widget
from tablib import Dataset

from catalog.models import Family, Product

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet runs a cell that begins so (OWASP, CSV injection)."""

MARK = "'"
MAX_ROWS = 5_000
"""What one request may check and write within a web server's patience."""


def disarmed(cell: str) -> str:
    """The cell as text to any spreadsheet: marked when it would run as a formula, or when it begins like a mark."""
    return MARK + cell if cell.startswith((*FORMULA_STARTS, MARK)) else cell


def rearmed(cell: str) -> str:
    """The cell as it was before `disarmed`."""
    marked = cell.startswith(MARK) and cell[1:].startswith((*FORMULA_STARTS, MARK))
    return cell[1:] if marked else cell


class HarmlessCSV(CSV):  # type: ignore[misc]  # import_export has no types
    """CSV whose cells no spreadsheet takes for a formula, and that reads back as it was.

    The library's own escape takes away a leading `=` only, and with it what the shop had stored.
    """

    def export_data(self, dataset: Dataset, **kwargs: Any) -> Any:
        """The file's text."""
        harmless = Dataset(headers=dataset.headers)
        for row in dataset:
            harmless.append([disarmed(str(cell)) for cell in row])
        return super().export_data(harmless, **kwargs)

    def create_dataset(self, in_stream: Any, **kwargs: Any) -> Dataset:
        """The file's rows."""
        given = super().create_dataset(in_stream, **kwargs)
        rows = Dataset(headers=[name.strip() for name in given.headers or []])
        for row in given:
            rows.append([rearmed(cell) for cell in row])
        return rows


class AsStored(Widget):  # type: ignore[misc]
    """A number or a yes and no as the model's own field reads it: the library's widgets take any word for no."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._field: Any = Product._meta.get_field(name)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """The value; a `ValueError` that names what it should have been."""
        text = str(value).strip()
        if not text and self._field.null:
            return None
        if isinstance(self._field, models.BooleanField):
            text = text.capitalize()  # spreadsheets write TRUE
        try:
            return self._field.to_python(text)
        except ValidationError as error:
            raise ValueError(" ".join(error.messages)) from None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Its text."""
        return "" if value is None else str(value)


class FamilyKey(Widget):  # type: ignore[misc]
    """A family by its key."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Family | None:
        """The family; a `ValueError` that says what to do when there is none."""
        key = str(value or "").strip()
        family = Family.objects.filter(key=key).first() if key else None
        if key and family is None:
            raise ValueError(
                _("There is no family with the key %(key)s. Add the family first, or correct the key.") % {"key": key}
            )
        return family

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """The key."""
        return value.key if value else ""


class Attributes(JSONWidget):  # type: ignore[misc]
    """A JSON object; an empty cell is an empty object."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """The object."""
        try:
            return json.loads(value) if value and value.strip() else {}
        except (ValueError, RecursionError):  # the latter: nested too deeply
            raise ValueError(_("This is no JSON object of names and texts.")) from None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Its text, with Chinese as Chinese."""
        return json.dumps(value, ensure_ascii=False) if value else ""


class ProductResource(ModelResource):  # type: ignore[misc]
    """A product's own columns, found by article number. A column that a file does not have is left as it is."""

    family = Field(attribute="family", column_name="family", widget=FamilyKey())
    price = Field(attribute="price", column_name="price", widget=AsStored("price"))
    stock = Field(attribute="stock", column_name="stock", widget=AsStored("stock"))
    is_visible = Field(attribute="is_visible", column_name="is_visible", widget=AsStored("is_visible"))
    storage_gb = Field(attribute="storage_gb", column_name="storage_gb", widget=AsStored("storage_gb"))
    attributes = Field(attribute="attributes", column_name="attributes", widget=Attributes())

    class Meta:
        model = Product
        import_id_fields = ("sku",)
        fields = (
            "sku",
            "title",
            "family",
            "price",
            "stock",
            "is_visible",
            "color",
            "color_name",
            "color_name_zh",
            "color_hex",
            "storage_gb",
            "attributes",
        )
        export_order = fields
        clean_model_instances = True
        skip_unchanged = True
        use_transactions = True

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        """Refuse what one request cannot do.

        Raises:
            ValidationError: when the file is too long.
        """
        if len(dataset) > MAX_ROWS:
            dataset.wipe()  # the library would look at every row of a refused file all the same
            raise ValidationError(
                _("The file has more than %(n)s products. Split it and import the parts."), params={"n": MAX_ROWS}
            )


class ExchangeMixin(ImportExportMixin):  # type: ignore[misc]
    """Import, after a preview that has to be confirmed, and export of what the list shows."""

    resource_classes = (ProductResource,)
    formats = (HarmlessCSV,)
    export_form_class = ExportForm  # the other one needs inline code, which the shop's policy forbids
    # With a byte order mark, which spreadsheets want before they read Chinese as Chinese.
    from_encoding = to_encoding = "utf-8-sig"

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Who may add and change products."""
        return all(self._may(request, action) for action in ("add", "change"))

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Who may see products."""
        return self._may(request, "view") or self._may(request, "change")

    def get_export_queryset(self, request: HttpRequest) -> Any:
        """What the list with the same address shows.

        Raises:
            BadRequest: for an address that no list would have.
        """
        try:
            return super().get_export_queryset(request)
        except IncorrectLookupParameters as error:
            raise BadRequest(str(error)) from None

    def _may(self, request: HttpRequest, action: str) -> bool:
        opts = self.model._meta
        may: bool = request.user.has_perm(f"{opts.app_label}.{get_permission_codename(action, opts)}")
        return may
