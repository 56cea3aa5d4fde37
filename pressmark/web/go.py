"""Go to a page, a source or an action by a few letters: a form, and the list of the dialog that `/` and Ctrl-K open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fastapi import Request
from fastapi.responses import HTMLResponse

from pressmark.http.catalog import language_of, translator
from pressmark.http.dependencies import Desk, Part
from pressmark.http.render import page
from pressmark.http.words import ACTIONS, NAVIGATION
from pressmark.service.service import Service

router = Part(include_in_schema=False)

_MOST = 12
"""Sources of one list."""


class Place(NamedTuple):
    """A page, or an action, in the words of the reader."""

    path: str
    name: str
    role: str
    post: bool = False
    """Whether it is an action, which a button sends."""


@router.get("/search/go")
def go(request: Request, service: Desk, q: str = "") -> HTMLResponse:
    wanted = q.strip().casefold()
    return page(
        request,
        "go.html",
        words=q.strip(),
        places=list(_places(language_of(request), wanted)),
        sources=_sources(service, wanted) if wanted else [],
    )


def _places(language: str, wanted: str) -> Iterator[Place]:
    """Yield the pages and actions whose names, in English or as translated, or whose paths have these letters."""
    say = translator(language)
    known = [Place(*entry) for _, entries in NAVIGATION for entry in entries] + [Place(*entry) for entry in ACTIONS]
    for place in known:
        name = str(say(place.name))
        if wanted in f"{place.name}\n{name}\n{place.path}".casefold():
            yield place._replace(name=name)


def _sources(service: Service, wanted: str) -> list[str]:
    """Return the sources whose names or tags have these letters: those that begin with them first."""
    service.sources.poll()
    found = [
        one.name
        for one in service.sources.outlines()
        if wanted in one.name or any(wanted in tag.casefold() for tag in one.tags)
    ]
    return sorted(found, key=lambda name: (not name.startswith(wanted), name))[:_MOST]
