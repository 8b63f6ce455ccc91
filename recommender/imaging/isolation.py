"""Cuts the product out of a shopper's photo: what stands out in the middle from what it lies on. NumPy and Pillow.

`separation` knows the plain grounds of product pictures and must never be wrong about one: a shop has thousands. A
photo is looked at once, and its ground is a table, a cloth or a hand, lit from one side.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from recommender.core.types import Bool, Float32, Picture
from recommender.imaging.median import median_of_nine
from recommender.imaging.pieces import flooded_from, pieces

_SIDE = 112
_MARGIN = 0.06
"""Around what is cut out, as a share of its longer side: a little more than encoders leave around a product."""
_RING = 0.06
"""Share of the shorter side that counts as border: it shows the ground."""
_ROUNDS = 6
_FLOOR = 2.0
"""Levels by which any ground varies: sensor noise, compression."""
_FAR = 20.0
_LIMITS = (2.2, 4.5)
"""Least and greatest distance from the ground, in its standard deviations, from which a pixel is the product's."""
_PLAUSIBLE = (0.02, 0.9)
_MAX_BORDER = 0.15
"""Share of the border that a cut-out may hold. What touches more of it goes on outside the photo: a shelf, a heap."""
_MIDDLE = 0.25
"""Standard deviation of the weight of the middle, as a share of the side: a shopper aims at what they mean."""


