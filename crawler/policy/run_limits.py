"""The limits of a source that end its run early, each as a sentence once it is reached."""

from __future__ import annotations

from config.values.source_limits import Limits


def page_limit(limits: Limits, pages: int) -> str | None:
    """Return that the limit of pages was reached; None below it, or without a limit."""
    return _reached(limits.pages, pages, "pages")


def byte_limit(limits: Limits, received: int) -> str | None:
    """Return that the limit of received bytes was reached; None below it, or without a limit."""
    return _reached(limits.bytes, received, "bytes")


def _reached(most: int | None, count: int, unit: str) -> str | None:
    return None if most is None or count < most else f"the limit of {most} {unit} was reached"
