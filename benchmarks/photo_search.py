"""Search by photo at the service's level, against nothing but decoding the photo and running the encoder on it.

Ours: `look` (guarded decode, cutting the product out, inference), the query id, and `search` among all products with
their pictures' vectors and their cards. Every round uses other photos. The floor decodes and encodes the same files.

Each product has pictures of its own, which is the most that an index can have to read; or two storage sizes share their
pictures, as in the demo range.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np

from benchmarks.catalogue import products
from benchmarks.report import Report, Row, compare, milliseconds
from benchmarks.shop import END, in_a_process_of_its_own, running_shop

_OF_A_CLUSTER = 20
_CHUNK = 2000
_PHOTO_SIDE = 1600
"""Longer side of a photo as a shop's page would send it."""


def run(*, quick: bool = False) -> Report:
    """10,000 and 100,000 products; 300 when quick."""
    rounds, times = (2, 4) if quick else (9, 30)
    numbers = (300,) if quick else (10_000, 100_000)
    return Report([in_a_process_of_its_own(_measure, n, sizes, rounds, times) for n in numbers for sizes in (1, 2)])


def _measure(n: int, sizes: int, rounds: int, times: int) -> Row:
    with running_shop() as folder:
        return _compare(n, sizes, folder, rounds, times)


def _compare(n: int, sizes: int, folder: Path, rounds: int, times: int) -> Row:
    from recommender.imaging.decode import decode
    from recommender.services import searching
    from recommender.services.engines import get_encoder
    from recommender.services.searching.photos import PHOTO_SIDE

    _publish(products(n), sizes)
    photos = _photos(folder, times)

    def ours(number: int) -> None:
        seen, _ = searching.seal(searching.look(photos[number % times], filename="photo.jpg"))
        if len(searching.search(seen, anyway=True).items) != searching.PAGE_SIZE:
            raise SystemExit("The search found too little.")

    def floor(number: int) -> None:
        get_encoder().encode([decode(photos[number % times], max_side=PHOTO_SIDE)])

    measured, bare = milliseconds(ours, times), milliseconds(floor, times)
    measured()
    bare()
    what = "search by photo, 12 cards" if sizes == 1 else f"search by photo, 12 cards, {sizes} sizes a picture"
    return compare(what, n, measured, bare, rounds=rounds, unit="ms")


def _publish(keys: list[int], sizes: int, *, seed: int = 0) -> None:
    """Serve these products with made-up vectors of the shop's encoder, each also stored as that of a picture.

    So many products that follow each other share their vector.
    """
    from recommender.core.catalogue import Catalogue
    from recommender.core.vectors import unit_rows
    from recommender.models import ImageEmbedding
    from recommender.services import configuring, publishing, serving
    from recommender.services.engines import get_encoder
    from recommender.storage.embeddings import to_bytes

    encoder, rng = get_encoder(), np.random.default_rng(seed)
    ids = np.array(sorted(str(key).encode() for key in keys), np.bytes_)
    centres = rng.normal(size=(len(ids) // _OF_A_CLUSTER + 1, encoder.dimension)).astype(np.float32)
    vectors = centres[rng.integers(0, len(centres), len(ids))]
    for start in range(0, len(ids), _CHUNK):
        part = vectors[start : start + _CHUNK]
        vectors[start : start + _CHUNK] = unit_rows(part + 0.7 * rng.standard_normal(part.shape, np.float32))
        if sizes > 1:
            vectors[start : start + _CHUNK] = np.repeat(part[::sizes], sizes, axis=0)[: len(part)]
        ImageEmbedding.objects.bulk_create(
            [
                ImageEmbedding(
                    product_id=int(key),
                    image_key=f"{int(key)}.webp",
                    encoder_version=encoder.version,
                    status=ImageEmbedding.Status.READY,
                    vector=to_bytes(vector),
                    perceptual_hash=int(key),
                )
                for key, vector in zip(
                    ids[start : start + _CHUNK].tolist(), vectors[start : start + _CHUNK], strict=True
                )
            ],
            batch_size=500,
        )
    blends = configuring.default_blends()
    catalogue = Catalogue(len(ids), blends[0], blends[1], vectors=vectors, blocks=encoder.blocks)
    snapshot = publishing.publish(ids, catalogue, encoder_version=encoder.version, sequence=0, metrics={})
    publishing.activate(snapshot)
    serving.reset()


def _photos(folder: Path, n: int) -> list[bytes]:
    """Photos of the demo range's phones, badly taken, as large JPEG files."""
    from PIL import Image

    from catalog.demo.building import PLANS
    from catalog.demo.picturing import shoot, sittings
    from recommender.imaging.decode import decode
    from recommender.imaging.degrading import badly_photographed

    plan = PLANS["small"]
    work = sittings(plan.families, ("back",))[:n]
    shoot(folder / "range", work, seed=0, pixels=plan.pixels, progress=lambda done, total: None)
    rng = np.random.default_rng(END.toordinal())
    files = []
    for path in sorted((folder / "range").rglob("*.webp")):
        photo = Image.fromarray(badly_photographed(decode(path.read_bytes()), rng).pixels)
        scale = _PHOTO_SIDE / max(photo.size)
        out = BytesIO()
        photo.resize((round(photo.width * scale), round(photo.height * scale))).save(out, "JPEG", quality=85)
        files.append(out.getvalue())
    return [files[number % len(files)] for number in range(n)]
