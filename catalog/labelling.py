"""Filling in what a product lacks, after somebody agreed; what a person has written stays."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Brand, Family, Product

FURTHER = ("camera_layout", "back", "finish", "style", "design")
"""Attributes that are kept among a product's further specifications."""


def fill_attribute(product: Product, name: str, value: str) -> bool:
    """Write a brand, category, colour or further specification, where it is empty; return whether it was.

    Raises:
        ValidationError: for another attribute, or a value that does not fit.
    """
    with transaction.atomic():
        if name in ("brand", "category"):
            return _fill_family(Family.objects.select_for_update().get(pk=product.family_id), name, value)
        return _fill_product(Product.objects.select_for_update().get(pk=product.pk), name, value)


def _fill_family(family: Family, name: str, value: str) -> bool:
    if getattr(family, name):
        return False
    if name == "brand":
        brand = Brand.objects.filter(name__iexact=value).first() or Brand(name=value)
        brand.full_clean()
        brand.save()
        family.brand = brand
    else:
        family.category = value
    family.full_clean(exclude=("brand",))
    family.save()
    return True


def _fill_product(product: Product, name: str, value: str) -> bool:
    if name == "color":
        if product.color:
            return False
        product.color = value
    elif name in FURTHER:
        if product.attributes.get(name):
            return False
        product.attributes = {**product.attributes, name: value}
    else:
        raise ValidationError(_("This shop keeps no attribute “%(name)s”.") % {"name": name})
    product.full_clean(exclude=("family",))
    product.save()
    return True
