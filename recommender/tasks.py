"""Celery tasks: ids in, one service call, a retry policy. Without a broker the same work runs inline."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from celery import current_app, shared_task
from django.db import connection, transaction
from kombu.exceptions import KombuError

from recommender.conf import settings
from recommender.exceptions import JobBusyError, NotEnoughHistoryError, RecommenderError
from recommender.services import embedding, forgetting, versioning
from recommender.services.figures import summing
from recommender.storage.reconnecting import CONNECTION_LOST

logger = logging.getLogger(__name__)

_PLENTY = 64
"""Tasks in the queue that keep the workers busy until the next sweep, or nearly so."""

_LOT = 4 * _PLENTY * embedding.BATCH
"""Products that are sent out at once for an encoder which is not live."""

_LATER = 9
"""Redis and Valkey take such tasks after all others; a broker without priorities takes them in their turn."""

_LOOK_AGAIN_SECONDS = 30

_on_the_database = shared_task(
    autoretry_for=CONNECTION_LOST, retry_backoff=True, retry_backoff_max=60, max_retries=5, ignore_result=True
)
"""A task that is safe to repeat, and is repeated when the database hung up in its middle."""

_held: ContextVar[bool] = ContextVar("recommender_dispatch_held", default=False)


@_on_the_database
def embed_products(product_keys: list[Any], encoder_version: str = "") -> None:
    """Bring the vectors of these products up to date: those of the live encoder, or of another one."""
    embedding.embed(product_keys, encoder_version)


@shared_task(ignore_result=True)
def sweep() -> int:
    """Send out work that was lost on the way to the broker or never asked for; return how many products.

    That of encoders beside the live one comes after it, and in lots that leave room for new pictures.
    """
    sent = send_again(embedding.overdue)
    for version in embedding.beside():
        sent += send_again(partial(embedding.overdue, _LOT, version), version)
    return sent


@_on_the_database
def train() -> None:
    """Fit, build and publish a snapshot; does nothing while another training runs."""
    from recommender.services import training  # fitting loads SciPy, which a web process has no use for

    try:
        training.train()
    except (JobBusyError, NotEnoughHistoryError) as error:
        logger.info("No training: %s", error)


@_on_the_database
def train_if_due() -> None:
    """Train when enough has changed since the active snapshot."""
    from recommender.services import training  # as above

    if training.is_due():
        train()
    for version in versioning.unbuilt():
        try:
            training.build(version)
        except RecommenderError as error:
            logger.info("No snapshot of encoder %s: %s", version, error)


@shared_task(
    autoretry_for=(*CONNECTION_LOST, JobBusyError),
    retry_backoff=5,
    retry_backoff_max=60,
    max_retries=120,  # two hours: a training may have to end first
    ignore_result=True,
)
def train_and_switch(encoder_version: str) -> None:
    """Prepare an encoder to the end and have it be the live one."""
    from recommender.services import putting_live  # as above

    try:
        putting_live.put_live(encoder_version)
    except JobBusyError:
        raise
    except RecommenderError as error:
        logger.warning("Encoder %s was not put live: %s", encoder_version, error)


@shared_task(
    bind=True,
    autoretry_for=(*CONNECTION_LOST, JobBusyError),
    default_retry_delay=_LOOK_AGAIN_SECONDS,
    max_retries=86_400 // _LOOK_AGAIN_SECONDS,  # a day; celery beat makes the snapshot of a slower one
    ignore_result=True,
)
def train_candidate(self: Any, encoder_version: str) -> None:
    """Have workers embed by a candidate what it lacks, and look again until it lacks nothing and has its snapshot."""
    from recommender.services import preparing  # as above

    if not self.request.retries:
        sweep()
    try:
        is_done = preparing.finish(encoder_version)
    except JobBusyError:
        raise
    except RecommenderError as error:
        logger.warning("Encoder %s was not prepared: %s", encoder_version, error)
        return
    if not is_done:
        raise self.retry(countdown=min(2**self.request.retries, _LOOK_AGAIN_SECONDS))


@_on_the_database
def sum_up() -> None:
    """Bring the figures of the days up to date."""
    summing.sum_up()


@_on_the_database
def purge() -> None:
    """Delete what is past its retention."""
    forgetting.purge()


def request_embedding(product_keys: Iterable[Any], *, create: bool = True) -> None:
    """Ask for these products' pictures to be embedded: durably in this transaction, and at once after its commit."""
    keys = list(product_keys)
    embedding.request(keys, create=create)
    for entry in connection.run_on_commit:
        if isinstance(entry[1], _Dispatch) and not entry[1].is_sent:
            entry[1].keys.update(dict.fromkeys(keys))
            return
    transaction.on_commit(_Dispatch(keys))


