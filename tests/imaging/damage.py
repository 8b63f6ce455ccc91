"""Files damaged at random, and what the guard makes of thousands: `python -m tests.imaging.damage 20000`."""

import json
import random
import struct
import sys
import warnings
from collections import Counter
from pathlib import Path

from recommender.exceptions import ImageRefusedError
from recommender.imaging.decode import decode, sanitise
from tests.imaging import pictures
from tests.imaging.pictures import encoded, noise

KINDS = ("JPEG", "PNG", "WEBP")


def seeds(kind):
    """Sound files to damage."""
    options = {"exif": pictures.exif(orientation=6, gps=True), "icc_profile": pictures.swapped_profile()}
    return [
        encoded(noise((24, 20)), kind, **options),
        encoded(noise((24, 20), mode="L"), kind),
        encoded(noise((24, 20), mode="RGBA"), kind) if kind != "JPEG" else encoded(noise(), kind, progressive=True),
    ]


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


def files(kind, n, seed=20):
    """n damaged files of a kind, the same for the same seed."""
    rng, sound = random.Random(seed), seeds(kind)
    for turn in range(n):
        data = damaged(sound[turn % len(sound)], rng)
        yield with_right_sums(data) if kind == "PNG" and turn % 2 else data


def outcome(data, **limits):
    """What the guard says: "read" or the reason of its refusal. Anything else comes out as it is raised."""
    try:
        assert decode(data, **limits).pixels.size > 0
        sanitise(data, **limits)
    except ImageRefusedError as refusal:
        return str(refusal.reason)
    return "read"


def peak_megabytes():
    """The most memory that this process ever held."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def main(n):
    """Show n damaged files to the guard with its own limits, and print what came of it."""
    warnings.simplefilter("ignore")
    before = peak_megabytes()
    found = Counter(outcome(data) for kind in KINDS for data in files(kind, -(-n // len(KINDS))))
    json.dump({"files": found.total(), "outcomes": found, "grown": peak_megabytes() - before}, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))
