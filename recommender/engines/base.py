"""What an engine is: three small contracts, each with one contract test suite in tests/engines/."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from recommender.core.types import Artefact, Block, Float32, Neighbours, Picture

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (done, total) as work goes on."""


class Engine:
    """What all engines share: they can say what they lack, without importing or building anything.

    Attributes:
        requires: top-level modules that the engine cannot work without.
        extra: the extra of this package that installs them.
    """

    requires: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = ""

    def missing(self) -> list[str]:
        """Sentences on what this engine lacks on this machine, each with its cure; empty when it is ready."""
        cure = f"pip install 'django-visual-recommender[{self.extra}]'" if self.extra else "pip install {name}"
        return [
            f"{type(self).__name__} needs {name}: {cure.format(name=name)}"
            for name in self.requires
            if find_spec(name) is None
        ]


class Encoder(Engine, ABC):
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


class VectorIndex(Engine, ABC):
    """Nearest rows by inner product of unit vectors.

    A constructor only stores options; `open` gives the index its vectors. Searching is thread-safe.
    """

    @abstractmethod
    def open(self, vectors: Float32) -> None:
        """Answer from these vectors from now on.

        Args:
            vectors: unit vectors, float32, shape (n, d); may be a read-only memory map.
        """

    @abstractmethod
    def search(self, queries: Float32, k: int) -> Neighbours:
        """The best k rows per query, best first, ties by lower row; fewer than k are padded as `Neighbours` says.

        Args:
            queries: float32, shape (q, d).
            k: how many.

        Raises:
            DimensionMismatchError: when d is not the index's.
        """


class CollaborativeModel(Engine, ABC):
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
