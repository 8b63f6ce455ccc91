"""The id of a served list: it says itself what was served, and is signed, so that serving writes nothing.

An id is `PLACEMENT~STRATEGY~SNAPSHOT~TIME~MILLISECONDS~FALLBACKS~NUMBER~SIGNATURE`: numbers in hexadecimal, the last of
them at random, the signature 96 bits of HMAC-SHA256 under `SECRET_KEY`. It names no visitor. Ids signed with one of
`SECRET_KEY_FALLBACKS` stay readable.
"""

from __future__ import annotations

import base64
import re
import secrets
from datetime import UTC, datetime
from typing import NamedTuple

from django.conf import settings as django_settings
from django.utils.crypto import constant_time_compare, salted_hmac

from recommender.exceptions import RecommendationIdError

MAX_LENGTH = 200
_SALT = "recommender.recommendation_id"
_SIGNATURE_BYTES = 12
_NAME = re.compile(r"[a-z0-9_-]*")
_N_FIELDS = 8


class Served(NamedTuple):
    """What was served.

    Attributes:
        placement: the named spot; may be empty.
        strategy: what made the list.
        snapshot: the number of the snapshot that it came from; None before the first.
        served_at: to the second.
        milliseconds: how long it took to make.
        fallbacks: bit p is set when the place p, from 0, was filled by what is popular or new.
    """

    placement: str
    strategy: str
    snapshot: int | None
    served_at: datetime
    milliseconds: int = 0
    fallbacks: int = 0

    def n_fallbacks(self, places: int) -> int:
        """How many of the first `places` were filled by what is popular or new."""
        return (self.fallbacks & ((1 << places) - 1)).bit_count()


def write(served: Served) -> str:
    """A new id for this list; another one each time. ASCII, without characters that an address would have to quote.

    Raises:
        ValueError: for a placement or strategy that is more than lower case letters, digits, - and _.
    """
    if not (_NAME.fullmatch(served.placement) and _NAME.fullmatch(served.strategy)):
        raise ValueError(f"{served.placement!r} and {served.strategy!r} must be of a-z, 0-9, - and _.")
    numbers = (
        served.snapshot or 0,
        int(served.served_at.timestamp()),
        served.milliseconds,
        served.fallbacks,
        secrets.randbits(48),
    )
    content = "~".join((served.placement, served.strategy, *(f"{number:x}" for number in numbers)))
    return f"{content}~{_signature(content, django_settings.SECRET_KEY)}"


def read(text: str) -> Served:
    """What was served under this id.

    Raises:
        RecommendationIdError: for an id that we did not make.
    """
    content, _, signature = text[: MAX_LENGTH + 1].rpartition("~")
    keys = (django_settings.SECRET_KEY, *django_settings.SECRET_KEY_FALLBACKS)
    genuine = len(text) <= MAX_LENGTH and text.isascii()
    if not genuine or not any(constant_time_compare(signature, _signature(content, key)) for key in keys):
        raise RecommendationIdError
    fields = content.split("~")
    if len(fields) != _N_FIELDS - 1:
        raise RecommendationIdError
    snapshot, served_at, milliseconds, fallbacks, _number = (int(field, 16) for field in fields[2:])
    return Served(
        fields[0], fields[1], snapshot or None, datetime.fromtimestamp(served_at, UTC), milliseconds, fallbacks
    )


def _signature(content: str, key: str | bytes) -> str:
    digest = salted_hmac(_SALT, content, secret=key, algorithm="sha256").digest()[:_SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(digest).decode()
