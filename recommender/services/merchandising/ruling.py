"""Making rules and switching them; every process hears of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from recommender.models import Rule
from recommender.services import serving
from recommender.storage import changes

Action, Target = Rule.Action, Rule.Target


def pin(product: Any, place: int, **scope: Any) -> Rule:
    """A new rule by which a product takes a place, from 1; `scope` as for `boost`."""
    return _saved(Rule(action=Action.PIN, target=Target.PRODUCT, product=product, position=place, **_fields(scope)))


def boost(*, product: Any = None, brand: str = "", attribute: str = "", value: str = "", **scope: Any) -> Rule:
    """A new rule by which products go up.

    Args:
        product: one product,
        brand: or all of a brand,
        attribute: or all with this attribute (a name of `ProductSource.attributes`)
        value: of this value.
        **scope: `name`, `strength` and `share` in percent, `placement`, `seed_brand`, `seed_category`, `starts_at`,
            `ends_at`, `is_active`, as the fields of `Rule`; `placement` by its name.

    Raises:
        django.core.exceptions.ValidationError: when the rule names no products, or a number is out of range.
    """
    return _saved(_about(Action.BOOST, product, brand, attribute, value, scope))


def bury(*, product: Any = None, brand: str = "", attribute: str = "", value: str = "", **scope: Any) -> Rule:
    """A new rule by which products go down; arguments as for `boost`."""
    return _saved(_about(Action.BURY, product, brand, attribute, value, scope))


def exclude(*, product: Any = None, brand: str = "", attribute: str = "", value: str = "", **scope: Any) -> Rule:
    """A new rule by which products are not shown on shelves; arguments as for `boost`."""
    return _saved(_about(Action.EXCLUDE, product, brand, attribute, value, scope))


def switch(rules: Iterable[Rule], *, on: bool) -> list[Rule]:
    """Switch rules on or off, from the next request on; return those that were not so already."""
    with transaction.atomic():
        rows = Rule.objects.select_for_update().filter(pk__in=[rule.pk for rule in rules]).exclude(is_active=on)
        switched = list(rows)
        Rule.objects.filter(pk__in=[rule.pk for rule in switched]).update(is_active=on, updated_at=timezone.now())
        if switched:
            changed()
    return switched


def changed() -> None:
    """Tell every process to read the rules again, once the caller's transaction is committed.

    This one does so at its next request, the others within `POLL_SECONDS`.
    """
    with transaction.atomic():
        changes.advance(changes.RULES)
        transaction.on_commit(serving.expire)


def _about(action: str, product: Any, brand: str, attribute: str, value: str, scope: dict[str, Any]) -> Rule:
    target = Target.PRODUCT if product is not None else Target.BRAND if brand else Target.ATTRIBUTE
    return Rule(
        action=action, target=target, product=product, attribute=attribute, value=brand or value, **_fields(scope)
    )


def _fields(scope: dict[str, Any]) -> dict[str, Any]:
    return {"placement_id" if name == "placement" else name: value for name, value in scope.items()}


def _saved(rule: Rule) -> Rule:
    rule.name = rule.name or f"{rule.get_action_display()}: {rule.product or rule.value}"[:120]
    rule.full_clean()
    rule.save()  # its receiver tells the processes
    return rule
