"""The strip of a source: a coloured mark for each of its last runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from markupsafe import Markup

from pressmark.web.catalog import translator
from pressmark.web.reader import reader
from pressmark.web.times import clock
from scheduler.history import Mark


def marks(runs: Iterable[Mark]) -> Markup:
    """A mark says how its run ended, and when. A page has a thousand of them, nearly all those of the time before."""
    whose = reader.get()
    made = [_mark(run.outcome, run.requested_at, whose.language, whose.zone) for run in runs]
    return Markup("".join(made))  # noqa: S704 (each is escaped)


@lru_cache(maxsize=1 << 14)
def _mark(outcome: str, at: datetime, language: str, zone: str) -> str:
    title = f"{translator(language)(outcome)} {clock(at, zone)}"
    return str(Markup('<i class="{}" title="{}"></i>').format(outcome, title))
