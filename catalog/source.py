"""How the recommender sees this shop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, BinaryIO, cast

from django.core.exceptions import ValidationError
from django.db.models import Model, Q

from catalog import importing, labelling, wording
from catalog.importing.history import UNKNOWN_TIME
from catalog.models import OrderLine, Product, ProductImage, ProductQuerySet
from catalog.models.products import CURRENCY
from recommender.sources import (
    Card,
    InteractionRecord,
    Price,
    ProductRecord,
    ProductSource,
    PurchaseRecord,
    SourceImage,
)


def _open(image: ProductImage) -> BinaryIO:
    """A handle of its own for each reader: the field's file object is shared."""
    return cast("BinaryIO", image.file.storage.open(image.name, "rb"))


PHONE_CLASSES = frozenset({"budget", "compact", "flagship", "foldable", "gaming", "midrange", "rugged"})
"""Categories of the demo range; all of them are phones to somebody who compares."""


class CatalogSource(ProductSource):
    """The phone shop's products, pictures, stock and orders."""

    def queryset(self) -> ProductQuerySet:
        """All products with what a card needs: two queries for any number of them."""
        return Product.objects.for_cards()

    def available(self) -> Q:
        """Visible and in stock."""
        return Product.AVAILABLE

    def visible(self) -> Q:
        """Also those that are sold out."""
        return Q(is_visible=True)

    def images(self, product: Product) -> Iterable[SourceImage]:
        """The product's pictures, main one first; their key is the content-addressed file name."""
        return [
            SourceImage(key=image.name, open=partial(_open, image), position=position)
            for position, image in enumerate(product.images.all())
        ]

    def card(self, product: Product) -> Card:
        """Title, brand, page, picture in its sizes, price and stock."""
        image = product.main_image
        sizes = tuple(image.renditions) if image else ()
        return Card(
            id=str(product.pk),
            title=str(product),
            brand=product.brand_name,
            url=product.get_absolute_url(),
            image=sizes[0].url if sizes else "",
            price=None if product.price is None else Price(product.price, CURRENCY),
            available=product.is_available,
            renditions=sizes,
        )

    def watched_models(self) -> Mapping[type[Model], Callable[[Any], Sequence[Any]]]:
        """Saving a product or one of its pictures may change its vectors."""
        return {Product: lambda product: [product.pk], ProductImage: lambda image: [image.product_id]}

    def attributes(self, product: Product) -> Mapping[str, str]:
        """Brand, category, colour, camera layout, storage and screen size, where known."""
        family = product.family
        named = {
            "brand": product.brand_name,
            "category": family.category,
            "color": product.color,
            "camera_layout": product.attributes.get("camera_layout", ""),
            "storage": f"{product.storage_gb} GB" if product.storage_gb else "",
            "screen": f"{family.screen_inches.normalize():f}″" if family.screen_inches else "",
        }
        return {name: value for name, value in named.items() if value}

    def family(self, product: Product) -> str:
        """The phone that the product is a variant of."""
        return product.family.key

    def category(self, product: Product) -> str:
        """Phones of every class are one kind; anything else is what its category says."""
        category = product.family.category.casefold()
        return "phones" if category in PHONE_CLASSES else category

    def brand(self, product: Product) -> str:
        """The maker's name."""
        return product.brand_name

    def shown_attributes(self, product: Product) -> Mapping[str, str]:
        """The attributes with the maker's own colour name, the finish, cameras and layout, in the page's language."""
        told = {
            "color": product.color_label,
            "finish": wording.attribute_text(product.attributes.get("back", "")),
            "cameras": wording.cameras_text(product.family.cameras),
            "camera_layout": wording.attribute_text(product.attributes.get("camera_layout", "")),
        }
        return {**self.attributes(product), **{name: value for name, value in told.items() if value}}

    def filters(self) -> Mapping[str, str]:
        """The facets of the product list."""
        return {
            "brand": "family__brand__name",
            "color": "color",
            "category": "family__category",
            "storage": "storage_gb",
        }

    def measures(self) -> Mapping[str, str]:
        """Price in euros and size of the screen in inches."""
        return {"price": "price", "size": "family__screen_inches"}

    def purchases(self) -> Iterator[PurchaseRecord]:
        """Every order line, oldest first; guests have no user, shoppers of an imported history their id there."""
        lines = OrderLine.objects.filter(product__isnull=False).order_by("order__placed_at", "order_id", "position")
        rows = lines.values_list(
            "order__reference",
            "product_id",
            "order__placed_at",
            "order__user_id",
            "order__external_user",
            "quantity",
            "unit_price",
        )
        for reference, product_id, placed_at, user_id, external_user, quantity, price in rows.iterator(chunk_size=2000):
            yield PurchaseRecord(
                order_id=reference,
                product_id=str(product_id),
                occurred_at=None if placed_at == UNKNOWN_TIME else placed_at,
                user_id=str(user_id) if user_id else "",
                quantity=quantity,
                price=price,
                external_user="" if user_id else external_user,
            )

    def upsert(self, record: ProductRecord) -> Product:
        """Create or update one product with its family and pictures, all or nothing."""
        return importing.upsert_product(record)

    def upsert_many(self, records: Sequence[ProductRecord]) -> list[Product | ValidationError]:
        """The same for a batch, in a dozen queries."""
        return importing.upsert_products(records)

    def set_attribute(self, product: Product, name: str, value: str) -> bool:
        """Fill in a brand, category, colour or further specification that is empty."""
        return labelling.fill_attribute(product, name, value)

    def import_history(self, records: Iterable[InteractionRecord]) -> int:
        """Create guest orders from purchases and refunds; lines that are there already are skipped."""
        return importing.import_orders(records)
