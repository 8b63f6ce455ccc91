"""What may be the matter with a catalogue's pictures, one check a kind. Each yields what wants a look."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.core.duplicates import alike_pairs
from recommender.core.labels import normalise
from recommender.core.types import Float32
from recommender.models import Finding, ImageEmbedding, PictureMeasure
from recommender.services.proposing import Opinions
from recommender.storage.findings import Found

Kind = Finding.Kind

SMALLEST_SIDE = 400
"""Pixels of a picture's longer side below which a shopper who enlarges it sees nothing more."""

LEAST_SHARPNESS = 0.09
"""An edge blurred by a Gaussian of 4 to 5 pixels at 512: one sees at a glance that it is out of focus."""

LEAST_CONTRAST = 12.0
SURE = 0.9
"""How sure sight must be before it contradicts a person."""

_STRANGE = 6.0
_FEWEST_TO_KNOW = 12


@dataclass(frozen=True)
class Shown:
    """One picture of a product, with what is known of both.

    Attributes:
        row: its embedding row.
        vector: of the picture, float32, shape (d,).
        labels: the product's attributes.
        family: the common name of the product's variants.
    """

    row: ImageEmbedding
    vector: Float32
    labels: Mapping[str, str]
    family: str

    def may_share_with(self, other: Shown) -> bool:
        """Whether two products may show one picture: storage sizes do, families and colours do not."""
        colours = {normalise(one.labels.get("color", "")) for one in (self, other)} - {""}
        return self.family == other.family and len(colours) < 2


def fingerprint(kind: str, *parts: object) -> str:
    """Names a finding by what it depends on."""
    return hashlib.sha256("\0".join([kind, *map(str, parts)]).encode()).hexdigest()


def duplicates(pictures: Sequence[Shown], measures: Mapping[str, PictureMeasure]) -> Iterator[Found]:
    """Pictures that are there twice: on one product, or on two that are no variants of one look."""
    known = [one for one in pictures if one.row.content_hash in measures and one.row.perceptual_hash is not None]
    if not known:
        return
    hashes = [int(one.row.perceptual_hash or 0) for one in known]
    minis = np.stack([np.frombuffer(bytes(measures[one.row.content_hash].miniature), np.uint8) for one in known])
    told: set[tuple[object, ...]] = set()
    for i, j in alike_pairs(hashes, minis):
        left, right = known[i], known[j]
        same_product = left.row.product_id == right.row.product_id
        if not same_product and left.may_share_with(right):
            continue
        kind = Kind.DUPLICATE if same_product else Kind.SHARED
        # Once a pair of files, however many products and storage sizes show them.
        named = (kind, *sorted((left.row.content_hash, right.row.content_hash)))
        if named in told:
            continue
        told.add(named)
        exact = left.row.content_hash == right.row.content_hash
        yield Found(
            kind,
            left.row.product_id,
            left.row.image_key,
            (0.5 if same_product else 0.8) + (0.1 if exact else 0.0),
            fingerprint(*named),
            {"exact": exact},
            right.row.product_id,
            right.row.image_key,
        )


def contradictions(pictures: Sequence[Shown], opinions: Opinions, kind: str) -> Iterator[Found]:
    """Products whose label says one thing and whose pictures another."""
    first = {one.row.product_id: one for one in reversed(pictures)}
    told: set[tuple[str, str, str]] = set()
    for row, value, confidence in opinions.contradictions(SURE):
        shown = first[opinions.catalogue.keys[row]]
        label = shown.labels[opinions.attribute]
        named = (shown.row.content_hash, label, value)
        if named in told:
            continue
        told.add(named)
        yield Found(
            kind,
            shown.row.product_id,
            shown.row.image_key,
            confidence,
            fingerprint(kind, *named),
            {"label": label, "seen": value, "confidence": round(confidence, 4)},
        )


def poor_pictures(pictures: Sequence[Shown], measures: Mapping[str, PictureMeasure]) -> Iterator[Found]:
    """Pictures that are too small, blurred, or empty."""
    for one in _by_content(pictures):
        measure = measures.get(one.row.content_hash)
        if measure is None:
            continue
        side = max(measure.width, measure.height)
        key, name = one.row.product_id, one.row.image_key
        if measure.contrast < LEAST_CONTRAST:
            mark = fingerprint(Kind.NO_PRODUCT, one.row.content_hash)
            yield Found(Kind.NO_PRODUCT, key, name, 1.0, mark, {"why": "empty"})
            continue
        if side < SMALLEST_SIDE:
            size = {"width": measure.width, "height": measure.height}
            mark = fingerprint(Kind.SMALL, one.row.content_hash)
            yield Found(Kind.SMALL, key, name, 1 - side / SMALLEST_SIDE, mark, size)
        if measure.sharpness < LEAST_SHARPNESS:
            mark = fingerprint(Kind.BLURRED, one.row.content_hash)
            weight = 1 - measure.sharpness / LEAST_SHARPNESS
            yield Found(Kind.BLURRED, key, name, weight, mark, {"sharpness": round(measure.sharpness, 4)})


def strangers(pictures: Sequence[Shown]) -> Iterator[Found]:
    """Pictures that look like nothing else in the shop: a logo, a size chart, somebody's holiday.

    Each picture's cosine with its closest look-alike of another family is compared with the median of all; one that is
    more than six median deviations below is strange.
    """
    distinct = _by_content(pictures)
    if len({one.family for one in distinct}) < _FEWEST_TO_KNOW:
        return
    vectors = np.stack([one.vector for one in distinct])
    families = np.array([one.family for one in distinct])
    closest = np.empty(len(distinct), np.float32)
    for row, vector in enumerate(vectors):
        cosines = vectors @ vector
        cosines[families == families[row]] = -1
        closest[row] = cosines.max()
    middle = float(np.median(closest))
    spread = float(np.median(np.abs(closest - middle)))
    for strange in np.flatnonzero(closest < middle - _STRANGE * max(spread, 0.01)):
        row = int(strange)
        one = distinct[row]
        likeness = float(closest[row])
        yield Found(
            Kind.NO_PRODUCT,
            one.row.product_id,
            one.row.image_key,
            float(np.clip(1 - likeness / middle, 0, 0.99)),
            fingerprint(Kind.NO_PRODUCT, one.row.content_hash),
            {"why": "strange", "likeness": round(likeness, 4), "usual": round(middle, 4)},
        )


def missing_views(counts: Mapping[Any, int]) -> Iterator[Found]:
    """Products with fewer pictures than most of the shop's have.

    Args:
        counts: product key -> its pictures, 0 included.
    """
    if not counts:
        return
    usual = Counter(counts.values()).most_common(1)[0][0]
    for key, count in counts.items():
        if count < usual:
            mark = fingerprint(Kind.VIEWS, key, count)
            yield Found(Kind.VIEWS, key, "", 0.8 * (1 - count / usual) + 0.1, mark, {"views": count, "usual": usual})


def _by_content(pictures: Sequence[Shown]) -> list[Shown]:
    """Each content once: variants share pictures, and one finding is enough."""
    found: dict[str, list[Shown]] = defaultdict(list)
    for one in pictures:
        found[one.row.content_hash].append(one)
    return [shown[0] for shown in found.values()]
