"""Where merchandising rules get into each other's way, or have nothing to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

from recommender.conf import settings
from recommender.core.merchandising import allowance
from recommender.core.shelf import UNKNOWN
from recommender.models import Rule
from recommender.services import rulebook, serving
from recommender.services.rulebook import CompiledRule
from recommender.services.viewing import Serving
from recommender.sources import get_source

Action, Target, State = Rule.Action, Rule.Target, Rule.State

_PROMOTING = (Action.PIN, Action.BOOST)

_BETWEEN: dict[tuple[str, str], StrPromise] = {
    (Action.PIN, Action.EXCLUDE): gettext_lazy("“%(rule)s” excludes the product: it is not shown."),
    (Action.BOOST, Action.EXCLUDE): gettext_lazy("“%(rule)s” excludes products of it: they are not shown."),
    (Action.BOOST, Action.BURY): gettext_lazy("“%(rule)s” buries products of it, which goes before boosting."),
    (Action.EXCLUDE, Action.PIN): gettext_lazy("It excludes what “%(rule)s” pins."),
    (Action.EXCLUDE, Action.BOOST): gettext_lazy("It excludes products that “%(rule)s” boosts."),
    (Action.BURY, Action.BOOST): gettext_lazy("It buries products that “%(rule)s” boosts."),
}


@dataclass(frozen=True)
class Conflict:
    """What a person should know about a rule.

    Attributes:
        text: a sentence.
        other: the rule that it gets in the way of, if it is one.
    """

    text: str
    other: int | None = None


def conflicts(rows: Iterable[Rule]) -> dict[int | None, list[Conflict]]:
    """What is the matter with each rule that applies or will apply, by its key; two queries for any number of rules.

    Args:
        rows: the rules to compare; one that is not saved yet has the key None.
    """
    rules = rulebook.compiled(row for row in rows if row.state in (State.LIVE, State.SCHEDULED))
    judge = _Judge(serving.current(), rules)
    found: dict[int | None, list[Conflict]] = {}
    for rule in rules:
        if about := [*judge.alone(rule), *judge.against_others(rule)]:
            found[rule.pk] = about
    return found


class _Judge:
    def __init__(self, view: Serving, rules: Sequence[CompiledRule]) -> None:
        self._view, self._rules, self._source = view, rules, get_source()
        keys = {rule.product_key for rule in rules if rule.product_key}
        products = self._source.queryset().prefetch_related(None).filter(pk__in=keys)
        self._products = {str(product.pk): product for product in products}
        available = products.filter(self._source.available()).values_list("pk", flat=True)
        self._available = {str(key) for key in available}
        self._at: dict[int, list[CompiledRule]] = defaultdict(list)
        for rule in rules:
            if rule.action == Action.PIN:
                self._at[rule.place].append(rule)

    def alone(self, rule: CompiledRule) -> Iterator[Conflict]:
        """What is the matter with a rule whatever the others are."""
        if rule.product_key and rule.product_key not in self._available and rule.action in _PROMOTING:
            yield Conflict(_("The product cannot be bought now: the rule waits until it can."))
        knows = self._view.catalogue.groups is not None
        if not rule.product_key and knows and not self._view.matching(rule).size:
            yield Conflict(_("No product is meant by it."))
        if rule.action == Action.PIN and rule.place >= settings.SHELF_SIZE:
            text = _("Shelves have %(n)s places unless a page asks for more.")
            yield Conflict(text % {"n": settings.SHELF_SIZE})

    def against_others(self, rule: CompiledRule) -> Iterator[Conflict]:
        """Where a rule and another want different things of the same products or places, on a shelf of both."""
        if rule.action == Action.PIN:
            yield from self._about_pins(rule)
        for other in self._rules:
            pair = (rule.action, other.action)
            text = _BETWEEN.get(pair)
            if text is not None and _meet(rule, other) and self._share_products(rule, other):
                yield Conflict(str(text) % {"rule": other.name}, other.pk)

    def _about_pins(self, rule: CompiledRule) -> Iterator[Conflict]:
        for other in self._at[rule.place]:
            if other is rule or not _meet(rule, other):
                continue
            text = _("“%(rule)s” pins to the same place: the older rule has it, the other takes the next one.")
            yield Conflict(text % {"rule": other.name}, other.pk)
        pins = [other for other in self._rules if other.action == Action.PIN and _meet(rule, other)]
        most = allowance(settings.PROMOTED_SHARE, settings.SHELF_SIZE)
        if len(pins) > most:
            text = ngettext(
                "There are %(n)s pins for this shelf, of which only %(most)s place may be promoted.",
                "There are %(n)s pins for this shelf, of which only %(most)s places may be promoted.",
                most,
            )
            yield Conflict(text % {"n": len(pins), "most": most})

    def _share_products(self, rule: CompiledRule, other: CompiledRule) -> bool:
        for one, two in ((rule, other), (other, rule)):
            if one.product_key:
                product = self._products.get(one.product_key)
                return product is not None and two.means(self._source, product)
        return bool(np.intersect1d(self._view.matching(rule), self._view.matching(other), assume_unique=True).size)


def _meet(one: CompiledRule, two: CompiledRule) -> bool:
    """Whether there is a shelf and a moment that both rules are for."""
    scopes = (
        (one.placement, two.placement, ""),
        (one.seed_brand, two.seed_brand, UNKNOWN),
        (one.seed_category, two.seed_category, UNKNOWN),
    )
    if any(mine not in (theirs, every) and theirs != every for mine, theirs, every in scopes):
        return False
    starts = [rule.starts_at for rule in (one, two) if rule.starts_at is not None]
    ends = [rule.ends_at for rule in (one, two) if rule.ends_at is not None]
    return not starts or not ends or max(starts) < min(ends)
