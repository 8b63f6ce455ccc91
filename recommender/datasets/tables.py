"""Rows of a .csv or .csv.gz file, one at a time: a broken row is reported with its line number and the rest goes on."""

import csv
import gzip
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from recommender.exceptions import DatasetError

MAX_LINE_BYTES = 1 << 20
_BOM = b"\xef\xbb\xbf"


class RowError(NamedTuple):
    """A row that was left out, and why. `line` counts from 1 and includes the header."""

    file: str
    line: int
    message: str


OnError = Callable[[RowError], None]


class _UnreadableLineError(ValueError):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class _Lines(Iterator[str]):
    """Decoded lines for `csv.reader`, which remember what the current record took so that it can be given back."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting: deque[tuple[int, str]] = deque()
        self._taken: list[tuple[int, str]] = []
        self._number = 0

    @property
    def first(self) -> int:
        """The line on which the current record began."""
        return self._taken[0][0] if self._taken else self._number

    def start_record(self) -> None:
        """Forget the lines of the record before."""
        self._taken.clear()

    def give_back(self, *, but: int) -> None:
        """Return the current record's lines to be read again, except the first `but`.

        An unclosed quote swallows the lines after it; they are rows of their own.
        """
        self._waiting.extendleft(reversed(self._taken[but:]))
        self._taken.clear()

    def __next__(self) -> str:
        item = self._waiting.popleft() if self._waiting else self._read()
        self._taken.append(item)
        return item[1]

    def _read(self) -> tuple[int, str]:
        raw = self._file.readline(MAX_LINE_BYTES)
        if not raw:
            raise StopIteration
        self._number += 1
        if self._number == 1:
            raw = raw.removeprefix(_BOM)
        if len(raw) >= MAX_LINE_BYTES and not raw.endswith(b"\n"):
            while (rest := self._file.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
            raise _UnreadableLineError(self._number, "the line is longer than 1 MiB")
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            raise _UnreadableLineError(self._number, "the line is not UTF-8") from error
        if "\0" in text:
            raise _UnreadableLineError(self._number, "the line contains a NUL character")
        return self._number, text


class Table:
    """One file of a data set folder, opened; iterating gives (line, cells by the header's order)."""

    def __init__(self, path: Path, file: BinaryIO, required: tuple[str, ...], on_error: OnError) -> None:
        self._name = path.name
        self._lines = _Lines(file)
        self._reader = csv.reader(self._lines, strict=True)
        self._on_error = on_error
        self.header = self._read_header(required)
        self.column = {name: position for position, name in enumerate(self.header)}

    def _read_header(self, required: tuple[str, ...]) -> list[str]:
        try:
            header = [name.strip() for name in next(self._reader, [])]
        except (csv.Error, _UnreadableLineError) as error:
            raise DatasetError(
                f"{self._name}: the header cannot be read ({error}). Save the file as UTF-8 CSV."
            ) from error
        if missing := [name for name in required if name not in header]:
            raise DatasetError(
                f"{self._name} has no column {', '.join(missing)}. Its first line must name the columns, "
                "separated by commas; docs/reference/datasets.md lists them."
            )
        if len(set(header)) < len(header):
            raise DatasetError(f"{self._name} names a column twice. Every column needs a name of its own.")
        return header

    def report(self, line: int, message: str) -> None:
        """Tell the caller that a row is left out."""
        self._on_error(RowError(self._name, line, message))

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        width = len(self.header)
        while True:
            self._lines.start_record()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                self.report(self._lines.first, f"the row is not valid CSV ({error})")
                self._lines.give_back(but=1)
                continue
            except _UnreadableLineError as error:
                self.report(error.line, str(error))
                self._lines.give_back(but=0)
                continue
            if len(cells) == width:
                yield self._lines.first, cells
            elif cells:
                self.report(self._lines.first, f"the row has {len(cells)} columns, the header has {width}")


def read_table(path: Path, required: tuple[str, ...], on_error: OnError) -> Iterator[tuple[Table, int, list[str]]]:
    """Each row of a plain or gzip-compressed CSV file, with its table and line number.

    Raises:
        DatasetError: when the file cannot be opened, its header is unusable, or its compressed data end too early.
    """
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            table = Table(path, file, required, on_error)  # type: ignore[arg-type]  # GzipFile reads like a BinaryIO
            for line, cells in table:
                yield table, line, cells
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DatasetError(
            f"{path.name} is damaged or cut short ({error}). Copy or download the file again, then `gzip -t` it."
        ) from error
    except OSError as error:
        raise DatasetError(f"{path.name} cannot be read: {error.strerror or error}.") from error


def count_lines(path: Path) -> int:
    """How many lines follow the first; what can be counted of a damaged file."""
    lines = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            while chunk := file.read(MAX_LINE_BYTES):
                lines += chunk.count(b"\n")
    except (EOFError, OSError, zlib.error):
        pass  # reading the table reports it
    return max(0, lines - 1)
