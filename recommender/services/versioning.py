"""Two encoders side by side: prepared in the background, compared, switched to at once, and rolled back to.

The active snapshot says which encoder is live. A switch is therefore the change of one row, with which everything else
goes: shelves, the vector index, search by photo, and what new pictures are embedded by first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.db import transaction

from recommender.conf import Engine, settings
from recommender.engines.base import Encoder
from recommender.exceptions import EncoderError
from recommender.models import EncoderVersion, ImageEmbedding, Snapshot
from recommender.services import publishing
from recommender.services.block_names import block_name, percents
from recommender.services.engines import build, encoder_here, encoder_of, follow_live, plain
from recommender.storage import changes, embeddings, encoders, snapshots
from recommender.storage.embeddings import Tally

State = Literal["live", "candidate", "former"]


@dataclass(frozen=True)
class Standing:
    """How an encoder stands.

    Attributes:
        version: its version.
        dimension: the length of its vectors; 0 when it cannot be built here.
        state: "live", "candidate" for one that was never served, "former" for one that was.
        done: products that it has looked at.
        lacking: products that it has not, or not since their pictures changed.
        snapshot: what a switch or a roll back would serve; None while there is none.
        weights: what each part of a vector weighs, as a name for people and hundredths; empty when it cannot be built
            here.
    """

    version: str
    dimension: int
    state: State
    done: int
    lacking: int
    snapshot: Snapshot | None
    weights: tuple[tuple[str, int], ...] = ()

    @property
    def total(self) -> int:
        """All products."""
        return self.done + self.lacking


def standings() -> list[Standing]:
    """Every encoder that pictures are embedded by, the live one first; as many queries for two as for ten."""
    live = follow_live().version
    rows = {row.version: row for row in encoders.kept()}
    versions = list(dict.fromkeys([live, *rows]))
    made, tallies = snapshots.kept(), embeddings.tallies(versions)
    return [_standing(version, rows.get(version), tallies[version], made, live) for version in versions]


def prepare(engine: Engine | None = None) -> EncoderVersion:
    """Take in an encoder as a candidate: every picture will be embedded by it too, beside the live one.

    Args:
        engine: as the setting `ENCODER` has it, which is the default.

    Raises:
        EncoderError: when it is the live one.
        EngineUnavailableError: when its files are missing.
        ImproperlyConfigured: when it cannot be built.
    """
    given = plain(settings.ENCODER if engine is None else engine)
    encoder: Encoder = build(given, Encoder)
    if lacks := encoder.missing():
        raise EncoderError(" ".join(lacks))
    live = follow_live()
    if encoder.version == live.version:
        raise EncoderError(f"{encoder.version} is live already. Name another encoder.")
    _remember_live(live)
    if encoders.find(encoder.version) is None:
        # It was given up, perhaps: then nobody has told it of the pictures that changed since.
        embeddings.mark_all_pending(encoder.version)
    return encoders.keep(encoder.version, given, encoder.dimension)


def give_up(version: str) -> None:
    """Embed pictures by this encoder no more, unless it is live."""
    encoders.keep_only({row.version for row in encoders.kept() if row.version != version} | {follow_live().version})


def lacking(version: str) -> int:
    """How many products the encoder has not looked at, or not since their pictures changed."""
    waiting = ImageEmbedding.objects.filter(encoder_version=version, status=ImageEmbedding.Status.PENDING)
    return waiting.values("product_id").distinct().count() + embeddings.never_seen(version).count()


def unbuilt() -> list[str]:
    """Candidates that have looked at everything and have no snapshot yet."""
    live = encoders.live_version()
    return [
        row.version
        for row in encoders.kept()
        if live and row.version != live and snapshots.newest(row.version) is None and not lacking(row.version)
    ]


def switch(version: str) -> Snapshot:
    """Serve the snapshot of another encoder from now on, all of it at once; return the snapshot.

    What was live is kept up to date as the encoder to roll back to; others are given up.

    Raises:
        EncoderError: when it is unknown, live already, has no snapshot, or lacks products.
        SnapshotError: when its snapshot cannot be read.
    """
    with transaction.atomic():
        changes.hold()
        live = follow_live()
        if version == live.version:
            raise EncoderError(f"{version} is live already.")
        if encoders.find(version) is None or encoder_of(version) is None:
            raise EncoderError(f"There is no encoder {version}. Prepare it: `manage.py recommender_encoder prepare`.")
        if missing := lacking(version):
            raise EncoderError(
                f"Encoder {version} has not looked at {missing:,} products yet. Wait for the workers, or run "
                "`manage.py recommender_encoder prepare` again."
            )
        snapshot = snapshots.newest(version)
        if snapshot is None:
            raise EncoderError(f"Encoder {version} has no snapshot yet. Run `manage.py recommender_encoder prepare`.")
        publishing.activate(snapshot)
        _remember_live(live)
        encoders.keep_only({version, live.version})
    follow_live(version)
    return snapshot


def roll_back() -> Snapshot:
    """Serve what the encoder that was live before this one served last; return the snapshot.

    Raises:
        EncoderError: when no other encoder was live.
        SnapshotError: when its snapshot cannot be read.
    """
    with transaction.atomic():
        changes.hold()
        known = {row.version for row in encoders.kept()}
        snapshot = snapshots.last_served(known - {encoders.live_version()})
        if snapshot is None:
            raise EncoderError("No other encoder was live before this one.")
        publishing.serve_again(snapshot)
    follow_live(snapshot.encoder_version)
    return snapshot


def _remember_live(live: Encoder) -> None:
    """Have the live encoder among the kept ones, also where its snapshot is older than this list."""
    if encoders.find(live.version) is None:
        encoders.keep(live.version, plain(settings.ENCODER), live.dimension)


def _standing(version: str, row: EncoderVersion | None, tally: Tally, made: Sequence[Snapshot], live: str) -> Standing:
    """How an encoder stands, by its row, its products, and all snapshots."""
    own = [one for one in made if one.encoder_version == version]
    served = [(one.activated_at, one.pk, one) for one in own if one.activated_at is not None]
    state: State = "live" if version == live else "former" if served else "candidate"
    if state == "live":
        shown = next((one for one in made if one.is_active), None)
    else:
        shown = max(served)[2] if served else max(own, key=lambda one: one.pk, default=None)
    encoder = encoder_here(version, row)
    weights = percents(encoder.blocks) if encoder is not None else {}
    return Standing(
        version,
        row.dimension if row is not None else 0,
        state,
        tally.done,
        tally.waiting + tally.unseen,
        shown,
        tuple((block_name(name), weight) for name, weight in weights.items()),
    )
