"""Signals in: pictures saved, products deleted, visitors logging in, users leaving."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.db.models import Model
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete
from django.http import HttpRequest

from recommender import tasks
from recommender.models import Placement, Rule
from recommender.services import embedding, forgetting, merchandising, placing, visitors
from recommender.services.placing import defaults
from recommender.sources import get_product_model, get_source


def watch_migrations(config: AppConfig) -> None:
    """Connect what follows a migration, which no setting of the shop can keep from working."""
    post_migrate.connect(_migrated, sender=config, dispatch_uid="recommender.migrated")


def connect() -> None:
    """Connect every receiver; called once, when all apps are loaded."""
    for model in get_source().watched_models():
        post_save.connect(_picture_changed, sender=model, dispatch_uid=f"recommender.saved.{model._meta.label}")
        if model is not get_product_model():
            post_delete.connect(_picture_gone, sender=model, dispatch_uid=f"recommender.gone.{model._meta.label}")
    post_delete.connect(_product_deleted, sender=get_product_model(), dispatch_uid="recommender.product_deleted")
    post_save.connect(_rule_changed, sender=Rule, dispatch_uid="recommender.rule_saved")
    post_delete.connect(_rule_changed, sender=Rule, dispatch_uid="recommender.rule_deleted")
    user_logged_in.connect(_logged_in, dispatch_uid="recommender.logged_in")
    for changed in (post_save, post_delete):
        changed.connect(_placement_changed, sender=Placement, dispatch_uid="recommender.placement_changed")
    pre_delete.connect(_user_deleted, sender=get_user_model(), dispatch_uid="recommender.user_deleted")


def _picture_changed(sender: type[Model], instance: Model, raw: bool = False, **_: Any) -> None:
    if raw:
        return  # fixtures: related rows may not be there yet; the sweep finds them
    keys = get_source().watched_models()[sender](instance)
    if keys:
        tasks.request_embedding(keys)


def _picture_gone(sender: type[Model], instance: Model, **_: Any) -> None:
    if keys := get_source().watched_models()[sender](instance):
        tasks.request_embedding(keys, create=False)  # the product may be going with its pictures


def _product_deleted(instance: Model, **_: Any) -> None:
    embedding.withdraw([instance.pk])


def _rule_changed(**_: Any) -> None:
    merchandising.changed()


def _logged_in(request: HttpRequest | None, user: Any, **_: Any) -> None:
    if request is not None:
        visitors.merge(request, user)


def _user_deleted(instance: Any, **_: Any) -> None:
    forgetting.forget_user(instance)


def _placement_changed(raw: bool = False, **_: Any) -> None:
    if not raw:
        placing.announce()


def _migrated(using: str, apps: Any = apps, **_: Any) -> None:
    try:
        model = apps.get_model("recommender", "Placement")  # as of the migration that was reached
    except LookupError:
        return
    defaults.ensure(using, model)
