"""Lines of products.csv become products with their brands, families and pictures, a batch in a dozen queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction

from catalog.importing.filling import brand_name, fill_family, fill_product
from catalog.importing.picturing import Filed, file_pictures
from catalog.models import Brand, Family, Product, ProductImage
from recommender.sources import ProductRecord
from recommender.tasks import request_embedding

M = TypeVar("M", bound=models.Model)

IMPORTED_STOCK = 100
"""Pieces a new product starts with when the data set does not say: imported ranges have no stock of their own."""


def upsert_product(record: ProductRecord) -> Product:
    """The product of one import row; see `upsert_products`.

    Raises:
        ValidationError: when a value does not fit or a picture is refused; nothing was written.
    """
    with transaction.atomic():
        [outcome] = upsert_products([record])
        if isinstance(outcome, ValidationError):
            raise outcome
        request_embedding([outcome.pk])  # rows written in bulk send no signals
    return outcome


def upsert_products(records: Sequence[ProductRecord]) -> list[Product | ValidationError]:
    """Each row's product, created or updated with its brand, family and pictures, or why the row is refused.

    A refused row changes nothing. Attributes named like a field of `Family` or `Product` fill it (`screen_inches`,
    `color_hex`, `stock` ...); `capacity` such as 128GB fills the storage; `specs`, a JSON object, and all others are
    kept in `Product.attributes`. Pictures that a row no longer names are taken away.
    """
    with transaction.atomic():
        batch = _Batch(records)
        refusals = [batch.take(record) for record in records]
        batch.write()
    return [refusal or batch.products[record.product_id] for record, refusal in zip(records, refusals, strict=True)]


class _Batch:
    """The rows of one batch: what the shop has of them, and what has to change.

    Attributes:
        products: by article number, as they are and, after `write`, as they are stored.
    """

    def __init__(self, records: Sequence[ProductRecord]) -> None:
        families = Family.objects.filter(key__in={record.family for record in records}).select_related("brand")
        products = Product.objects.filter(sku__in={record.product_id for record in records}).select_related("family")
        self._families = {family.key: family for family in families}
        self.products = {product.sku: product for product in products}
        self._brands: dict[str, str] = {}
        self._changed_families: dict[str, Family] = {}
        self._changed_products: dict[str, Product] = {}
        self._pictures: dict[str, list[Filed]] = {}
        self._filed = file_pictures(path for record in records for path in record.images)

    def take(self, record: ProductRecord) -> ValidationError | None:
        """Note what the row changes; or return why it is refused, and change nothing."""
        # Copies: a later row of the family may turn out to be refused.
        family = _copied(self._families, record.family) or Family(key=record.family)
        product = _copied(self.products, record.product_id) or Product(sku=record.product_id, stock=IMPORTED_STOCK)
        before = _values(family), _values(product)
        try:
            brand = brand_name(record)
            fill_family(family, record)
            fill_product(product, record)
            filed = [_accepted(self._filed[path]) for path in record.images]
        except ValidationError as error:
            return error
        known_brand = family.brand.name if family.brand else ""
        if brand and self._brands.get(family.key, known_brand) != brand:
            self._brands[family.key] = brand
            self._changed_families[family.key] = family
        if family.pk is None or family.key in self._changed_families or _values(family) != before[0]:
            self._changed_families[family.key] = family
        moves = product.pk is not None and product.family.key != family.key
        if product.pk is None or moves or _values(product) != before[1]:
            self._changed_products[product.sku] = product
        product.family = family
        self._families[family.key] = family
        self.products[product.sku] = product
        self._pictures[product.sku] = filed
        return None

    def write(self) -> None:
        """Everything that changed, parents first."""
        self._write_families()
        self._write_products()
        self._write_pictures()

    def _write_families(self) -> None:
        names = set(self._brands.values())
        Brand.objects.bulk_create([Brand(name=name) for name in names], ignore_conflicts=True)
        brands = {brand.name: brand for brand in Brand.objects.filter(name__in=names)}
        for key, name in self._brands.items():
            self._families[key].brand = brands[name]
        families = self._changed_families.values()
        _save(family for family in families if family.pk is not None)
        new = [family for family in families if family.pk is None]
        Family.objects.bulk_create(new)
        _find_keys(Family, "key", new)

    def _write_products(self) -> None:
        for sku in self._pictures:
            product = self.products[sku]
            product.family = self._families[product.family.key]  # only now it has its key
        products = self._changed_products.values()
        _save(product for product in products if product.pk is not None)
        new = [product for product in products if product.pk is None]
        Product.objects.bulk_create(new)
        _find_keys(Product, "sku", new)

    def _write_pictures(self) -> None:
        keys = {self.products[sku].pk: sku for sku in self._pictures}
        rows = {(row.product_id, row.content_hash): row for row in ProductImage.objects.filter(product__in=keys)}
        new, moved = [], []
        for key, sku in keys.items():
            for position, filed in enumerate(dict.fromkeys(self._pictures[sku])):
                row = rows.pop((key, filed.content_hash), None)
                if row is None:
                    new.append(ProductImage(product_id=key, position=position, **filed._asdict()))
                elif (row.position, row.name) != (position, filed.file):
                    row.position, row.file = position, filed.file
                    moved.append(row)
        ProductImage.objects.bulk_create(new)
        ProductImage.objects.bulk_update(moved, ["position", "file"])
        ProductImage.objects.filter(pk__in=[row.pk for row in rows.values()]).delete()


def _copied(known: Mapping[str, M], name: str) -> M | None:
    found = known.get(name)
    return None if found is None else copy(found)


def _accepted(filed: Filed | ValidationError) -> Filed:
    if isinstance(filed, ValidationError):
        raise filed
    return filed


def _values(row: models.Model) -> list[object]:
    return [getattr(row, field.attname) for field in row._meta.concrete_fields]


def _save(rows: Iterable[models.Model]) -> None:
    for row in rows:
        row.save()


def _find_keys(model: type[M], name: str, rows: Sequence[M]) -> None:
    """Primary keys for rows just written: not every database tells them."""
    missing = {getattr(row, name): row for row in rows if row.pk is None}
    for value, key in model._default_manager.filter(**{f"{name}__in": missing}).values_list(name, "pk"):
        missing[value].pk = key
