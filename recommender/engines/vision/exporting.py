"""From Keras to LiteRT: a trained network that serves without TensorFlow, and a trunk that runs fast on a CPU."""

from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

from recommender.core.types import Pixels
from recommender.engines.litert import LiteRTNetwork
from recommender.engines.vision.backbones import Backbone
from recommender.engines.vision.network import VisionNetwork

if TYPE_CHECKING:
    from keras import Model

Trunk = Callable[[Pixels], Any]
"""Pixels, uint8, shape (n, side, side, 3), to maps, shape (n, ...)."""


_ROWS, _COLUMNS = 14, 7
"""Most rows and columns of the map beside an embedding: finer across, where parts of a product lie one over another."""


def to_litert(network: VisionNetwork) -> bytes:
    """A LiteRT file that goes from pixels, float32, shape (1, side, side, 3), to an embedding, shape (1, EMBEDDING).

    Where there is a trunk its map is another output, shape (1, rows, columns, channels), averaged to at most 14 rows
    and 7 columns. LiteRT keeps no order: the embedding is the one of two axes.
    """
    trunk, model = network.backbone.trunk, network.model
    if trunk is None:
        return _converted(network.backbone, model)
    import keras  # seconds and hundreds of MB

    rows, columns, _ = network.backbone.map_shape
    cells = keras.layers.AveragePooling2D((-(-rows // _ROWS), -(-columns // _COLUMNS)), padding="same")

    def both(pixels: Any) -> Any:
        maps = trunk(pixels)
        return [model(maps), cells(maps)]

    return _converted(network.backbone, both)


def make_trunk(backbone: Backbone) -> Trunk:
    """What the backbone's trunk computes: by LiteRT, which needs half the time, unless there is a GPU.

    Without a trunk the maps are the pixels.
    """
    trunk = backbone.trunk
    if trunk is None:
        return lambda pixels: pixels
    import tensorflow as tf  # seconds and hundreds of MB

    if tf.config.list_physical_devices("GPU"):
        return lambda pixels: trunk.predict_on_batch(pixels.astype(np.float32))
    network = LiteRTNetwork(_converted(backbone, trunk))
    return lambda pixels: np.stack([network(one) for one in pixels.astype(np.float32)])


def _converted(backbone: Backbone, layers: "Callable[[Any], Any] | Model") -> bytes:
    import keras  # seconds and hundreds of MB
    import tensorflow as tf

    # One picture a call: a vector then never depends on which others were in its batch.
    pixels = keras.Input((backbone.side, backbone.side, 3), batch_size=1)
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(pixels, layers(pixels)))
    with redirect_stdout(StringIO()):  # it tells where it keeps its own files
        content: bytes = converter.convert()
    return content
