"""What an engine is: three small contracts, each with one contract test suite in tests/engines/."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from recommender.core.types import Artefact, Block, Float32, Int64, Picture

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (done, total) as work goes on."""


class Encoder(ABC):
    """Pictures in, unit vectors out.

    A constructor only stores options: it never loads a network, so that a page may ask for `version` or `blocks`.
    Encoders are thread-safe and build their networks on first use, inside the process that uses them.
    """

    @property
    @abstractmethod
    def version(self) -> str:
        """A name that changes whenever the vectors of equal pictures would, at most 100 characters."""

    @property
    @abstractmethod
    def blocks(self) -> tuple[Block, ...]:
        """The vector's parts, in column order, without gaps."""

    @property
    def dimension(self) -> int:
        """The length d of a vector."""
        return self.blocks[-1].stop

    @abstractmethod
    def encode(self, pictures: Sequence[Picture]) -> Float32:
        """Unit vectors, float32, shape (n, d), in the order of the pictures. n may be 0."""


class VectorIndex(ABC):
    """Nearest rows by inner product of unit vectors."""

    @abstractmethod
    def search(self, queries: Float32, k: int) -> tuple[Int64, Float32]:
        """The best k rows per query, best first, ties by lower row.

        Args:
            queries: float32, shape (q, d).
            k: how many; a shorter index pads with row -1 and score 0.

        Returns:
            rows int64 (q, k) and inner products float32 (q, k).

        Raises:
            DimensionMismatchError: when d is not the index's.
        """

    @property
    @abstractmethod
    def size(self) -> int:
        """How many vectors are in the index."""


class CollaborativeModel(ABC):
    """Learns from a users x products matrix and publishes a NumPy-only artefact."""

    @abstractmethod
    def fit(self, interactions: "csr_matrix", progress: Progress | None = None) -> Artefact:
        """Factors or item-item weights.

        Args:
            interactions: float32 CSR, shape (users, n), weights > 0 (0 entries removed); not modified.
            progress: called with (done, total).

        Raises:
            NotEnoughHistoryError: when the matrix is empty or too small for the method.
        """
