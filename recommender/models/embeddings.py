"""What the encoder saw: a row a product picture and encoder version, and the log that tells processes what changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommender.conf import product_model_label


class ImageEmbedding(models.Model):
    """The embedding of one picture of one product by one encoder version.

    A row is also the durable request for work: it turns pending in the transaction that changes the picture, so that
    nothing is lost when no broker is there to be told. A row with an empty `image_key` stands for the product as a
    whole: waiting to be looked at, or looked at and found to have no picture.
    """

    class Status(models.TextChoices):
        """Where the picture is on its way to a vector."""

        PENDING = "pending", _("waiting")
        READY = "ready", _("embedded")
        FAILED = "failed", _("failed")
        EMPTY = "empty", _("no picture")

    product = models.ForeignKey(
        product_model_label(),
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("product"),
    )
    image_key = models.CharField(_("picture"), max_length=255, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    encoder_version = models.CharField(_("encoder"), max_length=100)
    content_hash = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("error"), max_length=500, blank=True)
    vector = models.BinaryField(_("vector (float32, little-endian)"), null=True, editable=False)
    perceptual_hash = models.BigIntegerField(_("perceptual hash"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("image embedding")
        verbose_name_plural = _("image embeddings")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "image_key", "encoder_version"], name="recommender_embedding_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="ready") | models.Q(vector__isnull=False),
                name="recommender_embedding_ready_has_vector",
            ),
        ]
        indexes = [models.Index(fields=["encoder_version", "status", "updated_at"], name="recommender_emb_status")]

    def __str__(self) -> str:
        return f"{self.product_id} · {self.image_key}"


class CatalogueChange(models.Model):
    """The last change of a product's vectors, so that every process can merge it before the next snapshot."""

    product_key = models.CharField(_("product"), max_length=64, unique=True)
    sequence = models.PositiveBigIntegerField(_("sequence"), db_index=True)
    deleted = models.BooleanField(_("deleted"), default=False)

    class Meta:
        verbose_name = _("catalogue change")
        verbose_name_plural = _("catalogue changes")

    def __str__(self) -> str:
        return f"{self.sequence}: {self.product_key}"


class Sequence(models.Model):
    """A named counter, advanced under its row lock so that numbers become visible in order."""

    name = models.CharField(_("name"), max_length=40, primary_key=True)
    value = models.PositiveBigIntegerField(_("value"), default=0)

    class Meta:
        verbose_name = _("sequence")
        verbose_name_plural = _("sequences")

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"
