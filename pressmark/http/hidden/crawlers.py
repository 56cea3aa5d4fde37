"""What crawlers of search engines may index of the archive itself: /robots.txt (RFC 9309), and X-Robots-Tag.

Archived pages are copies: an engine that indexes them shows them in the place of the originals.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.groups.service import Indexing

NOT_INDEXED = "noindex, nofollow, noarchive"
"""The value of X-Robots-Tag."""
_OWN_PAGES = frozenset({"", "collections", "docs", "new", "robots.txt", "search", "sources", "timetable", "watches"})
"""The first parts of the paths of pages that describe the archive."""
_OWN_PAGE = "/crawler"
"""One more: what is below it is of a collection of that name."""
_ARCHIVED = ("/*/http:", "/*/https:", "/api/", "/captures", "/cdx/", "/mcp", "/wayback/", "/warcs/", "/web/")
"""Where archived content is: all addresses of captures end with their URL."""


def robots_txt(indexing: Indexing) -> str:
    """Return the rules for all crawlers."""
    forbidden = {"nothing": ("/",), "own-pages": _ARCHIVED, "everything": ("",)}[indexing]
    return "\n".join(["User-agent: *", *(f"Disallow: {path}".rstrip() for path in forbidden), ""])


class CrawlerMiddleware:
    """Sends X-Robots-Tag with what is not to be indexed: crawlers that don't read robots.txt see it, too."""

    def __init__(self, app: ASGIApp, indexing: Indexing) -> None:
        self._app = app
        self._indexing = indexing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._may_be_indexed(scope["path"]):
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Robots-Tag"] = NOT_INDEXED
            await send(message)

        await self._app(scope, receive, sending)

    def _may_be_indexed(self, path: str) -> bool:
        if self._indexing != "own-pages":
            return self._indexing == "everything"
        return path == _OWN_PAGE or (path.startswith("/") and path.split("/", 2)[1] in _OWN_PAGES)
