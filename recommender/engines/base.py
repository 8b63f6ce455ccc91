"""What an engine is: three small contracts, each with one contract test suite in tests/engines/."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

from numpy.typing import NDArray

from recommender.core.types import Artefact, Block, Float32, Int32, Neighbours, Picture

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (done, total) as work goes on."""

Saved: TypeAlias = Mapping[str, NDArray[Any]]
"""An index's own arrays by name."""


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

    @property
    def sight(self) -> str:
        """What its blocks see of a picture, whatever they weigh: a name that changes when a unit block would.

        Vectors of two encoders of one sight are turned into each other by `core.blocks.reweighed`. Empty, as for most
        encoders, when they are not to be.
        """
        return ""

    def weight_options(self, weights: Mapping[str, float]) -> dict[str, Any]:
        """Options of the constructor with which the blocks have these weights; empty where it takes none.

        Args:
            weights: by the block's name, non-negative, summing to 1.
        """
        return {}

    @abstractmethod
    def encode(self, pictures: Sequence[Picture]) -> Float32:
        """Unit vectors, float32, shape (n, d), in the order of the pictures. n may be 0."""

    def warm(self) -> None:
        """Load now what the first picture would wait for; never builds anything. Nothing by default."""

    def read_attributes(self, vectors: Float32) -> dict[str, tuple[tuple[str, ...], Float32]]:
        """What stored vectors say about attributes that the encoder was trained on; nothing for most encoders.

        It loads no network, so that any process may ask.

        Args:
            vectors: from `encode`, float32, shape (n, d).

        Returns:
            By attribute its values, and their probabilities, float32, shape (n, c), rows summing to 1.
        """
        return {}


class VectorIndex(Engine, ABC):
    """The nearest of n rows by inner product of unit vectors; rows come, change and go without a rebuild.

    A row of zeros is a product without a picture: the index does not hold it and never finds it. A query of zeros finds
    nothing. A constructor only stores options; `open` gives the index its vectors. Searching is thread-safe, and goes
    on while rows are put and removed: a search sees all of such a change or nothing of it.

    Attributes:
        approximate: whether a row may be missed. Scores are exact inner products all the same.
        wired: arguments of the constructor that no setting names, because the services supply them: `transaction`, a
            way to the shop's database, and `space`, the encoder's version.
    """

    approximate: ClassVar[bool] = False
    wired: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def open(self, vectors: Float32, saved: Saved | None = None, *, origin: Int32 | None = None) -> None:
        """Answer from these vectors from now on, and forget all others.

        Args:
            vectors: unit vectors, float32, shape (n, d); may be a read-only memory map, which is not copied.
            saved: what `save` gave for the same vectors, perhaps memory-mapped: nothing is built and `vectors` are
                not read through. Without it the index is built, which may take minutes.
            origin: with `saved`, when the vectors are a later version of those it was saved for: int32, shape (n,),
                for each row the row that had this very vector then, -1 for a new or changed one. Only these are added.

        Raises:
            IndexUnusableError: when `saved` is damaged, of another version, or of other vectors.
            VectorRefusedError: when a vector that is built from has a value that is not finite.
        """

    @abstractmethod
    def copy(self) -> Self:
        """An index that answers the same and changes on its own. It costs nothing: what both hold is shared."""

    @abstractmethod
    def put(self, rows: Int32, vectors: Float32) -> None:
        """Add rows, or replace them; zeros remove.

        Args:
            rows: int32, shape (m,), distinct, >= 0; rows past the last extend the index, those skipped being empty.
            vectors: unit vectors, float32, shape (m, d).

        Raises:
            DimensionMismatchError: when d is not the index's.
            VectorRefusedError: for a value that is not finite; nothing is put then.
        """

    @abstractmethod
    def remove(self, rows: Int32) -> None:
        """Hold these rows no longer, int32, shape (m,); rows that it does not hold are ignored."""

    @abstractmethod
    def search(self, queries: Float32, k: int, *, among: Int32 | None = None) -> Neighbours:
        """The best k rows per query, best first, ties by lower row; fewer than k are padded as `Neighbours` says.

        With a filter too, fewer than k come back only when no more are held.

        Args:
            queries: float32, shape (q, d).
            k: how many.
            among: the rows that may be found, ascending, int32, shape (m,); all when None.

        Raises:
            DimensionMismatchError: when d is not the index's.
            VectorRefusedError: for a query with a value that is not finite.
        """

    @abstractmethod
    def save(self) -> dict[str, NDArray[Any]]:
        """What `open` needs, next to the vectors of now, to answer at once; empty when it needs nothing."""

    def prune(self, kept: Iterable[Saved]) -> None:
        """Drop what this kind of index keeps elsewhere than in `save`, save for what `kept` needs."""


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
