"""The encoders that pictures are embedded by, and which of them the active snapshot is of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from recommender.models import EncoderVersion, Snapshot


def live_version() -> str:
    """The encoder of the snapshot that is served; empty without one."""
    rows = Snapshot.objects.filter(kind=Snapshot.Kind.CATALOGUE, is_active=True)
    return rows.values_list("encoder_version", flat=True).first() or ""


def kept() -> list[EncoderVersion]:
    """All of them, in the order in which they came."""
    return list(EncoderVersion.objects.all())


def find(version: str) -> EncoderVersion | None:
    """The one of this version."""
    return EncoderVersion.objects.filter(version=version).first()


def keep(version: str, engine: Mapping[str, Any], dimension: int) -> EncoderVersion:
    """Embed pictures by this one too."""
    known = {"engine": dict(engine), "dimension": dimension}
    return EncoderVersion.objects.update_or_create(version=version, defaults=known)[0]


def keep_only(versions: Collection[str]) -> int:
    """Embed pictures by no others than these; return how many were given up. Their vectors stay where they are."""
    return EncoderVersion.objects.exclude(version__in=versions).delete()[0]
