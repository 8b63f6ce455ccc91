"""Reading JSON from strangers: UTF-8 only, bounded in size, depth and digits."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from recommender.api.problems import BodyTooLargeError

MAX_BODY_BYTES = 1024 * 1024
"""Longest body that is read: five times what 500 events need."""


class JsonParser(BaseParser):
    """A JSON body, by RFC 8259: no NaN, and UTF-8 whatever charset the client names.

    DRF reads the stream itself, so `DATA_UPLOAD_MAX_MEMORY_SIZE` does not hold here; `MAX_BODY_BYTES` does.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The parsed value.

        Raises:
            BodyTooLargeError: for more than `MAX_BODY_BYTES`.
            ParseError: for what is not JSON, is nested too deeply, names a member twice, or has a number of thousands
                of digits or beyond all floating-point numbers.
        """
        body = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLargeError
        try:
            return json.loads(
                body.decode(), parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_without_repetition
            )
        except (ValueError, RecursionError):
            raise ParseError(_("The body is not valid JSON in UTF-8.")) from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _finite(text: str) -> float:
    """The number; 1e400 is valid JSON and would be infinity."""
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _without_repetition(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object; of a name that comes twice, whoever looks at the body before us may have read the other value."""
    found = dict(members)
    return found if len(found) == len(members) else _refuse("a name that comes twice")
