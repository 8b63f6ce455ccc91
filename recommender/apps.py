"""The Django app's entry: default key type, receivers and checks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecommenderConfig(AppConfig):
    """Registers the receivers that keep embeddings in step with the shop's pictures."""

    name = "recommender"
    verbose_name = _("Recommendations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect receivers and system checks."""
        from recommender import checks, receivers  # models must be loaded first

        checks.register()
        receivers.connect()
