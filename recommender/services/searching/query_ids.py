"""Query ids: what was seen of a photo, encrypted, so that filters and pages need no second upload and no store.

Django's signing keeps a value from being changed but not from being read, and a vector tells much about its picture. So
the id is a Fernet token (AES-128-CBC and HMAC-SHA256, with its time inside), its key derived from `SECRET_KEY` by
HKDF-SHA256 (RFC 5869) under a name of its own: no other use of `SECRET_KEY` shares the key. Old ids stay readable while
their key is among `SECRET_KEY_FALLBACKS`.
"""

from __future__ import annotations

import base64
import struct
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings as django_settings

from recommender.core.types import Float32
from recommender.exceptions import EngineUnavailableError, PhotoQueryError, PhotoQueryExpiredError
from recommender.services.engines import get_encoder
from recommender.services.searching.photos import Glance

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

LIFETIME_SECONDS = 600
MAX_LENGTH = 16_384
"""Longest id that is looked at: no encoder's is nearly as long."""

_HEAD = struct.Struct("<Bqf")
_LAYOUT = 1
_STEPS = 127


def seal(glance: Glance) -> tuple[Glance, str]:
    """The query id of a glance, and the glance as the id holds it: 8 bits a value, so that all pages agree."""
    scale = float(np.abs(glance.vector).max()) / _STEPS or 1.0
    values = np.rint(glance.vector / np.float32(scale)).astype(np.int8)
    head = _HEAD.pack(_LAYOUT, glance.fingerprint, scale) + glance.encoder_version.encode() + b"\0"
    token = _cipher().encrypt(zlib.compress(head + values.tobytes(), 9)).decode()
    return Glance(_restored(values, scale), glance.fingerprint, glance.encoder_version), token


def unseal(query_id: str) -> Glance:
    """The glance in a query id.

    Raises:
        PhotoQueryError: for an id that we did not make.
        PhotoQueryExpiredError: for one that is too old, or from before the encoder changed.
    """
    from cryptography.fernet import InvalidToken  # with the cipher, below

    cipher = _cipher()
    if not query_id.isascii() or len(query_id) > MAX_LENGTH:
        raise PhotoQueryError
    try:
        content = cipher.decrypt(query_id)
    except InvalidToken:
        raise PhotoQueryError from None
    try:
        content = zlib.decompress(cipher.decrypt(query_id, ttl=LIFETIME_SECONDS))
    except InvalidToken:
        raise PhotoQueryExpiredError from None
    layout, hashed, scale = _HEAD.unpack_from(content)
    version, _, raw = content[_HEAD.size :].partition(b"\0")
    encoder = get_encoder()
    if layout != _LAYOUT or version.decode() != encoder.version or len(raw) != encoder.dimension:
        raise PhotoQueryExpiredError
    return Glance(_restored(np.frombuffer(raw, np.int8), scale), hashed, encoder.version)


def _restored(values: np.ndarray[tuple[int, ...], np.dtype[np.int8]], scale: float) -> Float32:
    return values.astype(np.float32) * np.float32(scale)


def _cipher() -> MultiFernet:
    return _ciphers((django_settings.SECRET_KEY, *django_settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _ciphers(secrets: tuple[str | bytes, ...]) -> MultiFernet:
    """The cipher of these keys; the first one encrypts."""
    try:
        from cryptography.fernet import Fernet, MultiFernet  # optional: only search by photo encrypts
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF
    except ImportError as error:
        raise EngineUnavailableError(
            "Search by photo needs cryptography: pip install 'django-visual-recommender[photo]'"
        ) from error
    keys = [secret.encode() if isinstance(secret, str) else secret for secret in secrets]
    derived = [HKDF(SHA256(), 32, None, b"recommender photo query").derive(key) for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
