"""What a line of products.csv says about a family and a product, put into their fields without asking the database."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from catalog.models import Brand, Family, Product
from recommender.sources import ProductRecord

FAMILY_FIELDS = (
    "released_on",
    "description",
    "description_zh",
    "screen_inches",
    "refresh_hz",
    "chip",
    "ram_gb",
    "cameras",
    "front_camera",
    "battery_mah",
    "charging_watts",
    "width_mm",
    "height_mm",
    "thickness_mm",
    "weight_g",
)
PRODUCT_FIELDS = ("color_name", "color_name_zh", "color_hex", "storage_gb", "stock")
_NAMES = {"family", "model", "style", "family_name", "capacity", "specs"}


def fill_family(family: Family, record: ProductRecord) -> None:
    """Name, category and specifications; not the brand.

    Raises:
        ValidationError: when a value does not fit.
    """
    family.category = record.category.strip()
    family.name = record.attributes.get("family_name") or family.name or _family_name(record)
    for name in FAMILY_FIELDS:
        if value := record.attributes.get(name, "").strip():
            setattr(family, name, fitting(Family, name, value))
    family.full_clean(exclude=("brand",), validate_unique=False, validate_constraints=False)


def fill_product(product: Product, record: ProductRecord) -> None:
    """Everything but the family.

    Raises:
        ValidationError: when a value does not fit.
    """
    product.title = record.title.strip()
    product.color = record.color.strip()
    product.price = _cents(record.price)
    product.attributes = _more_attributes(record.attributes)
    if capacity := record.attributes.get("capacity", ""):
        product.storage_gb = _gigabytes(capacity)
    for name in PRODUCT_FIELDS:
        if value := record.attributes.get(name, "").strip():
            setattr(product, name, fitting(Product, name, value))
    product.full_clean(exclude=("family",), validate_unique=False, validate_constraints=False)


def brand_name(record: ProductRecord) -> str:
    """The maker, or nothing.

    Raises:
        ValidationError: when the name is too long.
    """
    brand = record.brand.strip()
    return fitting(Brand, "name", brand) if brand else ""


def _family_name(record: ProductRecord) -> str:
    """The family's name when only its key is known: apple-iphone-11 is Apple iPhone 11 if the title says so."""
    if record.family == record.product_id:
        return record.title[:200]
    words = re.split(r"[-_ ]+", record.family)
    title = record.title.split()
    if [word.lower() for word in title[: len(words)]] == [word.lower() for word in words]:
        return " ".join(title[: len(words)])[:200]
    return ""


def fitting(model: type[models.Model], name: str, value: str) -> Any:
    """The value as the field stores it, with an error that names the field."""
    try:
        return model._meta.get_field(name).clean(value, None)  # type: ignore[union-attr]
    except ValidationError as error:
        raise ValidationError({name: error.messages}) from error


def _cents(price: Decimal | None) -> Decimal | None:
    try:
        return None if price is None else price.quantize(Decimal("0.01"), ROUND_HALF_UP)
    except InvalidOperation as error:
        raise ValidationError({"price": [_("This is no price: %(price)s.") % {"price": price}]}) from error


def _gigabytes(capacity: str) -> int | None:
    """128GB -> 128, 1TB -> 1024; None for what is no storage size (a watch's 44mm)."""
    match = re.fullmatch(r"\s*(\d{1,5})\s*(GB|TB)\s*", capacity, re.IGNORECASE)
    if not match:
        return None
    return int(match[1]) * (1024 if match[2].upper() == "TB" else 1)


def _more_attributes(attributes: Mapping[str, str]) -> dict[str, str]:
    known = _NAMES.union(FAMILY_FIELDS, PRODUCT_FIELDS)
    more = {name: value for name, value in attributes.items() if value and name not in known}
    if _gigabytes(attributes.get("capacity", "")) is None and attributes.get("capacity"):
        more["capacity"] = attributes["capacity"]
    return _specs(attributes.get("specs", "")) | more


def _specs(text: str) -> dict[str, str]:
    """A JSON object of specifications, flattened to "part name" -> text; nothing when it is no JSON object."""
    try:
        given = json.loads(text) if text else {}
    except ValueError:
        return {}
    flat: dict[str, str] = {}
    if isinstance(given, dict):
        _flatten(given, "", flat)
    return flat


def _flatten(value: Any, name: str, into: dict[str, str]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _flatten(inner, f"{name} {key}".strip(), into)
    elif isinstance(value, list):
        _flatten(", ".join(str(item) for item in value), name, into)
    elif isinstance(value, bool):
        _flatten(_("yes") if value else _("no"), name, into)
    elif text := str(value if value is not None else "").strip():
        into[name] = text
