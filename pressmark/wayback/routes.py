"""Which handler answers which path.

``/cdx/search/cdx``, ``/web/…`` and ``/wayback/available`` are the Internet Archive's; ``/<collection>/cdx``,
``/<collection>/<timestamp><modifier>/<url>``, ``/<collection>/timemap/…`` and ``/collinfo.json`` are pywb's. The name
of a collection never hides a route of our own: such names are reserved.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import unquote, urlencode

from archive.index.cdx.engine import Cdx
from archive.retrieval.retrieval import Retrieval
from config.names import EVERYTHING, RESERVED
from pressmark.http.place import WEB, Place
from pressmark.http.stage.stage import Stage
from pressmark.service.service import Service
from pressmark.views.collections import Collections
from pressmark.wayback import available, ia, pywb, timemap
from pressmark.wayback.answer import Answer, in_json, problem, redirect
from pressmark.wayback.mementos import Mementos
from pressmark.wayback.originals import Originals
from pressmark.wayback.request_context import RequestContext
from pressmark.wayback.views import MODIFIERS, Views
from pressmark.wayback.warcs import Warcs

Route = Callable[[RequestContext], Answer]

_COLLECTION = re.compile(rb"[a-z0-9][a-z0-9-]{0,63}")
_WHEN = re.compile(rb"(\d{0,14})([a-z]{2,3}_)?")
_PAGE = re.compile(rb"\d{1,6}")
_OUTPUT = re.compile(rb"[a-z]{1,40}")
_RESERVED = frozenset(name.encode() for name in RESERVED - {EVERYTHING})
_SHORT = b"c"
"""Begins the short link of a record (`/c/RECORD`). An older home may have a collection of that name."""
_TIMEMAPS = frozenset({b"link", b"json", b"cdxj", b"text", b"cdx"})
_READS = frozenset({"GET", "HEAD"})


class NotWaybackPath(Exception):
    """The path is not a Wayback path."""


class Routes:
    def __init__(self, service: Service, stage: Stage | None) -> None:
        index = service.index
        self._service = service
        self._cdx = Cdx(service.database, service.index.months)
        self._originals = Originals(index)
        self._collections = Collections(service)
        self._mementos = Mementos(service.archive, index, self._cdx, Views(stage))
        self._warcs = Warcs(
            index, Retrieval(index, service.store, service.archive.elsewhere), origin=service.settings.warc_origin
        )

    def of(self, asked: RequestContext) -> Route | None:
        """Return the handler; None for a path that is not ours.

        A route may raise NotHere, and what the archive raises.
        """
        first, _, rest = asked.raw_path[1:].partition(b"/")
        if asked.method == "OPTIONS":
            return self._warcs.preflight if first == b"warcs" and rest else None
        if asked.method not in _READS:
            return None
        if asked.raw_path == b"/collinfo.json":
            return lambda _: in_json({"fixed": self._collections.names(), "dynamic": []})
        if not rest or (first == _SHORT and b"/" not in rest and rest != b"cdx"):
            return None
        if first in _RESERVED:
            return self._of_ours(first, rest)
        return partial(self._of_collection, first.decode(), rest) if _COLLECTION.fullmatch(first) else None

    def _of_ours(self, first: bytes, rest: bytes) -> Route | None:
        if first == b"cdx" and rest == b"search/cdx":
            return lambda asked: ia.answer(asked, self._cdx, None, self._originals)
        if first == b"wayback" and rest == b"available":
            return lambda asked: available.answer(asked, self._service.index)
        if first == b"warcs":
            return lambda asked: self._warcs.answer(asked, unquote(rest.decode("latin-1")))
        if first == WEB.encode():
            return partial(self._archived, WEB, None, rest)
        return None

    def _of_collection(self, name: str, rest: bytes, asked: RequestContext) -> Answer:
        if not self._collections.knows(name):
            if rest == b"cdx" or rest.startswith(b"timemap/"):
                return pywb.refused(404, f"Collection not found: {name}")
            raise NotWaybackPath(name)
        collection = None if name == EVERYTHING else name
        if rest == b"cdx":
            return pywb.answer(asked, self._cdx, collection, self._originals)
        return self._archived(name, collection, rest, asked)

    def _archived(self, name: str, collection: str | None, rest: bytes, asked: RequestContext) -> Answer:
        """Answer with a TimeMap, a memento, a list for people, or a TimeGate."""
        second, slash, third = rest.partition(b"/")
        if second == b"timemap" and slash:
            return self._timemap(name, collection, third, asked)
        when = _WHEN.fullmatch(second)
        if when and slash and (when[1] or when[2]):
            modifier = (when[2] or b"").decode()
            if modifier not in MODIFIERS:
                return problem(404, f"{modifier} is not a replay modifier")
            timestamp = when[1].decode()
            return self._mementos.memento(asked, Place(asked.base, name), collection, (timestamp, modifier))
        if second == b"*" and slash:
            return redirect(f"/captures?{urlencode({'url': asked.url_after(2)})}")
        return self._mementos.gate(asked, Place(asked.base, name), collection)

    def _timemap(self, name: str, collection: str | None, rest: bytes, asked: RequestContext) -> Answer:
        """Parse ``<type>/<url>``, ``link/<page>/<url>``, and the Internet Archive's ``<type>?url=``."""
        kind, slash, after = rest.partition(b"/")
        if kind not in _TIMEMAPS:
            if name != WEB and slash and _OUTPUT.fullmatch(kind):
                return pywb.refused(400, f"output={kind.decode()} not supported")
            return problem(404, f"unknown TimeMap {kind.decode('latin-1')[:40]}; use link, json, cdxj or text")
        if kind == b"link" and slash:
            page, more, _ = after.partition(b"/")
            number = int(page) if more and _PAGE.fullmatch(page) else None
            url = asked.url_after(3 if number is None else 4)
            return timemap.answer(self._cdx, Place(asked.base, name), collection, url, 1 if number is None else number)
        query = asked.query if not slash else urlencode({"url": asked.url_after(3)}).encode()
        output = b"text" if kind == b"cdx" else kind
        asked = replace(asked, query=query + b"&output=" + output)
        answer = ia.answer if name == WEB else pywb.answer
        return answer(asked, self._cdx, collection, self._originals)
