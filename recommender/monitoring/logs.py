"""Log lines for people and for machines, with the request's id and without anything that names a person."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from celery import current_task

from recommender.monitoring import request_ids

FIELDS = ("method", "route", "status", "milliseconds")
"""What a record may carry besides its message: see `recommender.monitoring.measuring`."""

_PERSONAL: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^DETAIL:.*\n?", re.MULTILINE), ""),  # PostgreSQL repeats the values of the row that it refuses
    (re.compile(r"(?<=/reset/)\S+"), "[secret]"),
    (re.compile(r"[\w.+-]+(?:@|%40)[\w-]+\.[\w.-]*\w"), "[e-mail]"),
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE), "[id]"),
    (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"), "[address]"),
    (re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE), "[address]"),
)


def scrubbed(text: str) -> str:
    """The text without e-mail and network addresses, random ids, reset links and the row values of database errors.

    The second line of defence: the first is that nothing personal is logged at all. A name cannot be recognised.
    """
    for pattern, instead in _PERSONAL:
        text = pattern.sub(instead, text)
    return text


class LineFormatter(logging.Formatter):
    """One line a record, for people; the request's id at its end."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line."""
        record.message = scrubbed(record.message)
        line = super().formatMessage(record)
        return f"{line} [{request_ids.current()}]" if request_ids.current() else line

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """The traceback."""
        return scrubbed(super().formatException(ei))


class JsonFormatter(logging.Formatter):
    """One JSON object a record and line: time, level, logger, message, and what is known of request and task."""

    def format(self, record: logging.LogRecord) -> str:
        """The object."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": scrubbed(record.getMessage()),
        }
        if request_id := request_ids.current():
            line["request_id"] = request_id
        if current_task:
            line |= {"task": current_task.name, "task_id": current_task.request.id}
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = scrubbed(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)
