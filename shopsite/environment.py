"""What the settings need to know about the machine: where files go, and small readings of the environment."""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured

LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
"""The hosts the site answers to when nothing is configured: this machine only."""


def is_public(allowed_hosts: list[str]) -> bool:
    """Whether the site answers to anyone but this machine."""
    return not set(allowed_hosts) <= set(LOOPBACK_HOSTS)


def kept_secret(path: Path, *, public: bool) -> str:
    """The secret key kept in a file that only its owner may read, made on first use.

    Raises:
        ImproperlyConfigured: on a public site, where the key must come from the environment.
    """
    if public:
        raise ImproperlyConfigured(
            "Set SECRET_KEY in the environment: ALLOWED_HOSTS makes this site public. "
            "A good key: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50), encoding="ascii")
        try:
            os.link(draft, path)  # atomic: of processes that start together, one wins and all read the winner's key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


def broker_url(redis_url: str) -> str:
    """The same server in Celery's words, which spell a Unix socket `redis+socket://`.

    >>> broker_url("unix:///run/valkey.sock?db=1")
    'redis+socket:///run/valkey.sock?virtual_host=1'
    """
    if not is_unix(redis_url):
        return redis_url
    parts = urlsplit(redis_url)
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def is_unix(redis_url: str) -> bool:
    """Whether the server is reached through a Unix socket."""
    return redis_url.startswith("unix://")
