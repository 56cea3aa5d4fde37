"""Logs: one JSON object a line, or one line for people on a terminal; control characters escaped, secrets hidden."""

from __future__ import annotations

import json
import logging
import sys
import threading
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from pressmark.service.redaction import redaction

_LOUD = (
    "scrapy",
    "asyncio",
    "uvicorn",
    "uvicorn.error",
    "uvicorn.access",
    "apscheduler",
    "botocore",
    "boto3",
    "urllib3",
    "filelock",
    "alembic",
)
"""Libraries whose information nobody reads: only their warnings are logged."""


def configure(level: str = "info", *, stream: TextIO | None = None, people: bool = False) -> None:
    """Send structlog's events and the standard library's records through one chain, to `stream` (default: stderr).

    They are written as JSON, or in a form for `people`.
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
            processors=[*last, for_people if people else render],
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


def log_failed_thread(failed: threading.ExceptHookArgs) -> None:
    """Log what ended a thread. Python's own hook writes it as it is, with what is secret in its message."""
    if failed.exc_value is not None and not isinstance(failed.exc_value, SystemExit):
        name = failed.thread.name if failed.thread else "?"
        logging.getLogger(__name__).error("the thread %s failed", name, exc_info=failed.exc_value)


def render(_logger: Any, _method: str, event: EventDict) -> str:
    """Render JSON in ASCII, so that no control character, escape sequence or bidirectional mark reaches a terminal."""
    return json.dumps(event, ensure_ascii=True, default=str)


def for_people(_logger: Any, _method: str, event: EventDict) -> str:
    """Render ``12:30:05 warning  page failed  url=https://…``, in ASCII too."""
    at, level, name = (str(event.pop(key, "")) for key in ("timestamp", "level", "event"))
    event.pop("logger", None)
    trace = event.pop("exception", None)
    facts = "  ".join(f"{key}={json.dumps(value, default=str)}" for key, value in event.items())
    line = f"{at[11:19]} {level:8} {name}  {facts}".rstrip().encode("ascii", "backslashreplace").decode()
    return "\n".join([line.translate(_CONTROLS), *([str(trace)] if trace else [])])


_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127)}


def _redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return {key: redaction.value(value, key) for key, value in event.items()}


def _in_order(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Put time and level first: people read logs, too."""
    first = {name: event[name] for name in ("timestamp", "level", "event") if name in event}
    return {**first, **event}
