"""Varied copies of a picture, from which a network learns what does not matter. Pillow and NumPy only."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from recommender.core.types import Picture, Pixels
from recommender.imaging.degrading import badly_photographed


@dataclass(frozen=True)
class Variation:
    """How much copies of a picture differ from it; the defaults suit products of any kind.

    Attributes:
        crop: the smallest share of the picture's area that a copy shows, in (0, 1].
        flip: share of copies seen in a mirror, in [0, 1]; 0 where lettering or the side of a lens tells products apart.
        degrees: the largest turn to either side.
        light: the largest change of brightness, contrast and saturation, as a share.
        hue: the largest turn of the colour circle, as a share of it.
        occlusion: share of copies on which something hides a part, in [0, 1].
        background: share of copies of cut-out products laid on another ground, in [0, 1].
        camera: share of copies with the blur, noise and compression of a phone's camera, in [0, 1].
    """

    crop: float = 0.5
    flip: float = 0.5
    degrees: float = 20.0
    light: float = 0.3
    hue: float = 0.02
    occlusion: float = 0.25
    background: float = 0.5
    camera: float = 0.35


def vary(
    picture: Picture, rng: np.random.Generator, variation: Variation = Variation(), *, grounds: Sequence[Pixels] = ()
) -> Picture:
    """One varied copy.

    In this order: another ground, turned, cropped, mirrored, lit and coloured otherwise, partly hidden, taken by a
    phone's camera.

    Args:
        picture: with its mask, as `decode` returns it.
        rng: equal generators make equal copies.
        variation: how much may differ.
        grounds: pictures to lay cut-out products on, next to made-up tables and cloths.
    """
    if _is_cut_out(picture) and rng.random() < variation.background:
        if not grounds or rng.random() < 0.5:
            return _finished(badly_photographed(picture, rng), rng, variation)
        picture = _laid_on(picture, grounds[int(rng.integers(len(grounds)))], rng)
    return _finished(picture, rng, variation)


def _is_cut_out(picture: Picture) -> bool:
    return picture.mask is not None and not picture.mask.all()


def _finished(picture: Picture, rng: np.random.Generator, variation: Variation) -> Picture:
    image = Image.fromarray(picture.pixels)
    image = _cropped(_turned(image, rng, variation.degrees), rng, variation.crop)
    if rng.random() < variation.flip:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    image = _recoloured(_relit(image, rng, variation.light), rng, variation.hue)
    if rng.random() < variation.occlusion:
        image = _partly_hidden(image, rng)
    if rng.random() < variation.camera:
        image = _taken_by_phone(image, rng)
    return Picture(np.asarray(image))


def _laid_on(picture: Picture, ground: Pixels, rng: np.random.Generator) -> Picture:
    """The product on a piece of another picture, with a soft rim."""
    assert picture.mask is not None  # noqa: S101 - only cut-out products come here # nosec B101
    height, width = picture.mask.shape
    share = rng.uniform(0.4, 1.0)
    rows, columns = (max(1, round(length * share)) for length in ground.shape[:2])
    top = int(rng.integers(ground.shape[0] - rows + 1))
    left = int(rng.integers(ground.shape[1] - columns + 1))
    scene = Image.fromarray(ground[top : top + rows, left : left + columns]).resize((width, height))
    mask = Image.fromarray(picture.mask).convert("L").filter(ImageFilter.GaussianBlur(max(height, width) / 400))
    scene.paste(Image.fromarray(picture.pixels), (0, 0), mask)
    return Picture(np.asarray(scene))


def _turned(image: Image.Image, rng: np.random.Generator, degrees: float) -> Image.Image:
    angle = float(rng.uniform(-degrees, degrees))
    border = np.concatenate([np.asarray(image)[[0, -1]].reshape(-1, 3), np.asarray(image)[:, [0, -1]].reshape(-1, 3)])
    fill = tuple(int(level) for level in np.median(border, axis=0))
    return image.rotate(angle, Image.Resampling.BILINEAR, fillcolor=fill)


def _cropped(image: Image.Image, rng: np.random.Generator, least: float) -> Image.Image:
    """A window of this share of the area or more, up to a third wider or higher than the picture's own shape."""
    area, stretch = rng.uniform(least, 1.0), np.exp(rng.uniform(-0.29, 0.29))
    width = min(1.0, float(np.sqrt(area * stretch)))
    height = min(1.0, float(np.sqrt(area / stretch)))
    left, top = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    box = (left * image.width, top * image.height, (left + width) * image.width, (top + height) * image.height)
    return image.resize(
        (max(1, round(width * image.width)), max(1, round(height * image.height))), Image.Resampling.BICUBIC, box=box
    )


def _relit(image: Image.Image, rng: np.random.Generator, light: float) -> Image.Image:
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = enhance(image).enhance(float(rng.uniform(1 - light, 1 + light)))
    return image


def _recoloured(image: Image.Image, rng: np.random.Generator, hue: float) -> Image.Image:
    turn = round(256 * float(rng.uniform(-hue, hue)))
    if not turn:
        return image
    hsv = np.array(image.convert("HSV"))
    hsv[..., 0] += np.uint8(turn % 256)
    return Image.fromarray(hsv, "HSV").convert("RGB")


def _partly_hidden(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A hand, a label or a neighbour: a patch of one colour over at most a fifth of the picture."""
    area, stretch = rng.uniform(0.03, 0.2), np.exp(rng.uniform(-0.7, 0.7))
    width, height = np.sqrt(area * stretch) * image.width, np.sqrt(area / stretch) * image.height
    left, top = rng.uniform(0, max(1, image.width - width)), rng.uniform(0, max(1, image.height - height))
    colour = tuple(int(level) for level in rng.integers(0, 256, 3))
    image.paste(colour, (round(left), round(top), round(left + width), round(top + height)))
    return image


def _taken_by_phone(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Out of focus, noisy and compressed."""
    soft = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.0, 1.5) * max(image.size) / 224))
    noisy = np.asarray(soft, np.float32) + rng.normal(0, rng.uniform(1, 10), (soft.height, soft.width, 1))
    file = BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=int(rng.integers(30, 90)))
    file.seek(0)
    return Image.open(file, formats=("JPEG",)).convert("RGB")
