"""Runs an exported network with LiteRT: one interpreter a thread, made on first use inside the process that uses it."""

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np

from recommender.core.types import Float32
from recommender.exceptions import EngineUnavailableError


class LiteRTNetwork:
    """A network of one input and one output, safe to call from many threads.

    An interpreter is not thread-safe and does not survive a fork, so each thread of each process makes its own.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def __call__(self, pixels: Float32) -> Float32:
        """The network's output for one input, float32, without the batch axis.

        Args:
            pixels: float32, of the input's shape without the batch axis.

        Raises:
            EngineUnavailableError: when LiteRT is not installed.
        """
        interpreter = self._interpreter()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels[np.newaxis])
        interpreter.invoke()
        output: Float32 = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]
        return output

    def _interpreter(self) -> Any:
        if getattr(self._local, "process", None) != os.getpid():
            self._local.interpreter = _load(self._path)
            self._local.process = os.getpid()
        return self._local.interpreter


def _load(path: Path) -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter  # optional extra
    except ImportError as error:
        raise EngineUnavailableError(
            "LiteRT is not installed. Run: pip install 'django-visual-recommender[vision]'"
        ) from error
    interpreter = Interpreter(model_path=str(path), num_threads=1)
    interpreter.allocate_tensors()
    return interpreter
