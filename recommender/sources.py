"""How the recommender sees the host shop: products, pictures, stock and orders. The host subclasses `ProductSource`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.signals import setting_changed
from django.db import DataError, IntegrityError, transaction
from django.db.models import Model, Q, QuerySet, prefetch_related_objects
from django.utils.module_loading import import_string

from recommender.conf import product_model_label, settings
from recommender.exceptions import RecommenderError, UnknownProductError

REFUSALS = (ValidationError, ValueError, RecommenderError, DataError, IntegrityError)
"""Errors that speak of one row of an import, and not of the import."""


@dataclass(frozen=True)
class SourceImage:
    """One picture of a product.

    Attributes:
        key: stable name of the picture within the shop, at most 255 characters (a primary key or a file name).
        open: opens the file for reading bytes; may raise OSError.
        position: 0 is the main picture.
    """

    key: str
    open: Callable[[], BinaryIO]
    position: int = 0


class Price(NamedTuple):
    """An amount of money with its ISO 4217 currency."""

    amount: Decimal
    currency: str


class Rendition(NamedTuple):
    """One size of a picture, in pixels."""

    url: str
    width: int
    height: int


@dataclass(frozen=True)
class Card:
    """What a shelf shows of a product; `image` and `url` may be empty.

    `renditions` are sizes of the picture at `image`, smallest first, for screens to choose from. Optional: with none,
    `image` is all there is.
    """

    id: str
    title: str
    brand: str = ""
    url: str = ""
    image: str = ""
    price: Price | None = None
    available: bool = True
    renditions: Sequence[Rendition] = ()

    @property
    def srcset(self) -> str:
        """The value of an `srcset` attribute; empty without renditions."""
        return ", ".join(f"{size.url} {size.width}w" for size in self.renditions)


@dataclass(frozen=True)
class PurchaseRecord:
    """One order line of the shop, for backfill. A refund has a negative quantity.

    Attributes:
        order_id: as in `services.tracking.track`, so that a purchase tracked at the checkout is not counted again.
        product_id: the product's primary key as text.
        occurred_at: None when unknown.
        user_id: the user's primary key as text; empty for guests.
        quantity: negative for a refund.
        price: of one piece.
        external_user: the shopper's id in an imported history; empty for the shop's own users and guests.
    """

    order_id: str
    product_id: str
    occurred_at: datetime | None
    user_id: str = ""
    quantity: int = 1
    price: Decimal | None = None
    external_user: str = ""


@dataclass(frozen=True)
class ProductRecord:
    """One line of a data set folder's products.csv."""

    line: int
    product_id: str
    title: str = ""
    brand: str = ""
    category: str = ""
    color: str = ""
    price: Decimal | None = None
    images: tuple[Path, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def family(self) -> str:
        """The variants' common name: `family`, else `model`, else `style`, else the product id."""
        for name in ("family", "model", "style"):
            if value := self.attributes.get(name):
                return value
        return self.product_id


@dataclass(frozen=True)
class InteractionRecord:
    """One line of interactions.csv.gz. `user_id` is empty for guests, `occurred_at` None when unknown."""

    line: int
    user_id: str
    product_id: str
    kind: str
    occurred_at: datetime | None = None
    quantity: int = 1
    price: Decimal | None = None
    order_id: str = ""


class ProductSource:
    """The host shop's products. Subclass it, override what differs, name it in `RECOMMENDER["PRODUCT_SOURCE"]`.

    Only `images` and `card` have to be overridden; every other method has a working default.
    """

    def queryset(self) -> QuerySet[Any]:
        """All products that may ever be recommended, with the joins that `card` needs already selected."""
        return get_product_model()._default_manager.all()

    def available(self) -> Q:
        """The products that may be shown now (stock, visibility), as a filter on `queryset()`."""
        return Q()

    def visible(self) -> Q:
        """The products whose details a visitor may see, sold out or not, as a filter on `queryset()`."""
        return self.available()

    def images(self, product: Any) -> Iterable[SourceImage]:
        """The product's pictures, main one first."""
        raise NotImplementedError(f"{type(self).__name__} must say which pictures a product has: override images()")

    def card(self, product: Any) -> Card:
        """What a shelf shows of the product. Must not query: select what it needs in `queryset()`."""
        raise NotImplementedError(f"{type(self).__name__} must say how a product looks on a card: override card()")

    def watched_models(self) -> Mapping[type[Model], Callable[[Any], Sequence[Any]]]:
        """The models whose saves and deletions change pictures, each with a function instance -> product keys."""
        return {get_product_model(): lambda product: [product.pk]}

    def attributes(self, product: Any) -> Mapping[str, str]:
        """Named properties of the product, for example {"color": "blue"}. Must not query."""
        return {}

    def family(self, product: Any) -> str:
        """The common name of a product's variants. Shelves never show a product of the same family. Must not query."""
        return str(product.pk)

    def category(self, product: Any) -> str:
        """What kind of product it is ("phone", "tablet"). Shelves of similar products keep to it while they can.

        Must not query.
        """
        return ""

    def brand(self, product: Any) -> str:
        """Who makes the product; empty for nobody known. No brand fills a shelf while others fit. Must not query."""
        return self.attributes(product).get("brand", "")

    def title(self, product: Any) -> str:
        """What a sentence calls the product ("Because you viewed ..."). Must not query."""
        return str(product)

    def shown_attributes(self, product: Any) -> Mapping[str, str]:
        """Attribute values as shoppers read them, in the active language, for example {"color": "Midnight Blue"}.

        Names of `attributes` and others; explanations quote what two products share. Must not query.
        """
        return self.attributes(product)

    def filters(self) -> Mapping[str, str]:
        """What a photo search may be narrowed to: name -> lookup on `queryset()`, {"brand": "brand__name"}.

        A filter "color" also offers "the same, but in blue". Lookups must be loaded with the product.
        """
        return {}

    def measures(self) -> Mapping[str, str]:
        """Numbers that a photo search may bound, by `NAME_min` and `NAME_max`: name -> lookup on `queryset()`.

        "price" and "size" also offer "cheaper" and "larger". Lookups must be loaded with the product.
        """
        return {}

    def purchases(self) -> Iterable[PurchaseRecord]:
        """All order lines of the shop for `recommender_backfill`, oldest first, the lines of an order together."""
        return ()

    def upsert(self, record: ProductRecord) -> Any:
        """Create or update one product from an import row and return it. Optional.

        Raises:
            django.core.exceptions.ValidationError: when the row cannot become a product; reported with its line.
        """
        raise NotImplementedError(f"{type(self).__name__} cannot import products: override upsert()")

    def upsert_many(self, records: Sequence[ProductRecord]) -> Sequence[Any]:
        """For each row, in order, its product or the exception by which it is refused; one transaction for all.

        Calls `upsert` for one row after the other. Override it where the shop can write a batch in a few queries.
        A refused row must not change anything, nor keep the others from being written. Rows written without signals
        are fine: the import asks for the pictures itself.
        """
        outcomes: list[Any] = []
        for record in records:
            try:
                with transaction.atomic():
                    outcomes.append(self.upsert(record))
            except REFUSALS as error:
                outcomes.append(error)
        return outcomes

    def import_history(self, records: Iterable[InteractionRecord]) -> int:
        """Create the shop's own orders from purchase and refund records; return how many lines were new. Optional.

        Called with batches. Importing the same records twice must not double them.
        """
        raise NotImplementedError(f"{type(self).__name__} cannot import orders: override import_history()")

    def set_attribute(self, product: Any, name: str, value: str) -> bool:
        """Give a product a value of `attributes` that it lacks, after a person agreed. Optional.

        Read the product anew and locked: what somebody has filled in meanwhile must stay.

        Returns:
            Whether it was written; False where there is a value already.

        Raises:
            django.core.exceptions.ValidationError: when this is no value of that attribute.
        """
        raise NotImplementedError(f"{type(self).__name__} cannot change attributes: override set_attribute()")

    def can(self, optional: str) -> bool:
        """Whether the host overrides an optional method ("upsert", "import_history", "purchases", "set_attribute")."""
        return getattr(type(self), optional) is not getattr(ProductSource, optional)


def get_product_model() -> type[Model]:
    """The shop's product model, named by `RECOMMENDER_PRODUCT_MODEL`.

    Raises:
        ImproperlyConfigured: when the setting is missing or names no installed model.
    """
    name = product_model_label()
    try:
        return apps.get_model(name, require_ready=False)
    except (LookupError, ValueError) as error:
        raise ImproperlyConfigured(
            f'RECOMMENDER_PRODUCT_MODEL is {name!r}, which is no installed model. Use "app_label.Model".'
        ) from error


def existing_keys(keys: Iterable[Any]) -> set[Any]:
    """Those keys of which there is a product; one query, and none for no keys."""
    wanted = set(keys)
    if not wanted:
        return set()
    return set(get_product_model()._default_manager.filter(pk__in=wanted).order_by().values_list("pk", flat=True))


def parse_product_key(text: object) -> Any:
    """A product key from the text that an app, a page or an import sends.

    Raises:
        UnknownProductError: when no product can have such a key, whatever is in the database.
    """
    field = get_product_model()._meta.pk
    try:
        if "\x00" in str(text):
            raise ValidationError("NUL")
        return field.clean(text, None)
    except ValidationError:
        raise UnknownProductError(f"There is no product {str(text)[:80]!r}.") from None


@lru_cache(maxsize=1)
def get_source() -> ProductSource:
    """The host's product source, one instance a process."""
    source = import_string(settings.PRODUCT_SOURCE)()
    if not isinstance(source, ProductSource):
        raise ImproperlyConfigured(
            f'RECOMMENDER["PRODUCT_SOURCE"] is {settings.PRODUCT_SOURCE!r}, which is not a ProductSource subclass.'
        )
    return source


def prefetch(source: ProductSource, products: Sequence[Any]) -> None:
    """Load what the source's queryset prefetches, for products that were read without: only what is shown needs it."""
    # Django has no public name for what a queryset would prefetch.
    prefetch_related_objects(products, *source.queryset()._prefetch_related_lookups)  # type: ignore[attr-defined]


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting in ("RECOMMENDER", "RECOMMENDER_PRODUCT_MODEL"):
        get_source.cache_clear()


setting_changed.connect(_forget, dispatch_uid="recommender.sources")
