"""The filters of a photo search: what the shop's source offers, checked and made a database condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.core.exceptions import FieldError, ValidationError
from django.db.models import Q

from recommender.exceptions import UnknownFilterError
from recommender.sources import get_source

_MAX_VALUES = 20
_MAX_LENGTH = 100
_BOUNDS = {"_min": "__gte", "_max": "__lte"}


@dataclass(frozen=True)
class Filters:
    """Chosen values by filter name.

    Attributes:
        chosen: name -> accepted values, or one number for `NAME_min` and `NAME_max`.
    """

    chosen: Mapping[str, tuple[str, ...]]

    @classmethod
    def parse(cls, values: Mapping[str, Iterable[str]]) -> Filters:
        """The filters among these values; empty values do not filter.

        Raises:
            UnknownFilterError: for a name that the shop has not, or a value that no product can have.
        """
        given = {name: tuple(dict.fromkeys(v.strip() for v in items if v.strip())) for name, items in values.items()}
        filters = cls({name: items for name, items in given.items() if items})
        known = known_filters()
        for name, items in filters.chosen.items():
            if name not in known:
                raise UnknownFilterError(f"There is no filter {name!r}. Filters: {', '.join(known)}.", name=name)
            if len(items) > _MAX_VALUES or any("\0" in item or len(item) > _MAX_LENGTH for item in items):
                raise UnknownFilterError(f"The filter {name!r} cannot have such a value.", name=name)
        filters.condition()
        return filters

    def condition(self) -> Q:
        """The condition on the source's products.

        Raises:
            UnknownFilterError: for a value that no product can have.
        """
        source = get_source()
        choices, measures = source.filters(), source.measures()
        condition = Q()
        for name, items in self.chosen.items():
            if name in choices:
                condition &= _one_of(name, choices[name], items)
            else:
                ending = name[-4:]
                condition &= Q(**{measures[name[:-4]] + _BOUNDS[ending]: _number(name, items)})
        return condition

    def __bool__(self) -> bool:
        return bool(self.chosen)


def known_filters() -> list[str]:
    """The names of all filters that the shop's source offers."""
    source = get_source()
    return [*source.filters(), *(name + ending for name in source.measures() for ending in _BOUNDS)]


def _one_of(name: str, lookup: str, items: tuple[str, ...]) -> Q:
    condition = Q(**{f"{lookup}__in": items})
    try:
        get_source().queryset().filter(condition)  # converts the values; asks nothing
    except (ValueError, ValidationError, FieldError):
        raise UnknownFilterError(f"The filter {name!r} cannot have such a value.", name=name) from None
    return condition


def _number(name: str, items: tuple[str, ...]) -> Decimal:
    try:
        value = Decimal(items[0])
    except InvalidOperation:
        value = Decimal("NaN")
    if len(items) > 1 or not value.is_finite() or abs(value) >= 10**9:
        raise UnknownFilterError(f"The filter {name!r} takes one number.", name=name)
    return round(value, 2)
