"""What a network sees with: a frozen trunk and a tail that learns, cut out of one model."""

from typing import TYPE_CHECKING, Any, NamedTuple

from recommender.engines import efficientnet_lite0

if TYPE_CHECKING:
    from keras import Model

BACKBONES = {"lite0": 224, "small": 64}
"""Name -> input pixels a side: EfficientNet-Lite0 with ImageNet weights, and a small one that starts from nothing."""

TRAINED_BLOCKS = 5
"""Last blocks of Lite0 that learn unless told otherwise. Those before see edges and textures, which a shop's pictures
share with ImageNet's."""


class Backbone(NamedTuple):
    """A network in two parts.

    Attributes:
        trunk: pixels, float32 in [0, 255], shape (n, side, side, 3), to maps; None when everything learns, and the
            maps are the pixels.
        tail: maps to a map of features (n, rows, columns, channels).
        side: input pixels a side.
        name: identifies the architecture, where it is cut, and what it starts from.
    """

    trunk: "Model | None"
    tail: "Model"
    side: int
    name: str

    @property
    def map_shape(self) -> tuple[int, ...]:
        """The shape of one map."""
        shape: tuple[int, ...] = tuple(self.tail.input.shape[1:])
        return shape


def build_backbone(name: str, trained_blocks: int = TRAINED_BLOCKS, *, seed: int = 0) -> Backbone:
    """A backbone of `BACKBONES`.

    Batch normalisation keeps the statistics it was trained with: a shop's batches are too small to measure new ones.

    Args:
        name: a key of `BACKBONES`.
        trained_blocks: how many of Lite0's 16 last blocks learn, with the layers above; 16 is the whole network.
        seed: of the weights that start from nothing.

    Raises:
        ValueError: for an unknown name, or a number of blocks that the network has not.
        EngineUnavailableError: when the weights are not installed.
    """
    if name not in BACKBONES:
        raise ValueError(f"There is no backbone {name!r}. Use {' or '.join(BACKBONES)}.")
    side = BACKBONES[name]
    if name == "small":
        return Backbone(None, _small(side, seed), side, "small-1")
    if not 0 <= trained_blocks <= efficientnet_lite0.BLOCKS:
        raise ValueError(f"EfficientNet-Lite0 has {efficientnet_lite0.BLOCKS} blocks; {trained_blocks} cannot learn.")
    import keras  # seconds and hundreds of MB

    whole = efficientnet_lite0.build(efficientnet_lite0.weights_path(), side=side)
    for layer in whole.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    if trained_blocks == efficientnet_lite0.BLOCKS:
        return Backbone(None, whole, side, f"lite0-1-{trained_blocks}")
    cut = whole.get_layer(f"block_{efficientnet_lite0.BLOCKS - trained_blocks - 1}").output
    return Backbone(keras.Model(whole.input, cut), keras.Model(cut, whole.output), side, f"lite0-1-{trained_blocks}")


def _small(side: int, seed: int) -> "Model":
    """Four convolutions of stride 2 that start from random weights: for quick looks, and for tests of the training."""
    import keras  # seconds and hundreds of MB

    keras.utils.set_random_seed(seed)
    pixels = keras.Input((side, side, 3))
    x: Any = keras.layers.Rescaling(1 / 128, offset=-127 / 128)(pixels)
    for channels in (16, 32, 64, 96):
        x = keras.layers.Conv2D(channels, 3, strides=2, padding="same", kernel_initializer="he_normal")(x)
        x = keras.layers.ReLU()(x)
    return keras.Model(pixels, x)
