"""The product list: what the visitor asked for, the phones that fit, and how many would fit with one filter changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, Max, Min, Q, When, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog import wording
from catalog.models import Product, ProductQuerySet
from catalog.variants import storage_label

PAGE_SIZE = 24
MAX_OPTIONS = 30
_MAX_QUERY = 100
_MAX_WORDS = 8
_MAX_CHOSEN = 20

SORTS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "newest": (_("Newest first"), (F("family__released_on").desc(nulls_last=True), "-family_id", "pk")),
    "price": (_("Price: low to high"), (F("price").asc(nulls_last=True), "pk")),
    "-price": (_("Price: high to low"), (F("price").desc(nulls_last=True), "pk")),
    "name": (_("Name"), ("family__name", "title", "pk")),
}
DEFAULT_SORT = "newest"

_FACETS: dict[str, tuple[Any, str, Callable[[Any], str]]] = {
    "category": (_("Category"), "family__category", lambda value: wording.category_label(value)),
    "brand": (_("Brand"), "family__brand__name", str),
    "color": (_("Colour"), "color", lambda value: wording.color_label(value)),
    "storage": (_("Storage"), "storage_gb", lambda value: storage_label(int(value))),
}


@dataclass(frozen=True)
class Query:
    """What the visitor asked for. Anything that makes no sense in the address is left out, never an error.

    Attributes:
        words: the search, at most 100 characters.
        chosen: facet name -> chosen values; empty when not filtered.
        price_min: in euros, or None.
        price_max: in euros, or None.
        in_stock: leave out what is sold out.
        sort: a key of `SORTS`.
    """

    words: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    in_stock: bool = False
    sort: str = DEFAULT_SORT

    @classmethod
    def parse(cls, data: QueryDict) -> Query:
        """The query in an address."""
        chosen = {name: _values(data.getlist(name)[:_MAX_CHOSEN]) for name in _FACETS}
        chosen["storage"] = tuple(value for value in chosen["storage"] if value.isdecimal() and len(value) <= 6)
        return cls(
            words=" ".join(data.get("q", "").replace("\0", "").split())[:_MAX_QUERY],
            chosen={name: values for name, values in chosen.items() if values},
            price_min=_euros(data.get("price_min", "")),
            price_max=_euros(data.get("price_max", "")),
            in_stock=data.get("in_stock") == "1",
            sort=sort if (sort := data.get("sort", "")) in SORTS else DEFAULT_SORT,
        )

    def filter(self, *, but: str = "") -> Q:
        """The condition on products, leaving out one facet to count its options."""
        condition = Q()
        for word in self.words.split()[:_MAX_WORDS]:
            condition &= _matches(word)
        for name, values in self.chosen.items():
            if name != but:
                condition &= Q(**{f"{_FACETS[name][1]}__in": values})
        if self.price_min is not None and but != "price":
            condition &= Q(price__gte=self.price_min)
        if self.price_max is not None and but != "price":
            condition &= Q(price__lte=self.price_max)
        if self.in_stock:
            condition &= Q(stock__gt=0)
        return condition

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list besides the words."""
        return bool(self.chosen or self.price_min or self.price_max or self.in_stock)

    def without(self, name: str, value: str) -> Query:
        """The same query with one chosen option taken back."""
        left = {key: tuple(v for v in values if (key, v) != (name, value)) for key, values in self.chosen.items()}
        return replace(self, chosen={key: values for key, values in left.items() if values})

    def address(self, **more: object) -> str:
        """The query string of this query, with parameters such as page=2 appended."""
        pairs: list[tuple[str, object]] = [("q", self.words)] if self.words else []
        pairs += [(name, value) for name, values in self.chosen.items() for value in values]
        pairs += [(name, value) for name in ("price_min", "price_max") if (value := getattr(self, name)) is not None]
        if self.in_stock:
            pairs.append(("in_stock", 1))
        if self.sort != DEFAULT_SORT:
            pairs.append(("sort", self.sort))
        return "?" + urlencode(pairs + list(more.items()))


@dataclass(frozen=True)
class Option:
    """One value of a facet: how many phones would fit, and whether it is chosen."""

    value: str
    label: str
    count: int
    chosen: bool
    swatch: str = ""


@dataclass(frozen=True)
class Facet:
    """A property to filter by, with its options."""

    name: str
    label: str
    options: list[Option]


@dataclass(frozen=True)
class Chip:
    """A filter in force, with the address of the list without it."""

    label: str
    address: str


@dataclass(frozen=True)
class Tile:
    """One family in a grid: the product that stands for it, and the colours it comes in.

    Attributes:
        product: in stock if any is.
        has_more: whether other products of the family fit too, so that the price is a starting price.
        colors: swatches of the family's visible colours, by the plain word.
    """

    product: Product
    has_more: bool
    colors: list[str]


