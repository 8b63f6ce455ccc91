"""Snapshots as a whole: a catalogue packed into arrays, published, switched, rolled back and read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
from django.core.files.storage import storages
from numpy.typing import NDArray

from recommender.conf import settings
from recommender.core.calibration import Calibration
from recommender.core.catalogue import BlendConfig, Catalogue
from recommender.core.types import Artefact, Block, Factors, ItemItem, Neighbours
from recommender.core.views import Views
from recommender.exceptions import SnapshotCorruptError, SnapshotError, SnapshotMissingError, SnapshotVersionError
from recommender.models import Selection, Snapshot
from recommender.services import index_keeping
from recommender.services.engines import cache_dir, encoder_of
from recommender.storage import encoders, snapshots
from recommender.storage.objects import ObjectStore

Ids = NDArray[np.bytes_]
"""Product keys in UTF-8, ascending, so that a key is found by bisection; row i is product ids[i]."""

_CODES = "hashed"
"""How attribute codes come from values: `grouping.attribute_code`."""

_PLAIN = ("vectors", "events", "trend", "attributes", "groups", "bought_both", "image_map", "predicted")
_LISTS = ("visual", "collaborative")


class Published(NamedTuple):
    """A snapshot as it is served."""

    snapshot: Snapshot
    ids: Ids
    catalogue: Catalogue


def object_store() -> ObjectStore:
    """The recommender storage with this host's cache in front.

    Raises:
        SnapshotError: when this host has no room for a cache.
    """
    try:
        cache = cache_dir()
    except OSError as error:
        raise SnapshotError(
            f"This host's folder for snapshots cannot be made: {error}. Make room there, and let this user write to it."
        ) from error
    return ObjectStore(storages[settings.SNAPSHOT_STORAGE], cache)


def publish(
    ids: Ids,
    catalogue: Catalogue,
    *,
    encoder_version: str,
    sequence: int,
    metrics: dict[str, Any],
    configuration: Mapping[str, Any] | None = None,
    selection: Selection | None = None,
) -> Snapshot:
    """Store a catalogue as a new snapshot, without switching to it.

    Args:
        ids: its products' keys.
        catalogue: what it holds.
        encoder_version: of its vectors.
        sequence: the last change that it contains.
        metrics: numbers on it, for people.
        configuration: what it was learned with, as `Configuration.to_config` gives it.
        selection: where the configuration came from.
    """
    arrays, config = pack(catalogue)
    if catalogue.vectors is not None:
        saved, config["index"] = index_keeping.build(object_store(), ids, catalogue.vectors, encoder_version)
        arrays |= snapshots.index_arrays(saved)
    if configuration is not None:
        config["configuration"] = dict(configuration)
    return snapshots.write(
        object_store(),
        {"ids": ids, **arrays},
        encoder_version=encoder_version,
        sequence=sequence,
        config=config,
        metrics=metrics,
        n_products=len(ids),
        selection=selection,
    )


def load(snapshot: Snapshot) -> Published:
    """A snapshot's catalogue, memory-mapped.

    Raises:
        SnapshotError: when it cannot be used; the message names the cure.
    """
    arrays = snapshots.read(object_store(), snapshot)
    try:
        ids = np.asarray(arrays.pop("ids"))
        return Published(snapshot, ids, unpack(arrays, snapshot.config, len(ids)))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise SnapshotCorruptError(
            f"Snapshot {snapshot.pk} lacks a part or has one of another shape: {error!r}. "
            "Roll back, or run `manage.py recommender_train`."
        ) from error


def activate(snapshot: Snapshot) -> None:
    """Serve a snapshot from now on, after proving that it can be read."""
    load(snapshot)
    snapshots.activate(snapshot)


def serve_again(snapshot: Snapshot) -> None:
    """Serve an earlier snapshot, which may be of another encoder.

    Raises:
        SnapshotVersionError: when its encoder cannot be had any more: search by photo would not work with it.
    """
    version = snapshot.encoder_version
    if version and encoder_of(version) is None and version != encoders.live_version():
        raise SnapshotVersionError(
            f"Snapshot {snapshot.pk} is of encoder {version}, which is known no more: photos could not be compared "
            "with it. Prepare that encoder again: `manage.py recommender_encoder prepare`."
        )
    activate(snapshot)


def roll_back() -> Snapshot:
    """Serve the snapshot before the active one, and return it.

    Raises:
        SnapshotMissingError: when there is no earlier one.
    """
    current = snapshots.active()
    earlier = snapshots.previous(current) if current is not None else None
    if earlier is None:
        raise SnapshotMissingError("There is no earlier snapshot to roll back to.")
    serve_again(earlier)
    return earlier


def retain(keep: int = 5) -> int:
    """Drop old snapshots; return how many."""
    gone = snapshots.retain(object_store(), keep)
    index_keeping.prune(object_store())
    return gone


def pack(catalogue: Catalogue) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """A catalogue as named arrays and a JSON configuration; `unpack` is its inverse."""
    arrays: dict[str, NDArray[Any]] = {}
    for name in _PLAIN:
        if (array := getattr(catalogue, name)) is not None:
            arrays[name] = array
    for name in _LISTS:
        if (lists := getattr(catalogue, name)) is not None:
            arrays |= {f"{name}.rows": lists.rows, f"{name}.scores": lists.scores}
    if (views := catalogue.views) is not None:
        arrays |= {"views.vectors": views.vectors, "views.spans": views.spans}
    for name, calibration in catalogue.calibrations.items():
        arrays |= {f"calibration.{name}.{part}": array for part, array in calibration.to_arrays().items()}
    artefact, artefact_config = _pack_artefact(catalogue.artefact)
    config = {
        "blocks": [block._asdict() for block in catalogue.blocks],
        "attribute_names": list(catalogue.attribute_names),
        "attribute_codes": _CODES,
        "artefact": artefact_config,
        "item_blend": _plain(catalogue.item_blend),
        "visitor_blend": _plain(catalogue.visitor_blend),
    }
    return arrays | artefact, config


def unpack(arrays: Mapping[str, NDArray[Any]], config: Mapping[str, Any], n: int) -> Catalogue:
    """The catalogue that `pack` took apart."""
    calibrations: dict[str, dict[str, NDArray[Any]]] = {}
    for name, array in arrays.items():
        if name.startswith("calibration."):
            _, signal, part = name.split(".")
            calibrations.setdefault(signal, {})[part] = array
    fields: dict[str, Any] = {
        name: Neighbours(arrays[f"{name}.rows"], arrays[f"{name}.scores"])
        for name in _LISTS
        if f"{name}.rows" in arrays
    }
    fields |= {name: arrays.get(name) for name in _PLAIN}
    if "views.vectors" in arrays:
        fields["views"] = Views(arrays["views.vectors"], arrays["views.spans"])
    return Catalogue(
        n=n,
        item_blend=BlendConfig(**config["item_blend"]),
        visitor_blend=BlendConfig(**config["visitor_blend"]),
        blocks=tuple(Block(**block) for block in config["blocks"]),
        # Codes of earlier versions follow from no names: nothing read now can be compared with them.
        attribute_names=tuple(config["attribute_names"]) if config.get("attribute_codes") == _CODES else (),
        artefact=_unpack_artefact(arrays, config["artefact"]),
        calibrations={signal: Calibration.from_arrays(parts) for signal, parts in calibrations.items()},
        **fields,
    )


def _plain(blend: BlendConfig) -> dict[str, Any]:
    return {name: dict(values) for name, values in asdict(blend).items()}


def _pack_artefact(artefact: Artefact | None) -> tuple[dict[str, NDArray[Any]], dict[str, Any] | None]:
    if artefact is None:
        return {}, None
    fields = artefact._asdict()
    arrays = {f"artefact.{name}": value for name, value in fields.items() if isinstance(value, np.ndarray)}
    scalars = {name: value for name, value in fields.items() if isinstance(value, str | int | float)}
    return arrays, {"type": type(artefact).__name__, **scalars}


def _unpack_artefact(arrays: Mapping[str, NDArray[Any]], config: Mapping[str, Any] | None) -> Artefact | None:
    if config is None:
        return None
    fields: dict[str, Any] = {
        name.removeprefix("artefact."): array for name, array in arrays.items() if name.startswith("artefact.")
    }
    fields |= {name: value for name, value in config.items() if name != "type"}
    return Factors(**fields) if config["type"] == "Factors" else ItemItem(**fields)
