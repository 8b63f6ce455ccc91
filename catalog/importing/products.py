"""One line of products.csv becomes a product with its brand, family and pictures."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from catalog import pictures, refusals
from catalog.models import Brand, Family, Product
from recommender.exceptions import ImageRefusedError
from recommender.sources import ProductRecord

IMPORTED_STOCK = 100
"""Pieces a new product starts with when the data set does not say: imported ranges have no stock of their own."""

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
PRODUCT_FIELDS = ("color_name", "color_hex", "storage_gb", "stock")
_NAMES = {"family", "model", "style", "family_name", "capacity", "specs"}


def upsert_product(record: ProductRecord) -> Product:
    """The product of an import row, created or updated with its brand, family and pictures, all or nothing.

    Attributes named like a field of `Family` or `Product` fill it (`screen_inches`, `color_hex`, `stock` ...);
    `capacity` such as 128GB fills the storage; `specs`, a JSON object, and all others are kept in `Product.attributes`.
    Pictures that the row no longer names are taken away.

    Raises:
        ValidationError: when a value does not fit or a picture is refused; nothing was written.
    """
    prepared = [_prepare(path) for path in record.images]
    with transaction.atomic():
        product = _write_product(record, _write_family(record))
        for position, picture in enumerate(prepared):
            pictures.attach(product, picture, position=position, alt=str(product)[:255])
        product.images.exclude(content_hash__in=[picture.content_hash for picture in prepared]).delete()
    return product


def _prepare(path: Path) -> pictures.PreparedPicture:
    try:
        status = path.stat()
        return _prepare_file(path, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise ValidationError(
            _("The picture %(file)s cannot be opened: %(why)s"), params={"file": path.name, "why": error.strerror}
        ) from error
    except ImageRefusedError as error:
        raise ValidationError(
            _("The picture %(file)s is refused: %(why)s"), params={"file": path.name, "why": refusals.explain(error)}
        ) from error


@lru_cache(maxsize=8)  # variants of other storage sizes share their pictures, and follow each other
def _prepare_file(path: Path, modified_ns: int, size: int) -> pictures.PreparedPicture:
    with path.open("rb") as file:
        return pictures.prepare(file, path.name)


def _write_family(record: ProductRecord) -> Family:
    family = Family.objects.filter(key=record.family).first() or Family(key=record.family)
    brand = record.brand.strip()
    if brand:
        family.brand = Brand.objects.get_or_create(name=_fitting(Brand, "name", brand))[0]
    family.category = record.category.strip()
    family.name = record.attributes.get("family_name") or family.name or _family_name(record)
    for name in FAMILY_FIELDS:
        if value := record.attributes.get(name, "").strip():
            setattr(family, name, _fitting(Family, name, value))
    family.full_clean(validate_unique=False)
    family.save()
    return family


def _write_product(record: ProductRecord, family: Family) -> Product:
    product = Product.objects.filter(sku=record.product_id).first()
    if product is None:
        product = Product(sku=record.product_id, stock=IMPORTED_STOCK)
    product.family = family
    product.title = record.title.strip()
    product.color = record.color.strip()
    product.price = _cents(record.price)
    product.attributes = _more_attributes(record.attributes)
    if capacity := record.attributes.get("capacity", ""):
        product.storage_gb = _gigabytes(capacity)
    for name in PRODUCT_FIELDS:
        if value := record.attributes.get(name, "").strip():
            setattr(product, name, _fitting(Product, name, value))
    product.full_clean(validate_unique=False)
    product.save()
    return product


def _family_name(record: ProductRecord) -> str:
    """The family's name when only its key is known: apple-iphone-11 is Apple iPhone 11 if the title says so."""
    if record.family == record.product_id:
        return record.title[:200]
    words = re.split(r"[-_ ]+", record.family)
    title = record.title.split()
    if [word.lower() for word in title[: len(words)]] == [word.lower() for word in words]:
        return " ".join(title[: len(words)])[:200]
    return ""


def _fitting(model: type[models.Model], name: str, value: str) -> Any:
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
