"""Merchandising rules as a process keeps them: read once for each version, asked without a query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from recommender.core.shelf import UNKNOWN
from recommender.models import Rule
from recommender.services.grouping import attribute_code, name_code
from recommender.sources import ProductSource
from recommender.storage import rules

Action, Target = Rule.Action, Rule.Target


@dataclass(frozen=True)
class CompiledRule:
    """One rule, ready to be asked.

    Attributes:
        pk: the row's key; None for one that is not saved yet.
        name: for the shop's staff.
        action: what it does.
        target: what names its products.
        product_key: the product, as text.
        attribute: the attribute's name.
        code: of the brand (`grouping.name_code`) or value (`grouping.attribute_code`).
        place: of a pin, 0-based; -1 for others.
        strength: in (0, 1].
        share: in (0, 1].
        placement: the shelf that it is for; empty for all.
        seed_brand: the code of the brand beside whose products it applies; `UNKNOWN` beside all.
        seed_category: as `seed_brand`, of the category.
        starts_at: None when it applies since ever.
        ends_at: None when it applies for ever.
    """

    pk: int | None
    name: str
    action: str
    target: str
    product_key: str
    attribute: str
    code: int
    place: int
    strength: float
    share: float
    placement: str
    seed_brand: int
    seed_category: int
    starts_at: datetime | None
    ends_at: datetime | None

    def applies(self, placement: str, brand: int, category: int, now: datetime) -> bool:
        """Whether it has an effect on this shelf beside a product of these groups now."""
        return (
            (self.starts_at is None or self.starts_at <= now)
            and (self.ends_at is None or self.ends_at > now)
            and self.placement in ("", placement)
            and self.seed_brand in (UNKNOWN, brand)
            and self.seed_category in (UNKNOWN, category)
        )

    def means(self, source: ProductSource, product: Any) -> bool:
        """Whether a product is one of its products, as the product is now; no query."""
        if self.target == Target.PRODUCT:
            return str(product.pk) == self.product_key
        if self.target == Target.BRAND:
            brand = source.brand(product)
            return bool(brand) and name_code(brand) == self.code
        return attribute_code(source.attributes(product).get(self.attribute)) == self.code


Called = tuple[CompiledRule, ...]
"""Rules whose products must be among the candidates of a shelf, in a fixed order."""


@dataclass(frozen=True)
class Rulebook:
    """All rules that have an effect now or later.

    Attributes:
        version: the number under which they were read.
        rules: the oldest first, which go before the others.
    """

    version: int = 0
    rules: tuple[CompiledRule, ...] = ()

    def applying(
        self, placement: str, brand: int, category: int, now: datetime | None = None
    ) -> tuple[CompiledRule, ...]:
        """The rules for one shelf, in their order."""
        if not self.rules:
            return ()
        moment = now or timezone.now()
        return tuple(rule for rule in self.rules if rule.applies(placement, brand, category, moment))


def read(version: int) -> Rulebook:
    """The rules as they are now; one query, and none while there has never been a rule."""
    return Rulebook(version, compiled(rules.in_force(timezone.now())) if version else ())


def compiled(rows: Iterable[Rule]) -> tuple[CompiledRule, ...]:
    """Rows as rules that can be asked."""
    return tuple(_compiled(row) for row in rows)


def _compiled(row: Rule) -> CompiledRule:
    return CompiledRule(
        pk=row.pk,
        name=row.name,
        action=row.action,
        target=row.target,
        product_key="" if row.product_id is None else str(row.product_id),
        attribute=row.attribute,
        code=name_code(row.value) if row.target == Target.BRAND else attribute_code(row.value),
        place=row.position - 1 if row.action == Action.PIN and row.position else -1,
        strength=row.strength / 100,
        share=row.share / 100,
        placement=row.placement_id or "",
        seed_brand=name_code(row.seed_brand) if row.seed_brand else UNKNOWN,
        seed_category=name_code(row.seed_category) if row.seed_category else UNKNOWN,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )
