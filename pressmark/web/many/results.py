"""The results of an action on several sources, and the page that shows them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.responses import HTMLResponse

from archive.values.os_errors import is_refusal
from pressmark.http.errors import explained
from pressmark.http.render import page
from pressmark.service.service import Service


class Back(NamedTuple):
    """What an action changed about a source: what is now, and what was before."""

    source: str
    key: str
    now: Any
    before: Any

    def written(self) -> str:
        """Return it as a field of a form."""
        return json.dumps(self._asdict(), ensure_ascii=False)


class Acted(NamedTuple):
    """What an action did to a source."""

    path: str | None = None
    """The page of what it made: a run."""
    back: Back | None = None
    """What undoes it; None if nothing changed, or if it can't be undone."""
    gone: bool = False
    """Whether the source has no page any more."""


class Done(NamedTuple):
    """The result of an action on a source."""

    name: str
    path: str | None = None
    why: str | None = None
    """Why it failed."""
    back: str | None = None
    """What undoes it, as a form sends it."""
    gone: bool = False


Act = Callable[[Service, str], Acted]
"""Acts on a source."""


def all_done(service: Service, names: Sequence[str], act: Act, path: str) -> list[Done]:
    """Act on sources. Whatever goes wrong is the result of its source: those of the others are shown.

    Once the disk or the database accepts nothing, that is the result of the rest, too: each attempt may wait a minute.
    """
    done: list[Done] = []
    refused: str | None = None
    for name in names:
        if refused is not None:
            done.append(Done(name, None, refused))
            continue
        try:
            acted = act(service, name)
            done.append(Done(name, acted.path, None, acted.back.written() if acted.back else None, acted.gone))
        except Exception as error:
            why = explained(error, path)[1]
            refused = why if is_refusal(error) else None
            done.append(Done(name, None, why))
    return done


def answer(request: Request, done: Sequence[Done], *, undone: bool = False) -> HTMLResponse:
    """Show the result of each source; 422 if the action failed for all."""
    good = sum(one.why is None for one in done)
    status, runs = 200 if good else 422, any(one.path for one in done)
    return page(request, "sources-done.html", status=status, done=done, count=good, undone=undone, runs=runs)
