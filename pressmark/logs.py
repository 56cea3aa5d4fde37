"""Logs: a JSON object a line, control characters escaped, secrets hidden; those of a run in a file of its own, too."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from pressmark.redaction import redaction

_LOUD = ("scrapy", "asyncio", "uvicorn.access", "apscheduler", "botocore", "boto3", "urllib3", "filelock", "alembic")
"""Libraries that tell more than anybody reads: from them, warnings only."""


def configure(level: str = "info", *, stream: TextIO | None = None, runs: Path | None = None) -> None:
    """Send structlog's events and the standard library's records through one chain, to `stream` (default: stderr).

    Events that carry `run=` are written to `runs`/<run>.jsonl too, if `runs` is given.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.format_exc_info,
    ]
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _redact, _in_order]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *shared],
            processors=[*last, *([RunLogs(runs)] if runs else []), render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _LOUD:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(root.level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def render(_logger: Any, _method: str, event: EventDict) -> str:
    """JSON in ASCII: no control character, escape sequence or bidirectional mark reaches a terminal as itself."""
    return json.dumps(event, ensure_ascii=True, default=str)


class RunLogs:
    """Writes the events of each run beside the general log. A file is opened for each line: a run logs little."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def __call__(self, logger: Any, method: str, event: EventDict) -> EventDict:
        run = event.get("run")
        if isinstance(run, str) and run.replace("-", "").isalnum():
            self._directory.mkdir(parents=True, exist_ok=True)
            with (self._directory / f"{run}.jsonl").open("a", encoding="ascii") as file:
                file.write(render(logger, method, event) + "\n")
        return event


def _redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return {key: redaction.value(value, key) for key, value in event.items()}


def _in_order(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """When and how bad first: a log is read by eye as well."""
    first = {name: event[name] for name in ("timestamp", "level", "event") if name in event}
    return {**first, **event}
