"""A product's pictures. Files are named by their content, so variants that look the same share one file."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.products import Product
from recommender.sources import Rendition

RENDITION_WIDTHS = (320, 640, 960)


class ProductImage(models.Model):
    """One picture of one product. `catalog.pictures` makes the files; rows are never saved without them."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images", verbose_name=_("product"))
    file = models.ImageField(_("picture"), max_length=255)
    alt = models.CharField(_("text for people who cannot see it"), max_length=255, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    content_hash = models.CharField(_("SHA-256 of the upload"), max_length=64, editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "content_hash"],
                name="catalog_picture_once",
                violation_error_message=_("This product already has this picture."),
            ),
            models.CheckConstraint(condition=models.Q(width__gt=0, height__gt=0), name="catalog_picture_has_size"),
        ]

    def __str__(self) -> str:
        return f"{self.file.name} ({self.position})"

    @property
    def name(self) -> str:
        """The file's name within the storage."""
        return str(self.file.name)

    @property
    def renditions(self) -> list[Rendition]:
        """The picture's sizes, smallest first; never wider than the picture itself."""
        stem = PurePosixPath(self.name).with_suffix("")
        return [
            Rendition(
                self.file.storage.url(f"{stem}-{width}.webp"), width, max(1, round(self.height * width / self.width))
            )
            for width in rendition_widths(self.width)
        ]

    @property
    def thumbnail(self) -> Rendition:
        """The smallest size."""
        return self.renditions[0]

    @property
    def largest(self) -> Rendition:
        """The widest size."""
        return self.renditions[-1]

    @property
    def srcset(self) -> str:
        """The value of an `srcset` attribute."""
        return ", ".join(f"{size.url} {size.width}w" for size in self.renditions)


def rendition_widths(width: int) -> list[int]:
    """The widths that a picture of this width is kept in, ascending; a small picture is not enlarged."""
    return sorted({min(target, width) for target in RENDITION_WIDTHS})
