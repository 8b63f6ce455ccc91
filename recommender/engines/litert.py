"""Runs an exported network with LiteRT: an interpreter for each call at once, made inside the process that uses it."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from recommender.core.types import Float32
from recommender.exceptions import EngineUnavailableError


class LiteRTNetwork:
    """A network of one input, safe to call from many threads.

    An interpreter is not thread-safe, does not survive a fork, and holds the whole network: each call takes one that is
    idle, and makes one when none is. So a process holds as many as ever worked at once, however many threads it has.
    """

    def __init__(self, network: Path | bytes) -> None:
        """Take a file's path, or its content."""
        self._network = network
        self._idle: list[Any] = []
        self._process = 0

    def __call__(self, pixels: Float32) -> Float32:
        """The first output for one input; see `outputs`."""
        return self.outputs(pixels)[0]

    def outputs(self, pixels: Float32) -> tuple[Float32, ...]:
        """The network's outputs for one input, float32, without the batch axis; those with most channels first.

        Args:
            pixels: float32, of the input's shape without the batch axis.

        Raises:
            EngineUnavailableError: when LiteRT is not installed.
        """
        interpreter = self._take()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels[np.newaxis])
        interpreter.invoke()
        found = [interpreter.get_tensor(output["index"])[0] for output in interpreter.get_output_details()]
        self._idle.append(interpreter)
        # LiteRT does not keep the order in which a model names its outputs.
        return tuple(sorted(found, key=lambda output: -output.shape[-1]))

    def _take(self) -> Any:
        if self._process != os.getpid():
            self._idle, self._process = [], os.getpid()
        try:
            return self._idle.pop()
        except IndexError:
            return _load(self._network)


def _load(network: Path | bytes) -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter  # optional extra
    except ImportError as error:
        raise EngineUnavailableError(
            "LiteRT is not installed. Run: pip install 'django-visual-recommender[vision]'"
        ) from error
    given = {"model_content": network} if isinstance(network, bytes) else {"model_path": str(network)}
    interpreter = Interpreter(**given, num_threads=1)
    interpreter.allocate_tensors()
    return interpreter
