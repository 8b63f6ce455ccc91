"""A product picture made into the photo that a shopper might take of it. Pillow and NumPy only.

The threshold below which a photo is "nothing like this here" is measured on such photos of the shop's own products.
"""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from recommender.core.types import Float32, Picture
from recommender.imaging.separation import separate

_SIDE = 480
"""Longer side of the photo: what a phone's camera resolves, minus what a shaking hand loses."""


def badly_photographed(picture: Picture, rng: np.random.Generator) -> Picture:
    """The product as a hurried shopper photographs it: another ground, askew, in poor light, blurred, compressed.

    In this order: the product is cut out, laid on a made-up ground with a shadow, seen in perspective, cropped, lit
    unevenly in a tint, blurred by shake, covered with sensor noise, and saved as a JPEG of low quality.

    Args:
        picture: with its mask, as `decode` returns it.
        rng: equal generators make equal photos.
    """
    scene = _laid_on_ground(picture, rng)
    scene = _askew(scene, rng)
    scene = _cropped(scene, rng)
    pixels = _lit(np.asarray(scene, np.float32), rng)
    scene = _shaken(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), rng)
    noisy = np.asarray(scene, np.float32) + rng.normal(0, rng.uniform(2, 8), (scene.height, scene.width, 3))
    return separate(Picture(_compressed(noisy.clip(0, 255).astype(np.uint8), int(rng.integers(35, 76)))))


def _laid_on_ground(picture: Picture, rng: np.random.Generator) -> Image.Image:
    product, mask = Image.fromarray(picture.pixels), _mask(picture)
    box = mask.getbbox() or (0, 0, *mask.size)
    product, mask = product.crop(box), mask.crop(box)
    scale = _SIDE * rng.uniform(0.62, 0.85) / max(product.size)
    size = (max(1, round(product.width * scale)), max(1, round(product.height * scale)))
    product, mask = product.resize(size, Image.Resampling.BICUBIC), mask.resize(size, Image.Resampling.BILINEAR)
    scene = Image.fromarray(_ground(rng))
    left, top = (round((_SIDE - length) * rng.uniform(0.35, 0.65)) for length in size)
    shadow = mask.filter(ImageFilter.GaussianBlur(rng.uniform(4, 10))).point(lambda level: level * 0.45)
    offset = int(rng.integers(3, 12))
    scene.paste((0, 0, 0), (left + offset, top + offset), shadow)
    # An edge without a seam: a cut-out with a hard rim would be easier than a photo.
    scene.paste(product, (left, top), mask.filter(ImageFilter.GaussianBlur(0.8)))
    return scene


def _mask(picture: Picture) -> Image.Image:
    if picture.mask is None:
        return Image.new("L", (picture.pixels.shape[1], picture.pixels.shape[0]), 255)
    return Image.fromarray(picture.mask).convert("L")


def _ground(rng: np.random.Generator) -> NDArray[np.uint8]:
    """A table, a cloth or a blanket: one colour with patches, streaks or grain."""
    colour = rng.uniform(60, 235) + rng.normal(0, 18, 3)
    pattern = np.zeros((_SIDE, _SIDE), np.float32)
    for cells in (3, 9, 40):
        columns = max(2, cells // int(rng.integers(1, 5)))
        pattern += _patches(rng, cells, columns) * rng.uniform(2, 16)
    return (colour + pattern[..., None]).clip(0, 255).astype(np.uint8)


def _patches(rng: np.random.Generator, rows: int, columns: int) -> Float32:
    """Smooth random patches around 0, float32, shape (_SIDE, _SIDE)."""
    coarse = Image.fromarray(rng.normal(0, 1, (rows, columns)).astype(np.float32))
    return np.asarray(coarse.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC), np.float32)


def _askew(scene: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Turned by up to 12 degrees and seen from the side: each corner moves by up to 7 % of the side."""
    turn = np.deg2rad(rng.uniform(-12, 12))
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    seen = (corners @ rotation.T * 0.5 + rng.uniform(-0.07, 0.07, (4, 2)) + 0.5) * _SIDE
    frame = (corners * 0.5 + 0.5) * _SIDE
    edge = tuple(int(level) for level in np.median(np.asarray(scene)[0], axis=0))
    return scene.transform(
        scene.size, Image.Transform.PERSPECTIVE, _perspective(frame, seen), Image.Resampling.BICUBIC, fillcolor=edge
    )


def _perspective(frame: NDArray[np.float64], seen: NDArray[np.float64]) -> list[float]:
    """The eight numbers that lead Pillow from the frame's corners to where they are in the scene."""
    rows, values = [], []
    for (x, y), (u, v) in zip(frame, seen, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    numbers: list[float] = np.linalg.solve(np.array(rows), np.array(values)).tolist()
    return numbers


def _cropped(scene: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Up to a tenth of each edge is lost."""
    left, top, right, bottom = (int(_SIDE * share) for share in rng.uniform(0, 0.1, 4))
    return scene.crop((left, top, scene.width - right, scene.height - bottom))


def _lit(pixels: Float32, rng: np.random.Generator) -> Float32:
    """Too dark or too bright, tinted by a lamp, brighter on one side."""
    height, width = pixels.shape[:2]
    angle, fall = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.35)
    across, down = np.linspace(-0.5, 0.5, width), np.linspace(-0.5, 0.5, height)
    slope = 1 + fall * (np.cos(angle) * across[None, :] + np.sin(angle) * down[:, None])
    tint = 1 + rng.uniform(-0.08, 0.08) * np.array([1.0, 0.1, -1.0])
    gain, gamma = rng.uniform(0.65, 1.2), rng.uniform(0.85, 1.2)
    lit = 255 * (pixels / 255) ** gamma * gain * slope[..., None] * tint
    return np.asarray(lit, np.float32)


def _shaken(scene: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Out of focus by up to 2 pixels and shaken along a line by up to 6."""
    soft = scene.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 2.0)))
    length, angle = rng.uniform(0, 6), rng.uniform(0, np.pi)
    steps = np.linspace(-0.5, 0.5, 5) * length
    copies = [
        np.asarray(soft.transform(soft.size, Image.Transform.AFFINE, (1, 0, x, 0, 1, y)), np.float32)
        for x, y in zip(steps * np.cos(angle), steps * np.sin(angle), strict=True)
    ]
    return Image.fromarray(np.mean(copies, axis=0).astype(np.uint8))


def _compressed(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    file.seek(0)
    return np.asarray(Image.open(file, formats=("JPEG",)).convert("RGB"))
