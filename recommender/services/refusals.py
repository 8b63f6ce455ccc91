"""Why a picture was refused, in the visitor's language; `recommender.imaging` words it for logs and commands."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommender.conf import settings
from recommender.exceptions import (
    EngineUnavailableError,
    ImageRefusedError,
    PhotoMissingError,
    PhotoQueryError,
    PhotoQueryExpiredError,
    PhotosTooManyError,
    RecommenderError,
    RegionRefusedError,
    SearchBusyError,
    SnapshotError,
)

_MESSAGES: dict[str, Any] = {
    "empty": gettext_lazy("The file is empty. Choose the picture again and upload it once more."),
    "too_large": gettext_lazy("The file has more than %(megabytes)d MB. Save the picture smaller and upload it again."),
    "too_many_pixels": gettext_lazy(
        "The picture has more than %(megapixels)d million pixels. Scale it down and upload it again."
    ),
    "too_many_pixels_of_its_kind": gettext_lazy(
        "A WebP may have 12.5 million pixels, a progressive JPEG 16 million. "
        "Save the picture as an ordinary JPEG and upload that."
    ),
    "unsupported_format": gettext_lazy(
        "The file is no JPEG, PNG or WebP. Save the picture as JPEG and upload it again."
    ),
    "extension_mismatch": gettext_lazy(
        "The file's name does not fit its content. Give it the right ending and upload it again."
    ),
    "animated": gettext_lazy("The picture is animated. Save a single frame and upload that."),
}


_PHOTO_SEARCH: dict[type[RecommenderError], Any] = {
    PhotoMissingError: gettext_lazy("Choose a picture first, or take one."),
    PhotosTooManyError: gettext_lazy("Send one picture, not several."),
    RegionRefusedError: gettext_lazy("The marked part lies outside the picture, or is too small. Mark it again."),
    PhotoQueryExpiredError: gettext_lazy("This search is more than ten minutes old. Choose the picture again."),
    PhotoQueryError: gettext_lazy("This search is not one of ours. Choose the picture again."),
    SearchBusyError: gettext_lazy("Many photos are being looked at right now. Try again in a few seconds."),
    SnapshotError: gettext_lazy("Search by photo is not ready yet. Try again later."),
    EngineUnavailableError: gettext_lazy("Search by photo is not available right now. Try again later."),
}

PHOTO_SEARCH_ERRORS: tuple[type[RecommenderError], ...] = (ImageRefusedError, *_PHOTO_SEARCH)
"""What can keep a photo from being searched with."""


def explain_search(error: RecommenderError) -> str:
    """What keeps a photo from being searched with, and the cure, for whoever sent it."""
    if isinstance(error, ImageRefusedError):
        return explain(error)
    return next(str(message) for kind, message in _PHOTO_SEARCH.items() if isinstance(error, kind))


def explain(error: ImageRefusedError) -> str:
    """The reason and the cure, for whoever sent the picture."""
    return explain_reason(error.reason)


def explain_reason(reason: str) -> str:
    """The same for the reason alone."""
    message = _MESSAGES.get(reason)
    if message is None:
        return _("The picture is damaged. Open it in an image program, save it again and upload that.")
    limits = {"megabytes": settings.IMAGE_MAX_BYTES >> 20, "megapixels": settings.IMAGE_MAX_PIXELS // 1_000_000}
    return str(message) % limits
