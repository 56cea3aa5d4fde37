"""All sources as the lines of one table: the cost of a line is small, as there may be 50,000."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from config.duration import duration_in_words, parse_duration
from pressmark.service.access.source_facts import in_text

if TYPE_CHECKING:
    from config.values.timetable import Timed, Timetable
    from pressmark.service.service import Service

_WORST_FIRST = ("error", "failed", "blocked", "empty", "partial", "limited", "cancelled", "running", "queued", "new")


class SourceLine(NamedTuple):
    """What a table of all sources says of one."""

    name: str
    state: str
    walk: str
    timetable: str | None
    next: datetime | None
    seeds: Sequence[str]


def source_lines(service: Service) -> list[SourceLine]:
    """Return a line for each source, the failing ones first. No source is built for it."""
    listed = service.sources.listed()
    standing, coming = service.standing([one.name for one in listed]), service.coming(listed)
    lines = (
        SourceLine(
            *(one.name, standing.state(one.name), one.walk, timetable_words(one), coming.first(one)),
            [in_text(seed) for seed in one.seeds],
        )
        for one in listed
    )
    return sorted(lines, key=lambda line: (rank(line.state), line.name))


def timetable_words(source: Timed) -> str | None:
    """Describe a timetable: ``every 6 hours``, ``cron 0 */6 * * * (Asia/Shanghai)``, ``at 06:30, 18:30``."""
    return None if source.timetable is None else _words(source.timetable)


@lru_cache(maxsize=1 << 12)  # many sources have the same
def _words(table: Timetable) -> str:
    facts = table.model_dump(mode="json")
    if table.at:
        return f"at {', '.join(facts['at'])}{_zone(table.timezone)}"
    if table.cron:
        return f"cron {table.cron}{_zone(table.timezone)}"
    return f"every {_spoken(facts['every'] or facts['adaptive']['min'])}"


def _spoken(duration: str) -> str:
    """Return ``6 hours`` for ``6h``, ``hour`` for ``1h``, ``1 hour 30 minutes`` for ``1h30m``."""
    words = duration_in_words(parse_duration(duration))
    return words.removeprefix("1 ") if words.count(" ") == 1 else words


def _zone(name: str | None) -> str:
    return f" ({name})" if name else ""


def rank(state: str) -> int:
    """Return the place of a state in a list that begins with the failing sources."""
    return _WORST_FIRST.index(state) if state in _WORST_FIRST else len(_WORST_FIRST)
