"""Pictures in the product form: prepared while it is checked, so that a bad one refuses the product as a whole."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from catalog import pictures, refusals
from catalog.models import ProductImage
from recommender.exceptions import ImageRefusedError
from recommender.models import ImageEmbedding
from recommender.services.engines import get_encoder

MAX_PICTURES = 50
"""Of one product: what nobody needs more of, and what fills no disk by accident."""


class PictureField(forms.FileField):
    """An upload that becomes a `PreparedPicture`, or a sentence on why it was refused."""

    widget = forms.FileInput(
        attrs={
            "accept": "image/jpeg,image/png,image/webp",
            # What admin_pictures.js says: texts reach a script without inline code as data.
            "data-drop-hint": _("Drop pictures here, several at once if you like, or"),
            "data-drop-choose": _("choose pictures"),
            "data-drop-added": _("Added, to be kept when you save:"),
            "data-drop-refused": _("Left out, being no JPEG, PNG or WebP:"),
        }
    )

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The prepared picture; the stored file when none was uploaded."""
        upload = super().clean(data, initial)
        if not isinstance(upload, UploadedFile):
            return upload
        try:
            return pictures.prepare(upload, upload.name or "")
        except ImageRefusedError as error:
            raise ValidationError(refusals.explain(error), code=error.reason) from error


class PictureForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """One picture of a product."""

    file = PictureField(label=_("picture"))

    class Meta:
        model = ProductImage
        fields = ("file", "alt", "position")

    prepared: pictures.PreparedPicture | None = None

    def clean(self) -> dict[str, Any]:
        """The row takes over the prepared picture's name, digest and size."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        prepared = data.get("file")
        if isinstance(prepared, pictures.PreparedPicture):
            self.prepared = prepared
            data["file"] = prepared.name
            self.instance.content_hash = prepared.content_hash
            self.instance.width, self.instance.height = prepared.width, prepared.height
        return data

    def save(self, commit: bool = True) -> Any:
        """The row, with its files stored first: a row is never without them."""
        if self.prepared is not None:
            pictures.store(self.prepared)
        return super().save(commit)


class PictureFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """A product's pictures; none twice."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name each field: a table of fields has headings, and no labels."""
        super().add_fields(form, index)
        for field in form.fields.values():
            field.widget.attrs.setdefault("aria-label", capfirst(str(field.label)))

    def clean(self) -> None:
        """Refuse a second copy before the database does."""
        super().clean()
        seen = self._stored_elsewhere()
        for form in self.forms:
            digest = form.instance.content_hash
            if not digest or form.cleaned_data.get("DELETE"):
                continue
            if digest in seen:
                form.add_error("file", _("This product already has this picture."))
            seen.add(digest)

    def _stored_elsewhere(self) -> set[str]:
        """The digests of the product's pictures that this form does not know: it was sent twice, or is an old page."""
        if self.instance.pk is None:
            return set()
        known = [form.instance.pk for form in self.forms if form.instance.pk]
        rows = ProductImage.objects.filter(product=self.instance).exclude(pk__in=known)
        return set(rows.values_list("content_hash", flat=True))


class ProductImageInline(admin.TabularInline):  # type: ignore[type-arg]
    """A product's pictures with a preview, and how far each is on its way to the shelves."""

    model = ProductImage
    template = "admin/recommender/tabular.html"
    form = PictureForm
    formset = PictureFormSet
    extra = 1
    max_num = MAX_PICTURES
    fields = ("preview", "file", "alt", "position", "embedding")
    readonly_fields = ("preview", "embedding")

    class Media:
        css = {"all": ("catalog/css/admin_pictures.css",)}
        js = ("catalog/js/admin_pictures.js",)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """With the limit held, not only suggested."""
        return super().get_formset(request, obj, validate_max=True, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductImage]:
        """Main picture first, each with the state of its embedding."""
        rows = ImageEmbedding.objects.filter(
            product=OuterRef("product"), image_key=OuterRef("file"), encoder_version=get_encoder().version
        )
        states = Subquery(rows.values("status")[:1]), Subquery(rows.values("error")[:1])
        images: QuerySet[ProductImage] = super().get_queryset(request)
        return images.annotate(embedding_state=states[0], embedding_error=states[1]).order_by("position", "pk")

    @admin.display(description=_("recognition"))
    def embedding(self, image: ProductImage) -> str:
        """Whether shelves know the picture, and if not, why."""
        state = getattr(image, "embedding_state", None)
        if state is None:
            return "-"
        label = str(ImageEmbedding.Status(state).label)
        return f"{label}: {image.embedding_error}" if image.embedding_error else label  # type: ignore[attr-defined]

    @admin.display(description=_("preview"))
    def preview(self, image: ProductImage) -> SafeString | str:
        """The picture at thumbnail size."""
        if not image.pk:
            return "-"
        return format_html('<img src="{}" width="96" height="96" alt="{}">', image.thumbnail.url, image.alt)
