"""Logs of a command: a line each, for people. The service has `pressmark.logs`, which costs more to import."""

from __future__ import annotations

import logging

from pressmark.cli.output import in_one_line
from pressmark.redaction import redaction


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redaction.text(in_one_line(f"{record.levelname.lower()}: {record.getMessage()}"))


def listen(verbosity: int) -> None:
    """Warnings and errors are heard; with -v what happens, too, and with -vv everything."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Line())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel({-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG))
    for name in ("scrapy", "asyncio", "botocore", "boto3", "urllib3", "alembic", "trafilatura"):
        logging.getLogger(name).setLevel(logging.WARNING)
