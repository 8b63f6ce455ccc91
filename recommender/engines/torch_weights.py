"""Reads the tensors of a PyTorch state dictionary without PyTorch, and without running anything the file says."""

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

_MAGIC = 0x1950A86A20F9469CFC6C
_DTYPES: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Tensor(NamedTuple):
    """Where a tensor lies: a view into a storage that follows later in the file."""

    storage: tuple[str, str]
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def _rebuild_tensor(
    storage: tuple[str, str], offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *ignored: object
) -> _Tensor:
    return _Tensor(storage, offset, shape, stride)


class _StateUnpickler(pickle.Unpickler):
    """Knows four names and refuses every other: a pickle can otherwise call any function it likes."""

    _known: Mapping[tuple[str, str], Any] = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
        ("torch", "FloatStorage"): "FloatStorage",
        ("torch", "LongStorage"): "LongStorage",
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._known:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a file of weights")
        return self._known[module, name]

    def persistent_load(self, pid: Any) -> tuple[str, str]:
        _, dtype, key, *_ = pid
        return dtype, key


def read_state(path: Path) -> dict[str, NDArray[Any]]:
    """The tensors of a `.pth` file in PyTorch's legacy format, by name.

    Layout: three pickles (magic number, protocol, machine), the state dictionary, the storages' keys, then per key a
    little-endian int64 count and its raw numbers.

    Raises:
        ValueError: when the file is no such state dictionary.
    """
    with path.open("rb") as file:
        try:
            if _load(file) != _MAGIC:
                raise ValueError(f"{path} is not in PyTorch's legacy format")
            _load(file)
            _load(file)
            state = _load(file)
            keys = _load(file)
        except (pickle.UnpicklingError, EOFError) as error:
            raise ValueError(f"{path} is no file of weights: {error}") from error
        dtypes = {tensor.storage[1]: _DTYPES[tensor.storage[0]] for tensor in state.values()}
        storages = {key: _storage(file, dtypes[key]) for key in keys}
    return {name: _view(storages[tensor.storage[1]], tensor) for name, tensor in state.items()}


def _load(file: BinaryIO) -> Any:
    return _StateUnpickler(file).load()


def _storage(file: BinaryIO, dtype: np.dtype[Any]) -> NDArray[Any]:
    count = int.from_bytes(file.read(8), "little")
    values = np.frombuffer(file.read(count * dtype.itemsize), dtype)
    if len(values) != count:
        raise ValueError("the file of weights is cut short")
    return values


def _view(storage: NDArray[Any], tensor: _Tensor) -> NDArray[Any]:
    strides = tuple(step * storage.itemsize for step in tensor.stride)
    return np.lib.stride_tricks.as_strided(storage[tensor.offset :], tensor.shape, strides, writeable=False).copy()
