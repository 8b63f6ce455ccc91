"""What a network is taught: to name what it sees, and to put what is alike together. TensorFlow tensors in and out."""

from typing import Any

import numpy as np

from recommender.core.types import Float32, Int32

SCALE = 20.0
"""Cosines in [-1, 1] are multiplied by this before the softmax, else no class could be certain (Wang et al. 2018)."""

_SMOOTHING = 0.1


def class_weights(labels: Int32, n_classes: int) -> Float32:
    """Weights that let rare classes count more, float32, shape (n_classes,), with mean 1 over the examples.

    w_c is proportional to 1 / sqrt(n_c): fully inverse counts would let a class of two pictures rule every step.

    Args:
        labels: int32, shape (n,); -1 is no label.
        n_classes: how many there are.
    """
    counts = np.bincount(labels[labels >= 0], minlength=n_classes).astype(np.float64)
    weights = 1 / np.sqrt(np.maximum(counts, 1))
    return np.asarray(weights * (counts.sum() / max((weights * counts).sum(), 1e-12)), np.float32)


def naming_loss(cosines: Any, labels: Any, weights: Any, margin: float) -> Any:
    """The mean weighted cross-entropy of cosine logits, a scalar; 0 when no example has a label.

    The label's own angle is widened by `margin` radians, so that classes keep a distance (ArcFace, Deng et al. 2019);
    a tenth of the truth is spread over all classes, because shops mislabel.

    Args:
        cosines: float32, shape (n, c), of embeddings and classes.
        labels: int32, shape (n,); -1 is no label.
        weights: float32, shape (c,), see `class_weights`.
        margin: radians >= 0.
    """
    import tensorflow as tf  # seconds and hundreds of MB

    known = tf.cast(labels >= 0, tf.float32)
    safe = tf.maximum(labels, 0)
    n_classes = tf.shape(cosines)[1]
    truth = tf.one_hot(safe, n_classes)
    angles = tf.acos(tf.clip_by_value(cosines, -1 + 1e-6, 1 - 1e-6))
    widened = tf.where(truth > 0, tf.cos(tf.minimum(angles + margin, np.pi)), cosines) if margin else cosines
    target = truth * (1 - _SMOOTHING) + _SMOOTHING / tf.cast(n_classes, tf.float32)
    each = tf.nn.softmax_cross_entropy_with_logits(target, SCALE * widened) * tf.gather(weights, safe) * known
    return tf.reduce_sum(each) / tf.maximum(tf.reduce_sum(known), 1.0)


def contrastive_loss(embeddings: Any, labels: Any, temperature: float = 0.1) -> Any:
    """The supervised contrastive loss (Khosla et al. 2020, L_out), a scalar; 0 without two of a kind in the batch.

    For each example i with others of its label P(i): -1/|P(i)| sum_p log softmax_a(z_i . z_a / t)_p over all a != i.

    Args:
        embeddings: z, unit vectors, float32, shape (n, d).
        labels: int32, shape (n,); -1 is alike to nothing.
        temperature: t > 0.
    """
    import tensorflow as tf  # seconds and hundreds of MB

    itself = tf.eye(tf.shape(embeddings)[0])
    alike = tf.cast((labels[:, None] == labels[None, :]) & (labels[:, None] >= 0), tf.float32) * (1 - itself)
    logits = embeddings @ tf.transpose(embeddings) / temperature - 1e9 * itself
    log_shares = logits - tf.reduce_logsumexp(logits, axis=1, keepdims=True)
    counts = tf.reduce_sum(alike, axis=1)
    each = -tf.reduce_sum(tf.where(alike > 0, log_shares, 0.0), axis=1) / tf.maximum(counts, 1.0)
    return tf.reduce_sum(each) / tf.maximum(tf.reduce_sum(tf.cast(counts > 0, tf.float32)), 1.0)
