"""Why a file is refused as a picture: a closed list of reasons, each with a message that names the cure."""

from enum import StrEnum
from typing import NoReturn

from recommender.exceptions import ImageRefusedError


class Refusal(StrEnum):
    """The `reason` of an `ImageRefusedError`. Doors translate by it; the English message is for logs and commands."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_PIXELS_OF_ITS_KIND = "too_many_pixels_of_its_kind"
    UNSUPPORTED_FORMAT = "unsupported_format"
    EXTENSION_MISMATCH = "extension_mismatch"
    ANIMATED = "animated"
    UNREADABLE = "unreadable"


MESSAGES = {
    Refusal.EMPTY: "The file is empty. Choose the picture again and upload it once more.",
    Refusal.TOO_LARGE: "The file has more than {limit:.0f} MB. Save the picture smaller and upload it again.",
    Refusal.TOO_MANY_PIXELS: "The picture has more than {limit:g} million pixels. Scale it down and upload it again.",
    Refusal.TOO_MANY_PIXELS_OF_ITS_KIND: (
        "A picture of its kind may have {limit:g} million pixels. Save it as an ordinary JPEG and upload that."
    ),
    Refusal.UNSUPPORTED_FORMAT: "The file is no JPEG, PNG or WebP. Save the picture as JPEG and upload it again.",
    Refusal.EXTENSION_MISMATCH: "The file's name says {name}, its content is {content}. Rename it and upload it again.",
    Refusal.ANIMATED: "The picture is animated. Save a single frame and upload that.",
    Refusal.UNREADABLE: "The picture is damaged. Open it in an image program, save it again and upload that.",
}


def refuse(reason: Refusal, *, cause: BaseException | None = None, **details: object) -> NoReturn:
    """Raise the `ImageRefusedError` for a reason, with its message filled in from the details."""
    raise ImageRefusedError(MESSAGES[reason].format(**details), code=reason) from cause
