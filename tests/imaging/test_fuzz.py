"""Files damaged at random: each is read or refused, and nothing else ever comes out."""

import random
import struct

import pytest

from recommender.exceptions import ImageRefusedError
from recommender.imaging.decode import decode, sanitise
from recommender.imaging.refusals import Refusal
from tests.imaging import pictures
from tests.imaging.pictures import encoded, noise

FILES = 135


def damaged(data, rng):
    """The file with bytes flipped, a part cut out, doubled or overwritten."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        start = rng.randrange(len(data))
        end = min(len(data), start + rng.randint(1, 40))
        match rng.randrange(4):
            case 0:
                data[start] ^= 1 << rng.randrange(8)
            case 1 if len(data) > 60:
                del data[start:end]
            case 2:
                data[start:start] = data[start:end]
            case _:
                data[start:end] = rng.randbytes(end - start)
    return bytes(data)


def with_right_sums(data):
    """A damaged PNG whose chunks carry checksums that fit, so that the damage reaches the decoder."""
    parts, place = [data[:8]], 8
    while place + 12 <= len(data):
        length = struct.unpack(">I", data[place : place + 4])[0]
        name, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        parts.append(pictures.chunk(name, body))
        place += 12 + length
    return b"".join(parts)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_files_are_read_or_refused(kind):
    rng = random.Random(20)
    options = {"exif": pictures.exif(orientation=6, gps=True), "icc_profile": pictures.swapped_profile()}
    seeds = [
        encoded(noise((24, 20)), kind, **options),
        encoded(noise((24, 20), mode="L"), kind),
        encoded(noise((24, 20), mode="RGBA"), kind) if kind != "JPEG" else encoded(noise(), kind, progressive=True),
    ]
    outcomes = set()
    for turn in range(FILES):
        data = damaged(seeds[turn % len(seeds)], rng)
        if kind == "PNG" and turn % 2:
            data = with_right_sums(data)
        try:
            picture = decode(data, max_pixels=1_000_000)
            assert picture.pixels.size > 0
            sanitise(data, max_pixels=1_000_000)
            outcomes.add("read")
        except ImageRefusedError as refusal:
            outcomes.add(refusal.reason)
    assert outcomes <= {"read", *Refusal}
    assert {"read", Refusal.UNREADABLE} <= outcomes
