"""The one error tree. Each class's docstring is its default message; messages name the cure.

Configuration faults are `django.core.exceptions.ImproperlyConfigured` and stay outside the tree on purpose.
"""

import inspect
from typing import ClassVar


class RecommenderError(Exception):
    """Something in the recommender failed."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or inspect.cleandoc(type(self).__doc__ or ""))


class ImageRefusedError(RecommenderError, ValueError):
    """This file is not accepted as a picture. Upload a JPEG, PNG or WebP of at most 10 MB."""

    def __init__(self, message: str = "", *, code: str = "unreadable") -> None:
        super().__init__(message)
        self.reason = code


class UnknownProductError(RecommenderError, LookupError):
    """There is no such product."""

    code = "unknown_product"


class UnknownPlacementError(RecommenderError, LookupError):
    """There is no such placement. The admin lists those there are, under Placements."""

    code = "unknown_placement"


class EngineUnavailableError(RecommenderError, ImportError):
    """An engine's library is missing. Install the extra that its documentation names."""

    code = "engine_unavailable"


class DimensionMismatchError(RecommenderError, ValueError):
    """Vectors of different encoders were mixed. Re-embed the catalogue with one encoder."""

    code = "dimension_mismatch"


class VectorRefusedError(RecommenderError, ValueError):
    """A vector with a value that is not finite is not accepted. Embed the picture again."""

    code = "vector_refused"


class IndexUnusableError(RecommenderError):
    """The vector index cannot be used, so exact search answers. Run `manage.py recommender_train`."""

    code = "index_unusable"


class SnapshotError(RecommenderError):
    """A snapshot cannot be used."""

    code = "snapshot"


class SnapshotMissingError(SnapshotError, LookupError):
    """No snapshot is active. Run `manage.py recommender_train`."""

    code = "snapshot_missing"


class SnapshotCorruptError(SnapshotError):
    """A snapshot's files do not match their checksums. Roll back, or run `manage.py recommender_train`."""

    code = "snapshot_corrupt"


class SnapshotVersionError(SnapshotError):
    """This snapshot was written by another version. Run `manage.py recommender_train`."""

    code = "snapshot_version"


class UnfitSnapshotError(SnapshotError):
    """The new snapshot failed its sanity checks, so the old one stays active."""

    code = "unfit_snapshot"


class NotEnoughHistoryError(RecommenderError, ValueError):
    """There is not enough history to learn from. Shelves use looks and trends until there is."""

    code = "not_enough_history"


class JobBusyError(RecommenderError):
    """This job is already running. Wait for it, or look at it in the admin under Jobs."""

    code = "job_busy"


class DatasetError(RecommenderError, ValueError):
    """The data set folder cannot be read. Its format is described in docs/reference/datasets.md."""

    code = "dataset"


class RegionRefusedError(RecommenderError, ValueError):
    """The region lies outside the picture, or is too small. Give left, top, width and height as shares of it."""

    code = "invalid_region"


class PhotoMissingError(RecommenderError, ValueError):
    """There is no picture. Send one, or the query id of an earlier answer."""

    code = "no_picture"


class PhotosTooManyError(RecommenderError, ValueError):
    """There is more than one picture. Send one."""

    code = "two_pictures"


class PhotoQueryError(RecommenderError, ValueError):
    """This is not a photo query of ours. Send the picture again."""

    code = "invalid_query"


class PhotoQueryExpiredError(PhotoQueryError):
    """This photo query is more than ten minutes old, or the catalogue has changed. Send the picture again."""

    code = "query_expired"


class UnknownFilterError(RecommenderError, ValueError):
    """This shop has no such filter, or cannot read its value."""

    code = "unknown_filter"

    def __init__(self, message: str = "", *, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class SearchBusyError(RecommenderError):
    """Too many photos are being looked at. Try again in a few seconds."""

    code = "busy"
    wait_seconds: ClassVar[int] = 2


class RecommendationIdError(RecommenderError, ValueError):
    """This is no recommendation id of ours. Send the one that came with the list, unchanged."""

    code = "invalid_recommendation_id"


class TrainingDataError(RecommenderError, ValueError):
    """There is nothing to learn from. Give pictures with labels of at least two kinds, two pictures of each."""

    code = "training_data"


class CheckpointError(RecommenderError, ValueError):
    """The checkpoint does not fit. Start anew with --fresh."""

    code = "checkpoint"


class NoSpaceError(RecommenderError, OSError):
    """The disk is full. Free some space, or choose another folder with --output."""

    code = "no_space"


class SuggestionError(RecommenderError, ValueError):
    """The suggestion cannot be decided. Load the page again."""

    code = "suggestion"


class EncoderError(RecommenderError, ValueError):
    """This cannot be done with the encoder. `manage.py recommender_encoder list` says how each one stands."""

    code = "encoder"
