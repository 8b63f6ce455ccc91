"""Files to decode, made here: good ones in every layout, and hostile ones."""

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms

PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def encoded(image, kind, **options):
    out = io.BytesIO()
    image.save(out, format=kind, **options)
    return out.getvalue()


def quarters(size=(40, 20)):
    """Red, green, blue and yellow quarters, reading order: shows every rotation and mirroring."""
    width, height = size
    image = Image.new("RGB", size)
    for place, colour in enumerate(((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0))):
        image.paste(colour, (place % 2 * width // 2, place // 2 * height // 2, width, height))
    return image


def noise(size=(64, 48), seed=0, mode="RGB"):
    rng = np.random.default_rng(seed)
    shape = (size[1], size[0]) if mode == "L" else (size[1], size[0], len(mode))
    return Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8), mode=None)


def exif(**tags):
    """EXIF bytes with an orientation, a GPS position, or both."""
    data = Image.Exif()
    if "orientation" in tags:
        data[0x0112] = tags["orientation"]
    if "gps" in tags:
        data.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    data[0x010F] = "SecretCamera"
    return data.tobytes()


def swapped_profile():
    """An ICC profile whose red and green primaries are swapped: sRGB red comes out green."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    entries = {bytes(profile[132 + 12 * i : 136 + 12 * i]): 136 + 12 * i for i in range(count)}
    red, green = entries[b"rXYZ"], entries[b"gXYZ"]
    profile[red : red + 8], profile[green : green + 8] = profile[green : green + 8], profile[red : red + 8]
    return bytes(profile)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_bomb(width, height):
    """A valid PNG header that promises these pixels in a few hundred bytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG_HEAD + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def webp_bomb(width, height):
    """A WebP whose extended header promises a canvas of these pixels, around one small frame."""
    frame = encoded(noise((8, 8)), "WEBP", lossless=True)[12:]
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_of_many_scans(scans):
    """A progressive JPEG that repeats its last scan over and over."""
    data = encoded(noise((32, 32)), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + data[-2:]


def animated(kind):
    frames = [noise((16, 16), seed) for seed in range(3)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def talkative(size=(640, 320)):
    """A phone's JPEG that lies on its side and tells who, where and how: EXIF, GPS, XMP, IPTC, a comment, a profile."""
    data = encoded(
        quarters(size),
        "JPEG",
        quality=95,
        exif=exif(orientation=6, gps=True),
        icc_profile=swapped_profile(),
        xmp=b"<x:xmpmeta>SecretPlace</x:xmpmeta>",
        comment=b"SecretComment",
    )
    caption = b"\x1c\x02\x78\x00\x0dSecretCaption"
    block = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(caption)) + caption
    return data[:2] + b"\xff\xed" + struct.pack(">H", len(block) + 2) + block + data[2:]


def many_pictures():
    """A phone's MPO: a JPEG with a second one behind it, which is black."""
    first = quarters((640, 320))
    return encoded(first, "MPO", quality=95, save_all=True, append_images=[Image.new("RGB", first.size)])
