"""The network that learns: a backbone's tail, one embedding, and a head for each attribute on top of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from recommender.core.types import Float32
from recommender.engines.vision.backbones import Backbone

if TYPE_CHECKING:
    from keras import Model, Variable

EMBEDDING = 256
"""Numbers that an embedding has. Heads are cosines with it, so its directions are what labels speak of."""

_DROPOUT = 0.3
_SPREAD = 0.05


class VisionNetwork:
    """Maps of the trunk to unit embeddings, and embeddings to the cosines of each head's classes.

    Args:
        backbone: its tail is trained in place.
        heads: name -> how many classes.
        seed: of the first weights and of dropout.
    """

    def __init__(self, backbone: Backbone, heads: Mapping[str, int], seed: int) -> None:
        import keras  # seconds and hundreds of MB

        keras.utils.set_random_seed(seed)
        pooled = keras.layers.GlobalAveragePooling2D()(backbone.tail.output)
        pooled = keras.layers.Dropout(_DROPOUT, seed=seed)(pooled)
        projected = keras.layers.Dense(EMBEDDING, use_bias=False, name="embedding")(pooled)
        self.backbone = backbone
        self.model: Model = keras.Model(backbone.tail.input, keras.layers.UnitNormalization()(projected))
        rng = np.random.default_rng(seed)
        self.classes: dict[str, Variable] = {
            name: keras.Variable(rng.normal(0, _SPREAD, (count, EMBEDDING)).astype(np.float32), name=name)
            for name, count in heads.items()
        }

    @property
    def inherited(self) -> list[Any]:
        """The trainable variables that the backbone brought: they change slowly."""
        return [v for v in self.model.trainable_variables if not v.path.startswith("embedding/")]

    @property
    def new(self) -> list[Any]:
        """The trainable variables that begin at random: the embedding and the classes."""
        own = [v for v in self.model.trainable_variables if v.path.startswith("embedding/")]
        return [*own, *self.classes.values()]

    def cosines(self, embeddings: Any, head: str) -> Any:
        """Cosines of embeddings with a head's classes, a tensor of shape (n, c)."""
        import tensorflow as tf  # seconds and hundreds of MB

        return embeddings @ tf.transpose(tf.math.l2_normalize(self.classes[head].value, axis=1))

    def heads(self) -> dict[str, Float32]:
        """The directions of each head's classes, unit vectors, float32, shape (c, EMBEDDING)."""
        arrays = {name: np.asarray(variable.numpy(), np.float32) for name, variable in self.classes.items()}
        return {name: array / np.linalg.norm(array, axis=1, keepdims=True) for name, array in arrays.items()}

    def embed(self, maps: Any, batch: int = 64) -> Float32:
        """Unit embeddings of maps, float32, shape (n, EMBEDDING). n may be 0."""
        parts = [np.empty((0, EMBEDDING), np.float32)]
        for start in range(0, len(maps), batch):
            chunk = np.asarray(maps[start : start + batch], np.float32)
            parts.append(np.asarray(self.model(chunk, training=False), np.float32))
        return np.concatenate(parts)

    def variables(self) -> list[Any]:
        """All variables, in an order that the same architecture always has."""
        return [*self.model.variables, *self.classes.values()]
