"""Which role each route needs: one table for the API, the pages, the routes of web archives and MCP.

A test fails for a route that is missing here. What is not here can be read with the role read, changed by nobody but
an admin, and counts as being about what is archived.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs

from config.names import EVERYTHING, RESERVED
from pressmark.http.rules.pages import rules_of_pages
from pressmark.http.rules.rule import ADMIN, CURATE, FEED_ADDRESS, PUBLIC, READ, TRIGGER, Rule

_GREADER, _STREAM = "/api/v1/greader/reader/api/0", "stream/contents/{stream:path}"


def _rules() -> Iterator[Rule]:
    for path in ("/healthz", "/readyz", "/login", "/static/{edition}/{name}", "/robots.txt", "/crawler"):
        yield Rule("GET", path, PUBLIC, "any", archived=False)
    for name in ("security.txt", "http-message-signatures-directory"):
        yield Rule("GET", f"/.well-known/{name}", PUBLIC, "any", archived=False)
    yield Rule("GET", "/segments/{segment}", PUBLIC, "any", archived=False)  # machines sign; others get 404
    for path in ("/login/oidc", "/login/oidc/callback", "/login/oidc/ended"):
        yield Rule("GET", path, PUBLIC, "any", archived=False)
    for path in ("/login", "/api/v1/greader/accounts/ClientLogin"):  # they write rows of their own
        yield Rule("POST", path, PUBLIC, "any", archived=False)
    yield Rule("POST", "/logout", PUBLIC, "any", acts=True, archived=False)
    yield Rule("POST", "/language", PUBLIC, "any", archived=False)
    yield Rule("OPTIONS", "/warcs/{name:path}", PUBLIC, "any", archived=True)

    yield from _api()
    yield from _greader()
    yield from rules_of_pages()
    yield from _wayback()


def _api() -> Iterator[Rule]:
    for path in ("/docs", "/openapi.json"):
        yield Rule("GET", path, READ, "any", archived=False, filtered=True)
    yield Rule("GET", "/metrics", READ, archived=False)
    for path in (
        "/api/v1/exports/{format}",
        "/api/v1/captures",
        "/api/v1/search",
        "/api/v1/search/items",
        "/api/v1/notes",
    ):
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
        "/api/v1/runs/{run}/qa",
        "/api/v1/runs/{run}/texts",
        "/api/v1/runs/{run}/items",
        "/api/v1/runs/{run}/events",
        "/api/v1/timetable/next",
        "/api/v1/watches",
        "/api/v1/watches/{name}",
        "/api/v1/watches/{name}/hits",
        "/api/v1/watches/{name}/trial",
        "/api/v1/watches/{name}/subscriptions",
    ):
        yield Rule("GET", path, READ, archived=False, filtered=True)
    for path in (
        "/api/v1/events",
        "/api/v1/review",
        "/api/v1/notes/tags",
        "/api/v1/notes/{timestamp}/{url:path}",
        "/api/v1/why",
        "/api/v1/snapshots/{timestamp}/{view}/{url:path}",
        "/api/v1/citations/{timestamp}/{style}/{url:path}",
        "/api/v1/diff/{start}/{end}/{url:path}",
        "/api/v1/threads/{timestamp}/{url:path}",
        "/api/v1/articles/{timestamp}/{url:path}",
        "/api/v1/similar/{timestamp}/{url:path}",
        "/api/v1/feeds/all",
        "/api/v1/feeds/mine",
        FEED_ADDRESS,
        "/api/v1/feeds/watches/{name}",
        "/api/v1/feeds/sources/{name}",
    ):
        yield Rule("GET", path, READ, archived=True, filtered=True)
    for path in ("/api/v1/fixity", "/api/v1/fixity/events", "/api/v1/fixity/events.xml"):
        yield Rule("GET", path, READ, archived=False, filtered=True)
    for method, path in (("POST", ""), ("POST", "/{id}/test"), ("DELETE", "/{id}")):  # a reader's own messages
        whole = f"/api/v1/watches/{{name}}/subscriptions{path}"
        yield Rule(method, whole, READ, acts=True, archived=False, filtered=True)
    yield Rule("POST", "/api/v1/sources/{name}/runs", TRIGGER, "source", acts=True, archived=False)
    yield Rule("POST", "/api/v1/runs", TRIGGER, acts=True, archived=False)
    yield Rule("POST", "/api/v1/runs/{run}/cancel", TRIGGER, acts=True, archived=False)
    yield Rule("DELETE", "/api/v1/sources/{name}", CURATE, acts=True, archived=False)
    yield Rule(
        "GET", "/api/v1/sources/{name}/text", CURATE, archived=False
    )  # a file may have sources of all collections
    yield Rule("PUT", "/api/v1/sources/{name}/text", CURATE, acts=True, archived=False)  # and could move one of them
    yield Rule("POST", "/api/v1/sources/{name}/pause", CURATE, "source", acts=True, archived=False)
    yield Rule("POST", "/api/v1/sources/{name}/resume", CURATE, "source", acts=True, archived=False)
    yield Rule("GET", "/api/v1/takedowns", CURATE, archived=False)
    for path in (
        "runs/{run}/review",
        "runs/{run}/qa",
        "sources",
        "takedowns",
        "takedowns/{id}/lift",
        "pause",
        "resume",
    ):
        yield Rule("POST", f"/api/v1/{path}", CURATE, acts=True, archived=False)
    yield Rule("POST", "/api/v1/watches/trial", CURATE, archived=False)  # it writes nothing
    for method, path in (("PUT", ""), ("DELETE", ""), ("POST", "/undo"), ("POST", "/pause"), ("POST", "/resume")):
        yield Rule(method, f"/api/v1/watches/{{name}}{path}", CURATE, acts=True, archived=False)
    yield Rule("POST", "/api/v1/notes/tags", CURATE, acts=True, archived=True)
    yield Rule("PUT", "/api/v1/notes/{timestamp}/{url:path}", CURATE, acts=True, archived=True)
    yield Rule("POST", "/api/v1/extractions", CURATE, acts=True, archived=True)
    purges = ("takedowns/{id}/purge", "holds", "retention/{collection}/purge")
    for path in (
        "webhooks",
        "webhooks/{name}",
        "webhooks/{name}/messages",
        "trail",
        "retention",
        "jobs",
        "jobs/{id}",
        *purges,
    ):
        yield Rule("GET", f"/api/v1/{path}", ADMIN, archived=False)
    actions = (
        "webhooks/{name}/test",
        "webhooks/{name}/enable",
        "webhooks/{name}/undo",
        "holds/{id}/lift",
        "jobs",
        "jobs/{id}/cancel",
    )
    for path in (*actions, *purges):
        yield Rule("POST", f"/api/v1/{path}", ADMIN, acts=True, archived=False)
    for method in ("PUT", "DELETE"):
        yield Rule(method, "/api/v1/webhooks/{name}", ADMIN, acts=True, archived=False)
    yield Rule("GET", "/api/v1/assistant", ADMIN, archived=False)
    yield Rule("POST", "/api/v1/assistant/test", ADMIN, acts=True, archived=False)
    for method in ("GET", "DELETE", "POST"):  # tools that have pages archived need more: pressmark.api.mcp.server
        yield Rule(method, "/mcp", READ, archived=True, filtered=True)


def _greader() -> Iterator[Rule]:
    for path in ("token", "user-info", "subscription/list", "tag/list", "unread-count", "stream/items/ids", _STREAM):
        yield Rule("GET", f"{_GREADER}/{path}", READ, archived=True, filtered=True)
    for path in ("stream/items/contents", "edit-tag", "mark-all-as-read"):  # a reader's own marks
        yield Rule("POST", f"{_GREADER}/{path}", READ, archived=True, filtered=True)
    for path in ("subscription/edit", "subscription/quickadd"):
        yield Rule("POST", f"{_GREADER}/{path}", CURATE, acts=True, archived=False)


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

    @property
    def feed_secret(self) -> str | None:
        """The secret of a feed address. It says who calls, and belongs in no log."""
        return self.parameters["secret"] if self.rule.path == FEED_ADDRESS else None

    @property
    def has_secret(self) -> bool:
        """Whether the path has a secret: that of a feed address, or one that ends messages."""
        return self.feed_secret is not None or "token" in self.parameters

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
