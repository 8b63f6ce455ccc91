"""The three roles of the shop's staff, as Django groups with permissions. docs/how-to/roles.md explains them.

Accounts themselves are a superuser's business: who may change accounts could make a superuser of himself.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction

ANALYST = (
    "view_dailyfigures",
    "view_snapshot",
    "view_imageembedding",
    "view_job",
    "view_placement",
    "view_rule",
    "view_suggestion",
    "view_finding",
    "view_brand",
    "view_family",
    "view_product",
)
"""Looks at figures: what is served, embedded and running, and products; no person's data."""

MERCHANDISER = (
    *ANALYST,
    *(f"{action}_{model}" for model in ("brand", "family", "product") for action in ("add", "change")),
    *(f"{action}_productimage" for action in ("view", "add", "change", "delete")),
    *(f"change_{model}" for model in ("imageembedding", "suggestion", "finding")),
    "add_placement",
    "change_placement",
    *(f"{action}_rule" for action in ("add", "change", "delete", "pin", "boost")),
)
"""Keeps the range: products, pictures and stock, as forms and as files; embeds pictures again; reviews what sight
found; edits placements; pins and boosts."""

MANAGER = (
    *MERCHANDISER,
    *(f"delete_{model}" for model in ("brand", "family", "product", "placement")),
    "view_order",
    "change_order",
    "view_orderline",
    "view_visitor",
    "view_interaction",
    "add_snapshot",
    "change_snapshot",
    "bury_rule",
    "exclude_rule",
)
"""Runs the shop: also deletes, buries, excludes, moves orders on, sees visitors and events, trains, switches models."""

ROLES = {"analyst": ANALYST, "merchandiser": MERCHANDISER, "manager": MANAGER}
_APPS = ("catalog", "recommender")


def ensure(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Make the groups that are missing, after each migration. A group that is there is the shop's own to change."""
    for label in _APPS:  # Django makes permissions app by app, and ours may not be the last
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    for name, codenames in ROLES.items():
        with transaction.atomic(using=using):
            group, is_new = Group.objects.using(using).get_or_create(name=name)
            if is_new:
                ours = Permission.objects.using(using).filter(content_type__app_label__in=_APPS)
                group.permissions.set(ours.filter(codename__in=codenames))
