"""The image steps of an encoder: plain functions from a picture to a picture, named by their dotted paths.

What is always done stands outside: `imaging.decode` guards, turns upright, converts to sRGB, flattens on white and
looks for a plain ground, whoever asks; and each network letterboxes and scales what it gets to what it was made for.
"""

import inspect
from collections.abc import Callable, Sequence
from hashlib import sha256
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np

from recommender.core.types import Picture

Step: TypeAlias = Callable[[Picture], Picture]
"""A picture in, another out; the given one is not changed. Equal pictures give equal pictures, in every thread."""

DEFAULT_STEPS = ("recommender.engines.framing.crop_to_product",)


def find_steps(paths: Sequence[str]) -> tuple[Step, ...]:
    """The functions that the dotted paths name, in their order.

    Raises:
        ValueError: when one cannot be imported, or is no function that works with a picture alone.
    """
    if isinstance(paths, str):
        raise ValueError(f'"steps" must be a list of dotted paths, such as [{paths!r}], not one text.')
    return tuple(_find(path) for path in paths)


def apply_steps(steps: Sequence[Step], picture: Picture) -> Picture:
    """The picture after all steps, one after the other.

    Raises:
        ValueError: when a step returns something else than a picture, whose mask has its size.
    """
    for step in steps:
        after = step(picture)
        if not _is_picture(after):
            raise ValueError(
                f"The image step {step.__module__}.{step.__qualname__} returned no Picture. "
                "It must return pixels of uint8, shape (height, width, 3), and a mask of bool of their size, or None."
            )
        picture = after
    return picture


def steps_digest(paths: Sequence[str]) -> str:
    """What other steps add to an encoder's version; empty for the default ones."""
    if tuple(paths) == DEFAULT_STEPS:
        return ""
    return f"-steps-{sha256(','.join(paths).encode()).hexdigest()[:8]}"


def _find(path: str) -> Step:
    module, _, name = str(path).rpartition(".")
    try:
        found: Any = getattr(import_module(module), name) if module else None
    except (ImportError, AttributeError) as error:
        raise ValueError(f"The image step {path!r} cannot be imported: {error}. Check the dotted path.") from error
    if not inspect.isroutine(found) or not _takes_one(found):
        raise ValueError(f"The image step {path!r} is no function that takes a Picture and needs nothing else.")
    step: Step = found
    return step


def _takes_one(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind(None)
    except (TypeError, ValueError):
        return False
    return True


def _is_picture(found: object) -> bool:
    if not isinstance(found, Picture):
        return False
    pixels, mask = found
    shaped = isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8 and pixels.ndim == 3
    if not shaped or pixels.shape[2] != 3 or not pixels.size:
        return False
    return mask is None or (isinstance(mask, np.ndarray) and mask.dtype == np.bool_ and mask.shape == pixels.shape[:2])
