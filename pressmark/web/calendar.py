"""The captures of a URL: its years, the months of one of them or one month alone, and a list, newest first."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import HTMLResponse

from archive.index.tallies import Tallies
from archive.retrieval.rendered import pictured, pictures_of_days
from archive.texts.snapshot_notes import SnapshotNotes
from archive.values.timestamps import timestamp14
from pressmark.http.dependencies import Desk, Part
from pressmark.http.render import page
from pressmark.http.target import named_in
from pressmark.service.service import Service
from pressmark.upkeep.why import why
from pressmark.views.capture_pages import captures_of
from pressmark.views.links import link
from pressmark.views.source_shapes import WhyShape

router = Part(include_in_schema=False)

_PAGE = 50
"""Captures on a page of the list."""
_MONTH = r"^[12]\d{3}-(0[1-9]|1[0-2])$"


@dataclass(frozen=True, slots=True)
class Year:
    """A bar of the histogram."""

    year: int
    count: int
    share: int
    """In percent of the highest bar; at least 2 when there is any capture."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month in weeks from Monday on; days of other months are None."""

    year: int
    month: int
    weeks: tuple[tuple[tuple[date, int] | None, ...], ...]

    @property
    def name(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def count(self) -> int:
        """The number of its captures."""
        return sum(cell[1] for week in self.weeks for cell in week if cell)


@router.get("/captures")
def captures(
    request: Request,
    service: Desk,
    *,
    year: int | None = None,
    month: Annotated[str | None, Query(pattern=_MONTH)] = None,
    day: date | None = None,
    tag: str = "",
    cursor: str | None = None,
) -> HTMLResponse:
    """Show the captures of a URL; with a tag, those to which people gave it."""
    url = named_in(request).strip()
    stamp = f"{day:%Y%m%d}" if day else month.replace("-", "") if month else None
    found = captures_of(service, url, since=stamp, until=stamp, tag=tag, cursor=cursor, limit=_PAGE) if url else None
    address = found.alias_of if found else None
    days = Tallies(service.database, service.index.months).days(address or url) if url else {}
    shown = int(month[:4]) if month else year
    shown = shown if shown is not None else day.year if day else max(days, default=date.min).year
    before, after = neighbours(days, month) if month else (None, None)
    return page(
        request,
        "captures.html",
        url=url,
        address=address,
        captures=found.items if found else [],
        following=found.next if found else None,
        years=list(years_of(days)),
        months=[one for one in months_of(days, shown) if month in {None, one.name}] if days else [],
        chosen=month,
        before=before,
        after=after,
        shown=shown,
        day=day,
        total=sum(days.values()),
        tag=tag,
        tags=list(SnapshotNotes(service.database).offered(tag)) if days else [],
        why=_why(service, url) if url and not days else None,
        pictures=_pictures(service, address or url, month) if month and days else {},
        pictured=pictured(service.index, address or url, [one.at for one in found.items]) if found else set(),
    )


def _why(service: Service, url: str) -> WhyShape | None:
    """Return why a page without captures is not archived; None for what is not the URL of a page."""
    try:
        return why(service, url)
    except ValueError:
        return None


def _pictures(service: Service, url: str, month: str) -> dict[date, str]:
    """Return where the last picture of each day of a month is, after `/view/thumbnail/`."""
    first = datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1]) + timedelta(days=1, microseconds=-1)
    found = pictures_of_days(service.index, url, first, last)
    return {day: f"{timestamp14(at)}/{link(url)}" for day, at in found.items()}


def years_of(days: Mapping[date, int]) -> Iterator[Year]:
    """Return all years from the first to the last, including years without captures."""
    counts: dict[int, int] = {}
    for day, count in days.items():
        counts[day.year] = counts.get(day.year, 0) + count
    highest = max(counts.values(), default=0)
    for year in range(min(counts, default=0), max(counts, default=-1) + 1):
        count = counts.get(year, 0)
        yield Year(year, count, max(2, round(100 * count / highest)) if count else 0)


def neighbours(days: Iterable[date], month: str) -> tuple[str | None, str | None]:
    """Return the nearest months with captures, before it and after."""
    kept = sorted({f"{day:%Y-%m}" for day in days})
    before = [one for one in kept if one < month]
    after = [one for one in kept if one > month]
    return (before[-1] if before else None), (after[0] if after else None)


def months_of(days: Mapping[date, int], year: int) -> Iterator[Month]:
    """Return the months of a year with captures."""
    kept = sorted({day.month for day in days if day.year == year})
    for month in kept:
        weeks = calendar.Calendar().monthdatescalendar(year, month)
        yield Month(
            year,
            month,
            tuple(tuple((d, days.get(d, 0)) if d.month == month else None for d in week) for week in weeks),
        )
