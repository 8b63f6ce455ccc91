"""Products as the shop has them at this moment: those of some that may have a place on a shelf, and those it names."""

from __future__ import annotations

from collections.abc import Collection
from copy import deepcopy
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language

from recommender.models import Visitor
from recommender.services.terms import Terms
from recommender.sources import ProductSource
from recommender.storage import interactions
from recommender.storage.compiled import Compiled, Gap

_STEP = 4
"""Numbers of keys are rounded up to a multiple of it, so that there are few different questions."""


class _Question(NamedTuple):
    """What was asked before.

    Attributes:
        asked: what the shop's source gave to ask it with.
        compiled: the query, with gaps for "keys" (all of them), "named" and "visitor".
    """

    asked: tuple[Any, ...]
    compiled: Compiled


_MOST = 128
"""Questions that are kept, of about 50 KB each."""

_questions: dict[tuple[int, int, bool], _Question] = {}
"""By numbers of keys and named ones, and whether a visitor's dismissals count."""


def products(source: ProductSource) -> Any:
    """All products, in no order and without what the source prefetches for cards (`sources.prefetch`)."""
    return _bare(source.queryset())


def wanted(source: ProductSource, terms: Terms, visitor: Visitor | None) -> Q:
    """What keeps to the terms and was not dismissed by the visitor: asking for that costs no query of its own."""
    condition = terms.condition(source)
    return condition if visitor is None else condition & ~Q(pk__in=interactions.dismissed(visitor.pk))


def read(
    source: ProductSource, terms: Terms, visitor: Visitor | None, keys: Collection[str], named: Collection[str] = ()
) -> dict[str, Any]:
    """Products by their key as text, ready for `sources.prefetch`; one query, and none for no keys.

    It is compiled again only when the source gives another queryset or other conditions than the last time.

    Args:
        source: the shop's.
        terms: what those of `keys` must keep to.
        visitor: whose dismissals are left out of them.
        keys: of products for a shelf.
        named: of products that a visitor need only be allowed to see.
    """
    every = list(dict.fromkeys([*keys, *named]))
    if not every:
        return {}
    question = _question(source, terms, visitor is not None, len(every), len(named))
    found = question.ask(keys=every, named=[*named], visitor=[visitor.pk] if visitor is not None else ())
    return {str(product.pk): product for product in found}


def _question(source: ProductSource, terms: Terms, dismissals: bool, n_keys: int, n_named: int) -> Compiled:
    given: Any = source.queryset()
    allowed, seen = terms.condition(source), source.visible()
    # The whole query of the source, so that one which depends on the moment or on a tenant is never taken for another,
    # and what Django and lazy values take from the request.
    asked = (given._db, vars(given.query), allowed, seen, get_language(), timezone.get_current_timezone_name())
    n_named = _rounded(n_named)
    shape = _rounded(n_keys), n_named, dismissals
    known = _questions.get(shape)
    is_kept = not given._known_related_objects  # a related manager's products carry the instance it was asked of
    if known is None or not is_kept or known.asked != asked:
        asked = (*asked[:2], *deepcopy(asked[2:]))
        pk = given.model._meta.pk
        if dismissals:
            allowed &= ~Q(pk__in=interactions.dismissed(Gap("visitor", Visitor._meta.pk)))
        if n_named:
            named = Q(pk__in=Gap("named", pk, n_named))
            allowed = allowed & ~named | seen & named
        compiled = Compiled(_bare(given).filter(allowed, pk__in=Gap("keys", pk, shape[0])))
        if not is_kept:
            return compiled
        if len(_questions) >= _MOST:
            _questions.pop(next(iter(_questions)), None)
        known = _questions[shape] = _Question(asked, compiled)
    return known.compiled


def _rounded(number: int) -> int:
    return -(-number // _STEP) * _STEP


def _bare(queryset: Any) -> Any:
    return queryset.prefetch_related(None).order_by()
