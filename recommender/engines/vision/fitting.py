"""The training loop: epochs over varied copies, one loss of naming and likeness, early stopping, checkpoints."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from recommender.core.types import Bool, Int32
from recommender.engines.base import Progress
from recommender.engines.vision import checkpoints, losses
from recommender.engines.vision.network import VisionNetwork

BATCH = 48
_WARM_UP = 0.1
"""Share of the steps in which rates rise: the heads, which start from nothing, would else spoil what was inherited."""


@dataclass(frozen=True)
class Schooling:
    """How a network is trained.

    Attributes:
        epochs: passes over the pictures, at most.
        rate: the highest learning rate of what the backbone brought.
        new_rate: the same of the embedding and the heads.
        decay: weight decay of both.
        metric: "arcface" widens the angles of the first head, "supcon" adds the contrastive loss, "both", or "none".
        margin: radians, of "arcface".
        contrast: weight of the contrastive loss.
        patience: epochs without a better held-out loss after which it stops.
        seed: of first weights, order and choice of copies.
    """

    epochs: int = 10
    rate: float = 3e-4
    new_rate: float = 5e-3
    decay: float = 1e-3
    metric: str = "both"
    margin: float = 0.2
    contrast: float = 0.2
    patience: int = 4
    seed: int = 0


@dataclass(frozen=True)
class Lessons:
    """What a network is taught from.

    Attributes:
        copies: maps of varied copies, shape (k, n, ...): one of the k is drawn a picture and epoch.
        plain: maps of the pictures as they are, shape (n, ...); held-out pictures are judged by them.
        labels: head -> labels, int32, shape (n,), -1 is none. The first head also shapes the embedding.
        held_out: the pictures that decide when to stop and are not learned from, bool, shape (n,).
        taught: the pictures that are learned from, bool, shape (n,); what is neither is left alone.
    """

    copies: Any
    plain: Any
    labels: Mapping[str, Int32]
    held_out: Bool
    taught: Bool


@dataclass
class Curves:
    """What was measured after each epoch: `loss`, and where pictures are held out `held_out_loss` and accuracies."""

    loss: list[float] = field(default_factory=list)
    held_out_loss: list[float] = field(default_factory=list)
    accuracy: dict[str, list[float]] = field(default_factory=dict)
    best_epoch: int = 0


def fit(
    network: VisionNetwork,
    lessons: Lessons,
    schooling: Schooling,
    *,
    checkpoint: Path,
    identity: str,
    progress: Progress | None = None,
    told: Callable[[int, Curves], None] | None = None,
) -> Curves:
    """Train the network in place and leave it with the weights of its best epoch.

    It goes on from the checkpoint when there is one, epoch for epoch as if it had never stopped.

    Args:
        network: what learns.
        lessons: from what.
        schooling: how.
        checkpoint: written after each epoch.
        identity: of everything that must be the same to go on, see `checkpoints.load`.
        progress: called with (steps done, steps).
        told: called with (epochs done, curves).

    Raises:
        CheckpointError: when the checkpoint does not fit.
    """
    run = _Run(network, lessons, schooling, checkpoint, identity)
    curves = run.resume()
    for epoch in range(len(curves.loss), schooling.epochs):
        if epoch - curves.best_epoch > schooling.patience:
            break
        curves.loss.append(run.learn(epoch, progress))
        run.judge(epoch, curves)
        run.save(curves)
        if told:
            told(epoch + 1, curves)
    if progress:
        progress(run.steps, run.steps)
    run.restore_best()
    return curves


class _Run:
    """One training: its optimisers, its best weights so far and its compiled step."""

    def __init__(
        self, network: VisionNetwork, lessons: Lessons, schooling: Schooling, checkpoint: Path, identity: str
    ) -> None:
        import keras  # seconds and hundreds of MB

        self._network, self._lessons, self._schooling = network, lessons, schooling
        self._checkpoint, self._identity = checkpoint, identity
        self._order = np.flatnonzero(lessons.taught)
        self._batches = max(1, math.ceil(len(self._order) / BATCH))
        self.steps = self._batches * schooling.epochs
        self._optimisers = [
            keras.optimizers.AdamW(self._schedule(rate), weight_decay=schooling.decay)
            for rate in (schooling.rate, schooling.new_rate)
        ]
        self._groups = [network.inherited, network.new]
        for optimiser, variables in zip(self._optimisers, self._groups, strict=True):
            optimiser.build(variables)
        self._weights = {
            head: losses.class_weights(labels[lessons.taught], network.classes[head].shape[0])
            for head, labels in lessons.labels.items()
        }
        self._best = self._values()
        self._step = self._compiled()

    def learn(self, epoch: int, progress: Progress | None) -> float:
        """One pass; the mean loss."""
        heads = list(self._lessons.labels)
        total = 0.0
        for done, (rows, maps) in enumerate(self._drawn(epoch), start=1):
            labels = [self._lessons.labels[head][rows] for head in heads]
            total += float(self._step(maps, *labels))
            if progress:
                progress(epoch * self._batches + done, self.steps)
        return total / self._batches

    def judge(self, epoch: int, curves: Curves) -> None:
        """Note how the held-out pictures are named now, and keep the weights if never better."""
        rows = np.flatnonzero(self._lessons.held_out)
        if not len(rows):
            curves.best_epoch, self._best = epoch, self._values()
            return
        embeddings = self._network.embed(_Rows(self._lessons.plain, rows))
        loss = 0.0
        for head, labels in self._lessons.labels.items():
            cosines, truth = np.asarray(self._network.cosines(embeddings, head)), labels[rows]
            known = truth >= 0
            right = cosines[known].argmax(axis=1) == truth[known]
            curves.accuracy.setdefault(head, []).append(float(right.mean()) if known.any() else math.nan)
            loss += float(losses.naming_loss(cosines, truth, np.ones(cosines.shape[1], np.float32), 0.0))
        curves.held_out_loss.append(loss / len(self._lessons.labels))
        if curves.held_out_loss[-1] <= min(curves.held_out_loss):
            curves.best_epoch, self._best = epoch, self._values()

    def save(self, curves: Curves) -> None:
        """Write the checkpoint."""
        checkpoints.save(self._checkpoint, [*self._state(), *self._best], self._identity, {"curves": asdict(curves)})

    def resume(self) -> Curves:
        """Go on from the checkpoint; empty curves without one."""
        if not self._checkpoint.exists():
            return Curves()
        variables = self._variables()
        shapes = [tuple(v.shape) for v in (*variables, *self._network.variables())]
        arrays, progress = checkpoints.load(self._checkpoint, shapes, self._identity)
        for variable, array in zip(variables, arrays, strict=False):
            variable.assign(array)
        self._best = arrays[len(variables) :]
        return Curves(**progress["curves"])

    def restore_best(self) -> None:
        """Give the network the weights of its best epoch."""
        for variable, array in zip(self._network.variables(), self._best, strict=True):
            variable.assign(array)

    def _variables(self) -> list[Any]:
        own = [variable for optimiser in self._optimisers for variable in optimiser.variables]
        return [*self._network.variables(), *own]

    def _state(self) -> list[Any]:
        return [np.asarray(variable.numpy()) for variable in self._variables()]

    def _values(self) -> list[Any]:
        return [np.array(variable.numpy()) for variable in self._network.variables()]

    def _schedule(self, rate: float) -> Any:
        import keras  # seconds and hundreds of MB

        warm = max(1, round(_WARM_UP * self.steps))
        return keras.optimizers.schedules.CosineDecay(
            rate / 20, max(1, self.steps - warm), warmup_target=rate, warmup_steps=warm
        )

    def _drawn(self, epoch: int) -> Iterator[tuple[Int32, Any]]:
        """Batches of an epoch: rows of the pictures, and a copy of each; the same for the same seed and epoch."""
        rng = np.random.default_rng([self._schooling.seed, epoch])
        order = rng.permutation(self._order)
        copies = rng.integers(len(self._lessons.copies), size=len(order))
        for start in range(0, len(order), BATCH):
            rows, chosen = order[start : start + BATCH], copies[start : start + BATCH]
            maps = np.stack([self._lessons.copies[k][row] for k, row in zip(chosen, rows, strict=True)])
            yield rows, maps.astype(np.float32)

    def _compiled(self) -> Callable[..., Any]:
        import tensorflow as tf  # seconds and hundreds of MB

        network, schooling, heads = self._network, self._schooling, list(self._lessons.labels)
        widens = schooling.metric in ("arcface", "both")
        contrasts = schooling.metric in ("supcon", "both")
        flat = [variable for group in self._groups for variable in group]

        @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
        def step(maps: Any, *labels: Any) -> Any:
            with tf.GradientTape() as tape:
                embeddings = network.model(maps, training=True)
                loss = tf.add_n(
                    [
                        losses.naming_loss(
                            network.cosines(embeddings, head),
                            truth,
                            self._weights[head],
                            schooling.margin if widens and head == heads[0] else 0.0,
                        )
                        for head, truth in zip(heads, labels, strict=True)
                    ]
                ) / len(heads)
                if contrasts:
                    loss += schooling.contrast * losses.contrastive_loss(embeddings, labels[0])
            gradients = tape.gradient(loss, [variable.value for variable in flat])
            first = len(self._groups[0])
            for optimiser, group, part in zip(
                self._optimisers, self._groups, (gradients[:first], gradients[first:]), strict=True
            ):
                if group:
                    optimiser.apply_gradients(zip(part, group, strict=True))
            return loss

        return step  # type: ignore[no-any-return]


class _Rows:
    """Some rows of an array, read slice by slice: an array on disk is never held whole."""

    def __init__(self, array: Any, rows: Any) -> None:
        self._array, self._rows = array, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, part: slice) -> Any:
        return self._array[self._rows[part]]
