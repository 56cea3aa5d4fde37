"""Add a source in two steps: inspect the site and fetch one page of it; then, on confirmation, write the file."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from config.errors import ConfigError, Problem
from config.load import parse_sources
from config.source import Source
from crawler.wire.guard import AddressForbidden
from pressmark.discover.drafted_source import inspect_and_propose, user_agent
from pressmark.discover.inspect import UnfitUrl
from pressmark.discover.propose import ProposalOptions
from pressmark.discover.trial import fetch_trial
from pressmark.discover.visit import SiteUnreachable
from pressmark.http.callers import caller_name, may_keep_secrets
from pressmark.http.dependencies import Desk, Part
from pressmark.http.errors import status_of
from pressmark.http.gate import note
from pressmark.http.in_thread import in_thread
from pressmark.http.render import page
from pressmark.service.service import Service
from pressmark.service.source_editing import add_source
from pressmark.web.forms import form
from scheduler.timetables.clockchange import next_change
from scheduler.timetables.timetable import entry_of, next_ticks

router = Part(include_in_schema=False)

_NEXT = 5
"""Coming due times that the page shows before a source is saved."""
_EMPTY = dict.fromkeys(("url", "name", "every", "addresses", "first", "last"), "")
"""The fields of the form."""


@router.get("/add")
def show_form(request: Request, url: str = "") -> HTMLResponse:
    return page(request, "add.html", fields=_EMPTY | {"url": url}, refused=None, network=None)


@router.post("/add")
async def inspect(request: Request, service: Desk) -> HTMLResponse:
    """Inspect the site, and show what the source would fetch. Nothing is written."""
    fields = _EMPTY | await form(request)
    bounds = {key: value for key in ("first", "last") if (value := fields[key].strip())}
    wish = ProposalOptions(
        name=fields["name"].strip() or None,
        every=fields["every"].strip() or None,
        addresses=tuple(fields["addresses"].replace(",", " ").split()),
        keys={"series": bounds} if bounds else {},
    )
    settings, known = service.settings, service.sources.good
    try:
        found = await inspect_and_propose(
            fields["url"].strip(), wish, settings=settings, known=known, now=service.now, figures=service.figures
        )
    except (ConfigError, UnfitUrl, SiteUnreachable, AddressForbidden) as error:
        status = status_of(error)
        why: dict[str, Any] = {"refused": str(error), "network": getattr(error, "network", None)}
        return await run_in_threadpool(page, request, "add.html", status=status, fields=fields, **why)
    agent, now = user_agent(settings), service.now
    trial = await fetch_trial(found.proposal, found.seen.robots, settings, agent, service.figures, now=now)
    facts: dict[str, Any] = {"found": found, "trial": trial, "text": found.text, "refused": None, "removed": None}
    facts |= _when(found.text, service)
    return await run_in_threadpool(page, request, "proposal.html", **facts)


@router.post("/add/times")
async def times(request: Request, service: Desk) -> Response:
    """Show when the source would run, as edited by the person. Nothing is written."""
    text = await _edited(request)
    try:
        facts = await in_thread(partial(_when, text, service))
    except ConfigError as error:
        return await run_in_threadpool(_refused, request, text, error)
    shown = {"found": None, "trial": None, "text": text, "refused": None, "removed": None, **facts}
    return await run_in_threadpool(page, request, "proposal.html", **shown)


@router.post("/add/write")
async def write(request: Request, service: Desk) -> Response:
    """Write the file, as edited by the person."""
    text = await _edited(request)
    try:
        await in_thread(partial(_only_source, text))
        add = partial(add_source, with_secrets=may_keep_secrets())
        source = await in_thread(partial(add, service, text, caller_name()))
        note(request, target=source.name, after=service.facts_of(source.name))
    except (ConfigError, ValueError) as error:
        return await run_in_threadpool(_refused, request, text, error)
    return RedirectResponse(f"/sources/{source.name}", 303)


async def _edited(request: Request) -> str:
    return (await form(request)).get("text", "").replace("\r\n", "\n")


def _refused(request: Request, text: str, error: Exception) -> HTMLResponse:
    facts: dict[str, Any] = {"found": None, "trial": None, "text": text, "refused": str(error), "removed": None}
    return page(request, "proposal.html", status=status_of(error), **facts, ticks=None, zone="UTC", change=None)


def _only_source(text: str) -> Source:
    """Return the one source in a text. Raises ConfigError."""
    sources = parse_sources(text)
    if len(sources) != 1:
        raise ConfigError(Problem(f"this defines {len(sources)} sources; add them one at a time"))
    return sources[0]


def _when(text: str, service: Service) -> dict[str, Any]:
    """Return the next five times, and the next change of the clocks, if soon. Raises ConfigError."""
    return times_of(_only_source(text), service.settings.timezone, service.now())


def times_of(source: Source, usual: str, now: datetime, count: int = _NEXT) -> dict[str, Any]:
    """Return what a page shows of a source's next times: in its own zone, with the next change of its clocks."""
    entry, table = entry_of(source, usual), source.timetable
    zone = (table.timezone if table else None) or usual
    local = bool(table and (table.cron or table.at))
    return {
        "ticks": [tick.due for tick in next_ticks(entry, now, count)] if entry else [],
        "zone": zone if local else "UTC",
        "change": next_change(zone, now, timedelta(days=370)) if local else None,
    }
