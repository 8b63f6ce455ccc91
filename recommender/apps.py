"""The Django app's entry: default key type, receivers and checks."""

import logging

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)


class RecommenderConfig(AppConfig):
    """Registers the receivers that keep embeddings in step with the shop's pictures."""

    name = "recommender"
    verbose_name = _("Recommendations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect receivers and system checks."""
        from recommender import checks, receivers  # models must be loaded first

        checks.register()
        receivers.watch_migrations(self)
        try:
            receivers.connect()
        except (ImproperlyConfigured, ImportError) as error:
            # `manage.py check` must be able to say so with its hint; pages and tasks fail at their first use.
            logger.error("The recommender does not watch the shop: %s", error)
