"""What a training needs to go on after it was interrupted, in one file that is whole or absent."""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.exceptions import CheckpointError


def save(path: Path, arrays: Sequence[NDArray[Any]], identity: str, progress: dict[str, Any]) -> None:
    """Write a checkpoint, replacing an older one only when it is complete.

    Args:
        path: the file.
        arrays: the values of all variables, in order.
        identity: names the architecture, the labels and what else must be the same to go on.
        progress: plain values: epochs done, curves.
    """
    partial = path.with_suffix(".part")
    note = np.frombuffer(json.dumps({"identity": identity, **progress}).encode(), np.uint8)
    numbered: dict[str, Any] = {f"v{index}": array for index, array in enumerate(arrays)}
    with partial.open("wb") as file:
        np.savez(file, note=note, **numbered)
    partial.replace(path)


def load(path: Path, shapes: Sequence[tuple[int, ...]], identity: str) -> tuple[list[NDArray[Any]], dict[str, Any]]:
    """The arrays and the progress of a checkpoint.

    Args:
        path: the file.
        shapes: of the variables that the arrays are for, in order.
        identity: what the checkpoint must have been saved with.

    Raises:
        CheckpointError: when the file is damaged, or of another architecture, labels or options.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            progress = json.loads(file["note"].tobytes())
            arrays = [file[f"v{index}"] for index in range(len(file.files) - 1)]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise CheckpointError(
            f"The checkpoint {path} is damaged: {error}. Start anew with --fresh; what is live stays as it is."
        ) from error
    if progress.pop("identity", "") != identity or [array.shape for array in arrays] != list(shapes):
        raise CheckpointError(
            f"The checkpoint {path} is of another architecture, other labels or other options. "
            "Repeat the call it was made with, start anew with --fresh, or choose another --output."
        )
    return arrays, progress
