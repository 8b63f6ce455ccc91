"""The id of a served list: it says itself what was served, and is signed, so that serving writes nothing.

An id is `PLACEMENT~RUNS~SNAPSHOT~TIME~MILLISECONDS~NUMBER~SIGNATURE`: what filled the places (`write_runs`), numbers in
hexadecimal, the last of them at random, and 96 bits of HMAC-SHA256 under `SECRET_KEY`. It names no visitor. Ids signed
with one of `SECRET_KEY_FALLBACKS` stay readable.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

from django.conf import settings as django_settings
from django.utils.crypto import constant_time_compare, salted_hmac

from recommender.exceptions import RecommendationIdError

MAX_LENGTH = 500
_SALT = "recommender.recommendation_id"
_SIGNATURE_BYTES = 12
_NAME = re.compile(r"[A-Za-z0-9_-]*")
_N_FIELDS = 7


class Run(NamedTuple):
    """Places of a list that stand together and were filled by the same strategy.

    Attributes:
        strategy: what filled them; not empty, and not beginning with "-".
        places: how many.
        is_fallback: whether they only fill what the list is for left free.
    """

    strategy: str
    places: int
    is_fallback: bool = False


class Served(NamedTuple):
    """What was served.

    Attributes:
        placement: the named spot; may be empty.
        runs: what filled the places, from the first on.
        snapshot: the number of the snapshot that it came from; None before the first.
        served_at: to the second.
        milliseconds: how long it took to make.
    """

    placement: str
    runs: tuple[Run, ...]
    snapshot: int | None
    served_at: datetime
    milliseconds: int = 0

    def strategy_at(self, position: int | None) -> str:
        """What filled a place, from 1; the first place when it is not told, the last when the list is shorter."""
        left = position or 1
        for run in self.runs:
            left -= run.places
            if left <= 0:
                return run.strategy
        return self.runs[-1].strategy if self.runs else ""


def runs_of(places: Iterable[tuple[str, bool]]) -> tuple[Run, ...]:
    """The runs of places that are given one by one as (strategy, is_fallback)."""
    return tuple(Run(strategy, len(list(same)), filler) for (strategy, filler), same in groupby(places))


def first(runs: Iterable[Run], places: int) -> tuple[Run, ...]:
    """The runs of the first places only."""
    kept = []
    for run in runs:
        if places <= 0:
            break
        kept.append(run._replace(places=min(run.places, places)))
        places -= run.places
    return tuple(kept)


def write_runs(runs: Iterable[Run]) -> str:
    """Runs as text, `STRATEGY.PLACES` each, joined by dots; a fallback begins with "-": "for_you.8.-trending.4"."""
    return ".".join(f"{'-' if run.is_fallback else ''}{run.strategy}.{run.places}" for run in runs)


def read_runs(text: str) -> tuple[Run, ...]:
    """The runs in a text of `write_runs`."""
    words = text.split(".") if text else []
    pairs = zip(words[::2], words[1::2], strict=True)
    return tuple(Run(name.removeprefix("-"), int(places), name.startswith("-")) for name, places in pairs)


def write(served: Served) -> str:
    """A new id for this list; another one each time. ASCII, without characters that an address would have to quote.

    Raises:
        ValueError: for a placement or strategy that is more than letters, digits, - and _.
    """
    for name in (served.placement, *(run.strategy for run in served.runs)):
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} must be of a-z, 0-9, - and _.")
    numbers = (
        served.snapshot or 0,
        int(served.served_at.timestamp()),
        served.milliseconds,
        secrets.randbits(48),
    )
    content = "~".join((served.placement, write_runs(served.runs), *(f"{number:x}" for number in numbers)))
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
    snapshot, served_at, milliseconds, _number = (int(field, 16) for field in fields[2:])
    moment = datetime.fromtimestamp(served_at, UTC)
    return Served(fields[0], read_runs(fields[1]), snapshot or None, moment, milliseconds)


def _signature(content: str, key: str | bytes) -> str:
    digest = salted_hmac(_SALT, content, secret=key, algorithm="sha256").digest()[:_SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(digest).decode()
