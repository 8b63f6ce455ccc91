"""Pairs of pictures that are the same, or nearly so: by 64-bit perceptual hashes first, then by miniatures."""

from collections.abc import Iterator, Sequence

import numpy as np

from recommender.core.types import Pixels

_BLOCK = 512
_BITS = 10
"""At most so many bits of their hashes differ between candidates: copies differ in fewer, most pictures in about 32."""

_MEAN, _MOST = 2.5, 24
"""Levels by which miniatures of copies may differ, on average and anywhere: what scaling and compression do."""


def alike_pairs(hashes: Sequence[int], miniatures: Pixels) -> Iterator[tuple[int, int]]:
    """(i, j), i < j, of pictures that are copies of one another.

    A hash sees where it grows lighter, so that two phones of one shape may share it; the miniatures tell them apart.

    Args:
        hashes: signed 64-bit integers, n of them.
        miniatures: of the same pictures, uint8, shape (n, m).
    """
    words = np.array(hashes, np.int64).view(np.uint64)
    for start in range(0, len(words), _BLOCK):
        differing = np.bitwise_count(words[start : start + _BLOCK, None] ^ words[None, start:])
        for left, right in np.argwhere(differing <= _BITS):
            if left < right and _are_copies(miniatures[start + left], miniatures[start + right]):
                yield start + int(left), start + int(right)


def _are_copies(left: Pixels, right: Pixels) -> bool:
    apart = np.abs(left.astype(np.int16) - right)
    return bool(apart.mean() <= _MEAN and apart.max() <= _MOST)