def dispatch_embedding(product_keys: Iterable[Any]) -> bool:
    """Send the products to the workers, or embed them here when tasks run inline; return whether they went out.

    A broker that is down is logged, not raised: the request is in the database, and the sweep delivers it.
    """
    keys = list(product_keys)
    if settings.TASKS == "inline":
        embedding.embed(keys)
        for version in embedding.beside():
            embedding.embed(keys, version)
        return True
    try:
        _send(keys)
        for version in embedding.beside():
            _send(keys, version)
    except (KombuError, OSError):
        logger.warning("The broker does not answer; the sweep will embed %d products later", len(keys))
        return False
    return True


def _send(keys: Sequence[Any], encoder_version: str = "") -> None:
    for start in range(0, len(keys), embedding.BATCH):
        some = _plain(list(keys[start : start + embedding.BATCH]))
        if encoder_version:
            embed_products.apply_async((some, encoder_version), priority=_LATER)
        else:
            embed_products.delay(some)


def send_again(product_keys: Callable[[], Sequence[Any]], encoder_version: str = "") -> int:
    """Send out products whose tasks may be lost; return how many.

    While workers have plenty to do nothing is sent: what waits may be among it, and sending it again would pile it up.
    """
    if _queued(embed_products) > _PLENTY:
        return 0
    keys = product_keys()
    _send(keys, encoder_version)
    return len(keys)


def dispatch_training() -> bool:
    """Ask a worker to train; return whether the request went out. Without workers training is by command only."""
    return _sent(train, "nothing was trained")


def dispatch_switch(encoder_version: str) -> bool:
    """Ask a worker to put an encoder live; return whether the request went out. As `dispatch_training` otherwise."""
    return _sent(train_and_switch, f"encoder {encoder_version} is not put live", encoder_version)


def dispatch_preparation(encoder_version: str) -> bool:
    """Ask workers to prepare a candidate; return whether the request went out. As `dispatch_training` otherwise."""
    return _sent(train_candidate, f"encoder {encoder_version} is not prepared", encoder_version)


def _sent(task: Any, otherwise: str, *args: str) -> bool:
    if settings.TASKS == "inline":
        return False
    try:
        task.delay(*args)
    except (KombuError, OSError):
        logger.warning("The broker does not answer; %s", otherwise)
        return False
    return True


@contextmanager
def dispatch_held() -> Iterator[None]:
    """Within, requests are noted but not sent: an import saves thousands of pictures and sends them in batches."""
    token = _held.set(True)
    try:
        yield
    finally:
        _held.reset(token)


class _Dispatch:
    """The one callback of a transaction, however many pictures it saves."""

    def __init__(self, keys: list[Any]) -> None:
        self.keys = dict.fromkeys(keys)
        self.is_sent = False

    def __call__(self) -> None:
        """Send the products out; a shop's save must not fail because of it."""
        if _held.get():
            return
        self.is_sent = True
        try:
            dispatch_embedding(self.keys)
        except Exception:
            logger.exception("Embedding after commit failed; the sweep will try again")


def _queued(task: Any) -> int:
    """How many tasks wait in the queue of this kind of task."""
    queue = current_app.amqp.router.route({}, task.name)["queue"].name
    with current_app.connection_for_read() as broker:
        channel: Any = broker.default_channel
        try:
            return int(channel.queue_declare(queue=queue, passive=True).message_count)
        except broker.channel_errors:  # nothing was ever sent to it, or in Redis: nothing is left in it
            return 0


def _plain(keys: list[Any]) -> list[Any]:
    """Keys as JSON can carry them."""
    return [key if isinstance(key, int | str) else str(key) for key in keys]
