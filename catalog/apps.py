"""The reference phone shop as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    """The shop: products, baskets, orders and their pages."""

    name = "catalog"
    verbose_name = _("Phone shop")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Join a guest's basket to the account at login; make the staff's groups after a migration."""
        from catalog import receivers, roles  # models must be loaded first

        receivers.connect()
        post_migrate.connect(roles.ensure, sender=self, dispatch_uid="catalog.roles")
