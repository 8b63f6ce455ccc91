"""What came from a data set folder: which row became which product, so that an import can go on where it stopped."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportedProduct(models.Model):
    """One row of a products.csv and the product that it became."""

    external_id = models.CharField(_("id in the data set"), max_length=255, unique=True)
    product = models.ForeignKey(
        settings.RECOMMENDER_PRODUCT_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("product"),
    )
    digest = models.CharField(
        _("digest"),
        max_length=64,
        help_text=_("SHA-256 of the row and of its pictures, to pass over what is unchanged."),
    )

    class Meta:
        verbose_name = _("imported product")
        verbose_name_plural = _("imported products")

    def __str__(self) -> str:
        return self.external_id
