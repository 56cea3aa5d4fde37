"""Which role each route needs: one table for the API, the pages, the routes of web archives and MCP.

A test fails for a route that is missing here. What is not here can be read with the role read, changed by nobody but
an admin, and counts as being about what is archived.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qs

from config.names import EVERYTHING, RESERVED
from pressmark.service.access.roles import Role

Scope = Literal["none", "any", "path", "query", "source"]
"""How a route names the collection that it is confined to, for a token that is for named collections.

``none``: it is not confined, so such a token has no access; ``any``: it shows nothing archived; ``path``: the parameter
`collection`; ``query``: that of the query; ``source``: the collection of the source `name`.
"""
_BY_LINK = ("{timestamp}", "{start}", "/{collection}/", "/warcs/", "{record:path}")
_GREADER, _STREAM = "/api/v1/greader/reader/api/0", "stream/contents/{stream:path}"
PUBLIC = None
"""In the place of a role: no login is needed."""
READ, TRIGGER, CURATE, ADMIN = Role.READ, Role.TRIGGER, Role.CURATE, Role.ADMIN


@dataclass(frozen=True, slots=True)
class Rule:
    method: str
    path: str
    """As FastAPI writes it: ``/sources/{name}``, and ``{url:path}`` for what may contain slashes."""
    role: Role | None
    scope: Scope = "none"
    acts: bool = False
    """Whether it changes something, so that the audit trail has a row for it."""
    archived: bool = field(kw_only=True)
    """Whether it is about what is archived: while nobody knows what was taken down, it is refused."""
    filtered: bool = False
    """Whether it reads from the database and from the sources of the service alone, which hide closed collections."""

    @property
    def is_filtered(self) -> bool:
        """Whether it is open to whom a collection is closed to: see `archive.database.closed_collections`."""
        return self.role is None or self.filtered

    @property
    def is_by_link(self) -> bool:
        """Whether its address names a capture, a WARC file or a collection: this shows unlisted collections, too."""
        return self.filtered and any(part in self.path for part in _BY_LINK)

    @property
    def action(self) -> str:
        return f"{self.method} {self.path}"


def _rules() -> Iterator[Rule]:
    for path in ("/healthz", "/readyz", "/login", "/static/{edition}/{name}", "/robots.txt", "/crawler"):
        yield Rule("GET", path, PUBLIC, "any", archived=False)
    for name in ("security.txt", "http-message-signatures-directory"):
        yield Rule("GET", f"/.well-known/{name}", PUBLIC, "any", archived=False)
    for path in ("/login", "/api/v1/greader/accounts/ClientLogin"):  # they write rows of their own
        yield Rule("POST", path, PUBLIC, "any", archived=False)
    yield Rule("POST", "/logout", PUBLIC, "any", acts=True, archived=False)
    yield Rule("POST", "/language", PUBLIC, "any", archived=False)
    yield Rule("OPTIONS", "/warcs/{name:path}", PUBLIC, "any", archived=True)

    yield from _api()
    yield from _greader()
    yield from _pages()
    yield from _pages_of_sources()
    yield from _pages_of_curators()
    yield from _pages_of_admins()
    yield from _wayback()


def _api() -> Iterator[Rule]:
    for path in ("/docs", "/openapi.json"):
        yield Rule("GET", path, READ, "any", archived=False, filtered=True)
    yield Rule("GET", "/metrics", READ, archived=False)
    for path in ("/api/v1/exports/{format}", "/api/v1/captures", "/api/v1/search", "/api/v1/search/items"):
        yield Rule("GET", path, READ, "query", archived=True, filtered=True)
    yield Rule("GET", "/api/v1/sources/{name}", READ, "source", archived=False, filtered=True)
    yield Rule("GET", "/api/v1/feeds/collections/{collection}", READ, "path", archived=True, filtered=True)
    for path in (
        "/api/v1/sources",
        "/api/v1/runs",
        "/api/v1/runs/{run}",
        "/api/v1/runs/{run}/captures",
        "/api/v1/runs/{run}/failures",
        "/api/v1/runs/{run}/review",
        "/api/v1/runs/{run}/texts",
        "/api/v1/runs/{run}/items",
        "/api/v1/runs/{run}/events",
        "/api/v1/timetable/next",
        "/api/v1/watches",
        "/api/v1/watches/{name}",
        "/api/v1/watches/{name}/hits",
        "/api/v1/watches/{name}/trial",
    ):
        yield Rule("GET", path, READ, archived=False, filtered=True)
    for path in (
        "/api/v1/events",
        "/api/v1/review",
        "/api/v1/why",
        "/api/v1/snapshots/{timestamp}/{view}/{url:path}",
        "/api/v1/citations/{timestamp}/{style}/{url:path}",
        "/api/v1/diff/{start}/{end}/{url:path}",
        "/api/v1/threads/{timestamp}/{url:path}",
        "/api/v1/articles/{timestamp}/{url:path}",
        "/api/v1/similar/{timestamp}/{url:path}",
        "/api/v1/feeds/all",
        "/api/v1/feeds/watches/{name}",
        "/api/v1/feeds/sources/{name}",
    ):
        yield Rule("GET", path, READ, archived=True, filtered=True)
    for path in ("/api/v1/fixity", "/api/v1/fixity/events", "/api/v1/fixity/events.xml"):
        yield Rule("GET", path, READ, archived=False, filtered=True)
    yield Rule("POST", "/api/v1/sources/{name}/runs", TRIGGER, "source", acts=True, archived=False)
    yield Rule("POST", "/api/v1/runs", TRIGGER, acts=True, archived=False)
    yield Rule("POST", "/api/v1/runs/{run}/cancel", TRIGGER, acts=True, archived=False)
    yield Rule("DELETE", "/api/v1/sources/{name}", CURATE, acts=True, archived=False)
    yield Rule("GET", "/api/v1/sources/{name}/text", CURATE, "source", archived=False)
    yield Rule("PUT", "/api/v1/sources/{name}/text", CURATE, "source", acts=True, archived=False)
    yield Rule("POST", "/api/v1/sources/{name}/pause", CURATE, "source", acts=True, archived=False)
    yield Rule("POST", "/api/v1/sources/{name}/resume", CURATE, "source", acts=True, archived=False)
    yield Rule("GET", "/api/v1/takedowns", CURATE, archived=False)
    for path in ("runs/{run}/review", "sources", "takedowns", "takedowns/{id}/lift", "pause", "resume"):
        yield Rule("POST", f"/api/v1/{path}", CURATE, acts=True, archived=False)
    yield Rule("POST", "/api/v1/extractions", CURATE, acts=True, archived=True)
    for path in ("/api/v1/webhooks", "/api/v1/webhooks/{name}", "/api/v1/webhooks/{name}/messages", "/api/v1/trail"):
        yield Rule("GET", path, ADMIN, archived=False)
    for path in ("/api/v1/webhooks/{name}/test", "/api/v1/webhooks/{name}/enable"):
        yield Rule("POST", path, ADMIN, acts=True, archived=False)
    for method in ("GET", "DELETE", "POST"):  # tools that have pages archived need more: pressmark.api.mcp.server
        yield Rule(method, "/mcp", READ, archived=True, filtered=True)


def _greader() -> Iterator[Rule]:
    for path in ("token", "user-info", "subscription/list", "tag/list", "unread-count", "stream/items/ids", _STREAM):
        yield Rule("GET", f"{_GREADER}/{path}", READ, archived=True, filtered=True)
    for path in ("stream/items/contents", "edit-tag", "mark-all-as-read"):  # a reader's own marks
        yield Rule("POST", f"{_GREADER}/{path}", READ, archived=True, filtered=True)
    for path in ("subscription/edit", "subscription/quickadd"):
        yield Rule("POST", f"{_GREADER}/{path}", CURATE, acts=True, archived=False)


def _pages() -> Iterator[Rule]:
    for path in (
        "/",
        "/search/go",
        "/sources",
        "/sources/{name}",
        "/timetable",
        "/runs",
        "/runs/{run}",
        "/runs/{run}/review",
        "/watches",
        "/watches/{name}",
        "/collections",
    ):
        yield Rule("GET", path, READ, archived=False, filtered=True)
    for path in (
        "/search",
        "/new",
        "/captures",
        "/diff",
        "/diff/{start}/{end}/{rest:path}",
        "/compare/{shown}/{start}/{end}/{rest:path}",
        "/thread/{part}/{timestamp}/{rest:path}",
        "/snapshot/{timestamp}/{rest:path}",
        "/c/{record:path}",
        "/view/shown/{frame}",
        "/view/scripts/{timestamp}/{rest:path}",
        "/view/{view}/{timestamp}/{rest:path}",
    ):
        yield Rule("GET", path, READ, archived=True, filtered=True)
    yield Rule("POST", "/new/marks", READ, archived=True, filtered=True)  # a reader's own marks
    yield Rule("GET", "/fixity", READ, archived=False, filtered=True)
    yield Rule("POST", "/archive", TRIGGER, acts=True, archived=True)
    for path in ("/runs/{run}/cancel", "/runs/{run}/retry"):
        yield Rule("POST", path, TRIGGER, acts=True, archived=False)


def _pages_of_curators() -> Iterator[Rule]:
    for path in ("/add", "/add/list", "/sources/{name}/edit", "/sources/{name}/duplicate", "/sources/{name}/remove"):
        yield Rule("GET", path, CURATE, archived=False)
    yield Rule("GET", "/collections/takedowns", CURATE, archived=False)
    for path in ("/collections/takedowns", "/collections/takedowns/{id}/lift"):
        yield Rule("POST", path, CURATE, acts=True, archived=False)
    for path in ("/add", "/add/list", "/add/times"):  # they propose, and write nothing
        yield Rule("POST", path, CURATE, archived=False)
    for path in ("add/write", "add/list/write", "runs/{run}/review", "pause", "resume", "sources/{name}/{action}"):
        yield Rule("POST", f"/{path}", CURATE, acts=True, archived=False)


def _pages_of_admins() -> Iterator[Rule]:
    for path in (
        "/settings",
        "/settings/people",
        "/settings/tokens",
        "/settings/trail",
        "/webhooks",
        "/webhooks/{name}",
    ):
        yield Rule("GET", path, ADMIN, archived=False)
    for path in (
        "/webhooks/{name}/test",
        "/webhooks/{name}/enable",
        "/settings/notifications/{channel}/test",
        "/settings/people",
        "/settings/people/{name}/{action}",
        "/settings/tokens",
        "/settings/tokens/{name}/revoke",
    ):
        yield Rule("POST", path, ADMIN, acts=True, archived=False)


def _pages_of_sources() -> Iterator[Rule]:
    yield Rule("POST", "/sources/run", TRIGGER, acts=True, archived=False)
    for action in ("pause", "resume", "collection", "tags", "{name}/edit", "{name}/remove"):
        yield Rule("POST", f"/sources/{action}", CURATE, acts=True, archived=False)
    for action in ("run", "run-all", "run-in-full"):
        yield Rule("POST", f"/sources/{{name}}/{action}", TRIGGER, acts=True, archived=False)
    for action in ("preview", "fields"):  # they show what a text means, and write nothing
        yield Rule("POST", f"/sources/{{name}}/{action}", CURATE, archived=False)


def _wayback() -> Iterator[Rule]:
    for path in ("/cdx/search/cdx", "/wayback/available", "/collinfo.json", "/warcs/{name:path}"):
        yield Rule("GET", path, READ, archived=True, filtered=True)
    yield Rule("GET", "/web/{rest:path}", READ, archived=True, filtered=True)
    for method in ("GET", "POST"):
        yield Rule(method, "/save/{url:path}", TRIGGER, acts=True, archived=True)
    yield Rule("GET", f"/{EVERYTHING}/{{rest:path}}", READ, archived=True, filtered=True)
    yield Rule("GET", "/{collection}/cdx", READ, "path", archived=True, filtered=True)
    yield Rule("GET", "/{collection}/timemap/{kind}/{url:path}", READ, "path", archived=True, filtered=True)
    yield Rule("GET", "/{collection}/{timestamp}id_/{url:path}", READ, "path", archived=True, filtered=True)
    # The other views lead to the origin of replay: its addresses name the closed collections that the reader may read.
    yield Rule("GET", "/{collection}/{rest:path}", READ, archived=True, filtered=True)


RULES: tuple[Rule, ...] = tuple(_rules())
_READS = Rule("GET", "/{rest:path}", READ, archived=True)
_CHANGES = Rule("POST", "/{rest:path}", ADMIN, acts=True, archived=True)
_PARAMETER = re.compile(r"\{(\w+)(:path)?\}")


@dataclass(frozen=True, slots=True)
class Matched:
    """The rule of a request, and the parameters of its path."""

    rule: Rule
    parameters: dict[str, str]

    def collection(self, query: bytes) -> str | None:
        """Return the collection that the request names in its path or query; None if it names none, or several."""
        if self.rule.scope == "path":
            name = self.parameters.get("collection")
            return None if name in RESERVED else name
        values = parse_qs(query.decode("latin-1"), keep_blank_values=True).get("collection", [])
        return values[0] if len(values) == 1 else None


def rule_of(method: str, path: str) -> Matched:
    """Return the rule of a request."""
    wanted = "GET" if method == "HEAD" else method
    for rule, pattern in _patterns(wanted):
        if (found := pattern.match(path)) and found.groupdict().get("collection") not in RESERVED:
            return Matched(rule, found.groupdict())
    return Matched(_READS if method in {"GET", "HEAD", "OPTIONS"} else _CHANGES, {})


@lru_cache(maxsize=16)
def _patterns(method: str) -> tuple[tuple[Rule, re.Pattern[str]], ...]:
    return tuple((rule, _pattern(rule.path)) for rule in RULES if rule.method == method)


def _pattern(path: str) -> re.Pattern[str]:
    """Return what matches a path as the router of FastAPI does: for both, the path may also end in a line break."""
    parts, at = [], 0
    for found in _PARAMETER.finditer(path):
        parts.append(re.escape(path[at : found.start()]))
        parts.append(f"(?P<{found[1]}>{'.*' if found[2] else '[^/]+'})")
        at = found.end()
    return re.compile(f"^{''.join(parts)}{re.escape(path[at:])}$", re.DOTALL)
