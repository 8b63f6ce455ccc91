"""Cells of a data set folder as Python values. Every function raises ValueError with a sentence about the cell."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path, PurePosixPath

MAX_QUANTITY = 2**31 - 1
MAX_PRICE = Decimal(10) ** 8


def parse_text(cell: str, column: str, longest: int, *, required: bool = False) -> str:
    """The cell without surrounding white space."""
    text = cell.strip()
    if required and not text:
        raise ValueError(f"{column} is empty")
    if len(text) > longest:
        raise ValueError(f"{column} is longer than {longest} characters")
    return text


def parse_time(cell: str) -> datetime | None:
    """An ISO 8601 time in UTC; without an offset it is taken as UTC; None when empty."""
    text = cell.strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"occurred_at is {text[:40]!r}, not an ISO 8601 time") from None


def parse_quantity(cell: str, kind: str) -> int:
    """A whole number, 1 (or -1 for a refund) when empty; negative for refunds and only for them."""
    text = cell.strip()
    refund = kind == "refund"
    if not text:
        return -1 if refund else 1
    try:
        quantity = int(text)
    except ValueError:
        raise ValueError(f"quantity is {text[:40]!r}, not a whole number") from None
    if not 0 < abs(quantity) <= MAX_QUANTITY:
        raise ValueError(f"quantity is {text[:40]}, outside 1..{MAX_QUANTITY}")
    if refund != (quantity < 0):
        raise ValueError(f"quantity is {quantity} on a {kind}: refunds are negative, everything else is positive")
    return quantity


def parse_price(cell: str) -> Decimal | None:
    """A finite amount of 0 or more, None when empty."""
    text = cell.strip()
    if not text:
        return None
    try:
        price = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"price is {text[:40]!r}, not a number") from None
    if not price.is_finite() or not 0 <= price < MAX_PRICE:
        raise ValueError(f"price is {text[:40]}, outside 0..{MAX_PRICE}")
    return price


def parse_path(cell: str, root: Path) -> Path:
    """The file inside the folder that a relative path names. It need not exist.

    Args:
        cell: a path with forward slashes.
        root: the folder, already resolved.
    """
    text = cell.strip()
    relative = PurePosixPath(text)
    if not text or relative.is_absolute() or ".." in relative.parts or "\\" in text or ":" in text:
        raise ValueError(f"the path {text[:80]!r} is not a relative path inside the folder")
    try:
        resolved = (root / relative).resolve()
    except (OSError, RuntimeError, ValueError):
        raise ValueError(f"the path {text[:80]!r} cannot be followed") from None
    if not resolved.is_relative_to(root):
        raise ValueError(f"the path {text[:80]!r} leads out of the folder")
    return resolved