@dataclass(frozen=True)
class Listing:
    """One page of the product list."""

    query: Query
    page: Page[Product]
    tiles: list[Tile]
    facets: list[Facet]
    chips: list[Chip]
    price_floor: Decimal | None
    price_ceiling: Decimal | None


def build(query: Query, page_number: str | None) -> Listing:
    """The page of phones that fit, one product a family, and the facets."""
    products = Product.objects.visible()
    page = Paginator(_one_a_family(products.filter(query.filter()), query.sort), PAGE_SIZE).get_page(page_number)
    facets = [facet for name in _FACETS if (facet := _facet(name, products, query)) is not None]
    prices = products.filter(query.filter(but="price")).aggregate(low=Min("price"), high=Max("price"))
    return Listing(query, page, _tiles(page), facets, _chips(query), prices["low"], prices["high"])


def newest(n: int) -> list[Tile]:
    """The newest phones in stock, one product a family."""
    return _tiles(_one_a_family(Product.objects.available(), DEFAULT_SORT)[:n])


def _tiles(products: Iterable[Product]) -> list[Tile]:
    shown = list(products)
    colors: dict[int, list[str]] = {}
    rows = Product.objects.visible().filter(family__in=[product.family_id for product in shown]).exclude(color="")
    for family, color, own in rows.order_by("color").values_list("family", "color", "color_hex").distinct():
        swatch = own or wording.color_hex(color)
        if swatch:
            colors.setdefault(family, []).append(swatch)
    return [
        Tile(product, getattr(product, "n_variants", 1) > 1, colors.get(product.family_id, [])) for product in shown
    ]


def _one_a_family(products: ProductQuerySet, sort: str) -> ProductQuerySet:
    """The product that stands for each family: in stock if any is, then the cheapest (the dearest when sorted so)."""
    price = F("price").desc(nulls_last=True) if sort == "-price" else F("price").asc(nulls_last=True)
    ranked = products.annotate(
        place=Window(
            RowNumber(),
            partition_by="family_id",
            order_by=[Case(When(stock=0, then=1), default=0), price, F("pk").asc()],
        ),
        n_variants=Window(Count("pk"), partition_by="family_id"),
    )
    return ranked.filter(place=1).order_by(*SORTS[sort][1]).for_cards()


def _facet(name: str, products: ProductQuerySet, query: Query) -> Facet | None:
    label, column, wording_of = _FACETS[name]
    rows = (
        products.filter(query.filter(but=name))
        .exclude(**{f"{column}__isnull": True})
        .order_by()
        .values_list(column)
        .annotate(n=Count("family", distinct=True), swatch=Max("color_hex"))
        .order_by("-n", column)
    )
    chosen = query.chosen.get(name, ())
    options = [
        Option(str(value), wording_of(value), n, str(value) in chosen, _swatch(name, value, swatch))
        for value, n, swatch in rows[:MAX_OPTIONS]
        if value != ""
    ]
    found = {option.value for option in options}
    options += [
        Option(value, wording_of(value), 0, True, _swatch(name, value, "")) for value in chosen if value not in found
    ]
    if len(options) < 2 and not chosen:
        return None
    options.sort(key=lambda option: (len(option.value), option.value) if name == "storage" else (0, option.label))
    return Facet(name, str(label), options)


def _swatch(name: str, value: Any, own: str) -> str:
    return (wording.color_hex(value) or own) if name == "color" else ""


def _chips(query: Query) -> list[Chip]:
    chips = [
        Chip(_FACETS[name][2](value), query.without(name, value).address())
        for name, values in query.chosen.items()
        for value in values
    ]
    if query.price_min is not None:
        chips.append(Chip(f"≥ {query.price_min} €", replace(query, price_min=None).address()))
    if query.price_max is not None:
        chips.append(Chip(f"≤ {query.price_max} €", replace(query, price_max=None).address()))
    return chips


def _matches(word: str) -> Q:
    columns = (
        "title",
        "family__name",
        "family__brand__name",
        "family__category",
        "color",
        "color_name",
        "color_name_zh",
        "sku",
    )
    condition = Q(color__in=wording.colors_named(word))
    for column in columns:
        condition |= Q(**{f"{column}__icontains": word})
    return condition


def _values(given: list[str]) -> tuple[str, ...]:
    """What was chosen, once each, without the character that no database stores."""
    return tuple(dict.fromkeys(filter(None, (value.replace("\0", "") for value in given))))


def _euros(text: str) -> Decimal | None:
    """An amount typed by a visitor, comma or point; None for anything else."""
    try:
        amount = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return amount.quantize(Decimal("0.01")) if amount.is_finite() and 0 <= amount < 10**8 else None
