"""The reference phone shop as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    """The shop: products, baskets, orders and their pages."""

    name = "catalog"
    verbose_name = _("Phone shop")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Join a guest's basket to the account at login."""
        from catalog import receivers  # models must be loaded first

        receivers.connect()
