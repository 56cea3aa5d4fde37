"""Logs of a command: one line each, for people. The service has `pressmark.service.logs`, which is slower to import."""

from __future__ import annotations

import logging
from typing import TextIO

from pressmark.cli.terminal.output import in_one_line
from pressmark.service.redaction import redaction
from pressmark.service.unread import write_if_read


class _Handler(logging.StreamHandler[TextIO]):
    """Writes the log to a stream, as long as it has a reader."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            write_if_read(self.stream, self.format(record) + self.terminator)
        except Exception:
            self.handleError(record)


class _Line(logging.Formatter):
    """Format what happened, to which source or notifier, and why, as far as the record says it."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        why = getattr(record, "reason", None) or (getattr(error, "orig", error))
        sentence = ": ".join(str(each) for each in (_subject(record), record.getMessage(), why) if each)
        line = f"{record.levelname.lower()}: {sentence}"
        return redaction.text(in_one_line(line))


def _subject(record: logging.LogRecord) -> str | None:
    return getattr(record, "source", None) or getattr(record, "notifier", None)


class _Once(logging.Filter):
    """Show a persistent condition, such as a full disk, only once until another message comes."""

    def __init__(self) -> None:
        super().__init__()
        self._last: tuple[str, str, str | None] | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        entry = (record.name, record.getMessage(), _subject(record))
        last, self._last = self._last, entry
        return last != self._last


def listen(verbosity: int) -> None:
    """Show warnings and errors; with -v also information, and with -vv everything."""
    handler = _Handler()
    handler.setFormatter(_Line())
    handler.addFilter(_Once())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel({-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG))
    for name in ("scrapy", "asyncio", "botocore", "boto3", "urllib3", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