def isolate(picture: Picture) -> Picture:
    """The part of the photo that holds the product, all else white and masked; the photo where nothing stands out.

    The ground is a plane of colour, fitted robustly to the border (its colour may change with the light from side to
    side); a pixel is the product's when it is far from the plane for how much the border varies (Mahalanobis distance,
    threshold by Otsu 1979 within limits). Of the pieces the one with the most weight in the middle counts; its holes
    are filled.
    """
    if picture.mask is not None and not picture.mask.all():
        return picture
    small = Image.fromarray(picture.pixels).reduce(-(-max(picture.pixels.shape) // _SIDE))
    blurred = np.asarray(small.filter(ImageFilter.GaussianBlur(0.7)))
    product = _middle_piece(_stands_out(np.moveaxis(blurred, -1, 0).astype(np.float32, order="C")))
    if product is None or not _PLAUSIBLE[0] <= product.mean() <= _PLAUSIBLE[1] or _on_border(product) > _MAX_BORDER:
        return picture
    return _cut_out(picture, product)


def _cut_out(picture: Picture, product: Bool) -> Picture:
    """The part of a picture that holds the product, seen at a fraction of the size, with `_MARGIN` around it."""
    height, width = picture.pixels.shape[:2]
    shares = height / product.shape[0], width / product.shape[1]
    top, bottom = _extent(np.flatnonzero(product.any(axis=1)), shares[0])
    left, right = _extent(np.flatnonzero(product.any(axis=0)), shares[1])
    margin = math.ceil(_MARGIN * max(bottom - top, right - left))
    top, left = max(0, top - margin), max(0, left - margin)
    bottom, right = min(height, bottom + margin), min(width, right + margin)
    size = (right - left, bottom - top)
    box = (left / shares[1], top / shares[0], right / shares[1], bottom / shares[0])
    grown = Image.fromarray(product).convert("L").resize(size, Image.Resampling.BILINEAR, box)
    mask = np.asarray(grown) > 127
    alone = picture.pixels[top:bottom, left:right].copy()
    white = mask.view(np.uint8) - np.uint8(1)  # 255 outside, 0 where the picture stays
    for channel in range(3):
        np.bitwise_or(alone[..., channel], white, out=alone[..., channel])
    return Picture(alone, mask)


def _extent(places: NDArray[np.intp], share: float) -> tuple[int, int]:
    """From where to where these places of an axis are in the whole picture, in its pixels, at least."""
    return math.floor((int(places[0]) - 1) * share), math.ceil((int(places[-1]) + 2) * share)


def _stands_out(levels: Float32) -> Bool:
    """Where a picture is unlike the ground that its border shows; levels of shape (3, height, width)."""
    height, width = levels.shape[1:]
    red, green, blue = levels
    # Brightness counts less than colour: shadows are brightness alone.
    colours = np.stack([0.2 * (red + green + blue), red - green, (red + green) / 2 - blue])
    places = np.ones_like(colours)
    places[1] = np.arange(width, dtype=np.float32) / width - 0.5
    places[2] = (np.arange(height, dtype=np.float32) / height - 0.5)[:, None]
    plane, precision = _ground(_ring(colours), _ring(places))
    away = colours.reshape(3, -1) - plane @ places.reshape(3, -1)
    distance = np.sqrt(_squares(away, precision)).clip(0, _FAR).reshape(height, width)
    calm = median_of_nine((distance * (255 / _FAR)).astype(np.uint8))
    found: Bool = calm > np.clip(_otsu(calm), *_LIMITS) * (255 / _FAR)
    return found


def _ground(colours: Float32, places: Float32) -> tuple[Float32, Float32]:
    """The plane of colour through the border, and the inverse of how it scatters; what sticks out counts little.

    Args:
        colours: of the border's pixels, float32, shape (3, m).
        places: 1 and where they are, float32, shape (3, m).

    Returns:
        float32, shape (3, 3): colours from places; and shape (3, 3), symmetric.
    """
    weights: Float32 = np.ones(colours.shape[1], np.float32)
    ridge, floor = 1e-3 * np.eye(3), _FLOOR**2 * np.eye(3)
    for _ in range(_ROUNDS):
        weighted = places * weights
        plane = np.linalg.solve(weighted @ places.T + ridge, weighted @ colours.T).T.astype(np.float32)
        away = colours - plane @ places
        precision = np.linalg.inv((away * weights) @ away.T / weights.sum() + floor).astype(np.float32)
        weights = np.asarray(1 / np.square(1 + _squares(away, precision) / 3), np.float32)
    return plane, precision


def _squares(away: Float32, precision: Float32) -> Float32:
    """Squared Mahalanobis lengths of columns, float32, shape (n,); away of shape (3, n)."""
    squares: Float32 = np.einsum("cn,cn->n", precision @ away, away)
    return squares


def _otsu(calm: NDArray[np.uint8]) -> float:
    """The distance that parts a picture's into two classes of least variance; `calm` of 255 / `_FAR` a unit."""
    levels = np.arange(256, dtype=np.float32) * np.float32(_FAR / 255)
    found = np.bincount(calm.ravel(), minlength=256)
    occupied = np.flatnonzero(found)
    counts, edges = np.histogram(levels[occupied], 64, weights=found[occupied])
    share = counts / counts.sum()
    below, moment = share.cumsum(), (share * (edges[:-1] + edges[1:]) / 2).cumsum()
    spread = below * (1 - below)
    between = np.divide((moment[-1] * below - moment) ** 2, spread, out=np.zeros_like(spread), where=spread > 1e-9)
    return float(edges[1:][between.argmax()])


def _middle_piece(found: Bool) -> Bool | None:
    """The connected piece with the most weight in the middle, its holes filled; None when nothing was found."""
    height, width = found.shape
    down, across = (np.exp(-((np.arange(n) / n - 0.5) ** 2) / (2 * _MIDDLE**2)) for n in (height, width))
    weight = np.outer(down, across)
    numbers, bound = pieces(found)
    if not bound:
        return None
    best = np.zeros_like(found)
    best[found] = numbers == np.bincount(numbers, weight[found], bound).argmax()
    outside = np.zeros_like(best)
    outside[[0, -1]], outside[:, [0, -1]] = ~best[[0, -1]], ~best[:, [0, -1]]
    return ~flooded_from(outside, ~best)


def _ring(field: Float32) -> Float32:
    """The border of a field of shape (c, height, width) as columns, shape (c, m)."""
    wide = max(2, round(_RING * min(field.shape[1:])))
    sides = (field[:, :wide], field[:, -wide:], field[:, wide:-wide, :wide], field[:, wide:-wide, -wide:])
    return np.concatenate([side.reshape(len(field), -1) for side in sides], axis=1)


def _on_border(product: Bool) -> float:
    edges = (product[0], product[-1], product[1:-1, 0], product[1:-1, -1])
    return float(np.concatenate(edges).mean())
