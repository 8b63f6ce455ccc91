"""Whose events a history tells of: visitors in bulk, the same ones however often the history is read."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from recommender.models import Visitor
from recommender.storage import interactions

_NAMESPACE = uuid.UUID("0c1b9a52-6a0f-5d0e-8a6f-5a5b1d1f7f0e")


class Owner(NamedTuple):
    """Who did something, by the first of these that is not empty and known.

    Attributes:
        user: the primary key of a user of the shop, as text.
        external: a shopper's id in an imported history.
        guest: a name that groups a guest's events, for example their order; one visitor each.
    """

    user: str = ""
    external: str = ""
    guest: str = ""


def identify(owners: Collection[Owner]) -> dict[Owner, uuid.UUID]:
    """The visitors' keys of these owners; visitors that are not there yet are created. A few queries in all.

    A user who is not in the shop any more counts as the guest.
    """
    users = _of_users({owner.user for owner in owners if owner.user})
    others = [owner for owner in owners if owner.user not in users]
    external = interactions.external_visitors(owner.external for owner in others if owner.external)
    guests = {owner.guest: guest_key(owner.guest) for owner in others if not owner.external}
    Visitor.objects.bulk_create([Visitor(pk=key) for key in guests.values()], ignore_conflicts=True, batch_size=1000)
    found = {owner: external[owner.external].pk if owner.external else guests[owner.guest] for owner in others}
    return found | {owner: users[owner.user] for owner in owners if owner.user in users}


def guest_key(name: str) -> uuid.UUID:
    """The visitor of a guest known by a name alone."""
    return uuid.uuid5(_NAMESPACE, name)


def _of_users(keys: Collection[str]) -> dict[str, uuid.UUID]:
    """The visitors of those users who exist, by the key as it was given."""
    field = get_user_model()._meta.pk
    given: dict[Any, str] = {}
    for key in keys:
        try:
            given[field.to_python(key)] = key
        except ValidationError:
            continue  # no key of a user
    there = set(get_user_model()._default_manager.filter(pk__in=given).values_list("pk", flat=True))
    known = set(Visitor.objects.filter(user__in=there).values_list("user", flat=True))
    Visitor.objects.bulk_create([Visitor(user_id=key) for key in there - known], ignore_conflicts=True)
    return {given[user]: key for user, key in Visitor.objects.filter(user__in=there).values_list("user", "pk")}
