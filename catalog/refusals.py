"""Why a picture was refused, in the page's language; `recommender.imaging` words it for logs and commands."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommender.conf import settings
from recommender.exceptions import ImageRefusedError

_MESSAGES: dict[str, Any] = {
    "empty": gettext_lazy("The file is empty. Choose the picture again and upload it once more."),
    "too_large": gettext_lazy("The file has more than %(megabytes)d MB. Save the picture smaller and upload it again."),
    "too_many_pixels": gettext_lazy(
        "The picture has more than %(megapixels)d million pixels. Scale it down and upload it again."
    ),
    "unsupported_format": gettext_lazy(
        "The file is no JPEG, PNG or WebP. Save the picture as JPEG and upload it again."
    ),
    "extension_mismatch": gettext_lazy(
        "The file's name does not fit its content. Give it the right ending and upload it again."
    ),
    "animated": gettext_lazy("The picture is animated. Save a single frame and upload that."),
}


def explain(error: ImageRefusedError) -> str:
    """The reason and the cure, for the form field or the import report."""
    message = _MESSAGES.get(error.reason)
    if message is None:
        return _("The picture is damaged. Open it in an image program, save it again and upload that.")
    limits = {"megabytes": settings.IMAGE_MAX_BYTES >> 20, "megapixels": settings.IMAGE_MAX_PIXELS // 1_000_000}
    return str(message) % limits
