"""The middleware behind the gate that hides what was taken down: 451 stands in its place, with the reason (RFC 7725).

The rows are hidden from whatever reads the database; this adds only the status and the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from archive.database.closed_collections import hiding
from pressmark.http.problems import WITHHELD, problem
from pressmark.http.route_roles import rule_of
from pressmark.http.target import parameters, target
from pressmark.service.access.take_downs import (
    ActiveTakeDowns,
    covering,
    of_captures,
    rows_of,
    tombstone,
    withheld,
)
from scheduler.ledger.take_downs import TakeDown

Asked = tuple[str, Sequence[str]]
STATUS, UNKNOWN = 451, 503
_SHOWS = frozenset({"GET", "HEAD"})
_STAMPS = ("timestamp", "start", "end")
"""The parameters of a path that are times of captures."""
_MATCHES, _EXACT = ("match", "matchType"), "exact"
"""The parameters that say which pages a URL stands for, and the value for itself alone."""
_MEMENTO = re.compile(r"/[a-z0-9-]+/(?:(?:timemap/[a-z]+(?:/\d{1,6})?|(?P<timestamp>\d{0,14})(?:[a-z]{2,3}_)?|\*)/)?")
"""The path of a Wayback route up to the URL."""
_WAYBACK = "/{rest:path}"
_ENDS = ("{url:path}", "{rest:path}")


class TakeDownMiddleware:
    def __init__(
        self, app: ASGIApp, take_downs: ActiveTakeDowns, asked: Callable[[Scope], Asked] | None = None
    ) -> None:
        """`asked` returns what a request is about; by default as our routes name it."""
        self._app = app
        self._take_downs = take_downs
        self._asked = asked or _asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        active = self._take_downs.known()
        if active is None:
            active = await run_in_threadpool(self._take_downs.active_or_withheld)
        if not active:
            await self._app(scope, receive, send)
            return
        if (unknown := withheld(active)) is not None:
            if rule_of(scope["method"], scope["path"]).rule.archived:
                await (await _answer(scope, unknown, UNKNOWN))(scope, receive, send)
                return
            scope.setdefault("state", {})[WITHHELD] = unknown.reason
        url, stamps = self._asked(scope) if scope["method"] in _SHOWS else ("", ())
        if url and (one := covering(active, url, stamps)):
            await (await _answer(scope, one))(scope, receive, send)
            return
        with hiding(rows_of(active)):
            await self._app(scope, receive, self._replacing(scope, receive, send, of_captures(active, url)))

    def _replacing(self, scope: Scope, receive: Receive, send: Send, single: TakeDown | None) -> Send:
        """Replace the answer that there is no capture: there are, and they were taken down.

        `single` is the take-down of captures of the page that the request names.
        """
        record = _record_in(scope)
        if single is None and record is None:
            return send
        replaced = False

        async def sending(message: Message) -> None:
            nonlocal replaced
            is_missing = message["type"] == "http.response.start" and message["status"] == 404
            if is_missing and (one := single or await run_in_threadpool(self._take_downs.of_record, record or "")):
                replaced = True
                await (await _answer(scope, one))(scope, receive, send)
            elif not replaced:
                await send(message)

        return sending


async def _answer(scope: Scope, one: TakeDown, status: int = STATUS) -> Response:
    accepted = Headers(scope=scope).get("accept", "")
    if "text/html" in accepted and not scope["path"].startswith("/api/") and "app" in scope:
        from pressmark.http.render import problem_page

        answer: Response = await run_in_threadpool(partial(problem_page, Request(scope), status, tombstone(one)))
    else:
        answer = problem(status, tombstone(one))
    if status == STATUS:
        answer.headers["Link"] = f'<{str(Request(scope).base_url).rstrip("/")}>; rel="blocked-by"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _record_in(scope: Scope) -> str | None:
    """Return the name of the record in the address; None without one."""
    return rule_of(scope["method"], scope["path"]).parameters.get("record") if scope["method"] in _SHOWS else None


def _asked(scope: Scope) -> Asked:
    """Return the URL that a request is about, empty without one, and the times of captures in its address."""
    matched = rule_of(scope["method"], scope["path"])
    raw_path: bytes = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0]
    query: bytes = scope["query_string"]
    rule = matched.rule.path
    if rule.count("/") == 2 and rule.endswith(_WAYBACK):
        found = _MEMENTO.match(raw_path.decode("latin-1"))
        if found is None:
            return "", ()
        return target(raw_path, query, found[0].count("/") - 1), [found["timestamp"] or ""]
    stamps = [matched.parameters[name] for name in _STAMPS if name in matched.parameters]
    if rule.endswith(_ENDS):
        before = rule.strip("/").count("/")
        return target(raw_path, query, before), stamps
    asked = dict(parameters(query))
    if any(asked.get(name, _EXACT) != _EXACT for name in _MATCHES):
        return "", ()  # it is about many pages: what was taken down is left out
    return asked.get("url", ""), stamps
