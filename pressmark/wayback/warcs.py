"""``/warcs/<name>``: WARC files by range, for clients that use a CDX."""

from __future__ import annotations

from urllib.parse import urlsplit

from archive.index.index import Index
from archive.retrieval.retrieval import Retrieval
from archive.values.byte_span import Span, span_of
from archive.values.capture import Location
from archive.values.errors import SegmentUnknown
from pressmark.wayback.answer import Answer, problem
from pressmark.wayback.byte_ranges import Octets
from pressmark.wayback.request_context import RequestContext

_SUFFIX = ".warc.gz"
_TOLD = "Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag"
_DAY = "86400"


class Warcs:
    """The files of the archive and no others: a name is looked up among its segments, never on a disk."""

    def __init__(self, index: Index, retrieval: Retrieval, *, origin: str | None) -> None:
        """Set up. `origin` is the one whose pages may read here, such as that of a replay in the browser."""
        self._index = index
        self._retrieval = retrieval
        self._origin = _origin(origin) if origin else None

    def answer(self, asked: RequestContext, name: str) -> Answer:
        """Serve a file. Raises ObjectNotFound, StoreError."""
        answer = self._answer(asked, name)
        answer.headers |= self._shared(asked)
        return answer

    def preflight(self, asked: RequestContext) -> Answer:
        """Answer a browser's preflight request for a range by a page of another origin."""
        shared = self._shared(asked)
        if "Access-Control-Allow-Origin" in shared:
            shared |= {
                "Access-Control-Allow-Methods": "GET, HEAD",
                "Access-Control-Allow-Headers": "authorization, if-range, range",
                "Access-Control-Max-Age": _DAY,
            }
        return Answer(b"", 204, {"Allow": "GET, HEAD, OPTIONS", **shared})

    def _answer(self, asked: RequestContext, name: str) -> Answer:
        segment = name.removesuffix(_SUFFIX)
        size = self._retrieval.size(segment) if segment != name else None
        if size is None:
            return problem(404, f"no WARC named {name[:200]}")
        if self._index.has_hidden(segment):
            return problem(
                451,
                "this WARC file can't be downloaded, as some of its captures were taken down; an export contains "
                "the other captures",
            )
        headers = {"Content-Type": "application/gzip", "Accept-Ranges": "bytes"}
        if etag := self._etag(segment, size):
            headers["ETag"] = etag
        if etag and asked.headers.get("if-none-match", "").strip() == etag:
            return Answer(b"", 304, headers)
        fresh = asked.headers.get("if-range", etag) == etag
        span = span_of(asked.headers.get("range"), size) if fresh else None
        if span == "unsatisfiable":
            return Answer(b"", 416, headers | {"Content-Range": f"bytes */{size}"})
        whole = Span(0, size)
        if isinstance(span, Span):
            headers["Content-Range"] = span.of(size)
        return self._sent(asked, segment, span if isinstance(span, Span) else whole, 206 if span else 200, headers)

    def _sent(self, asked: RequestContext, segment: str, span: Span, status: int, headers: dict[str, str]) -> Answer:
        if asked.method == "HEAD" or not span.length:
            return Answer(iter(()), status, headers, length=span.length)
        try:
            file = self._retrieval.opened(Location(segment, span.start, span.length))
        except SegmentUnknown as gone:
            return problem(404, str(gone))
        return Answer(Octets(file, span.length, file.close), status, headers, length=span.length)

    def _etag(self, segment: str, size: int) -> str | None:
        """Return the ETag of a sealed segment; an open segment has none."""
        row = self._index.segment(segment)
        return f'"{row.sha256}"' if row and row.sha256 and row.size in {None, size} else None

    def _shared(self, asked: RequestContext) -> dict[str, str]:
        if self._origin is None:
            return {}
        if asked.headers.get("origin", "").lower() != self._origin:
            return {"Vary": "Origin"}
        return {
            "Vary": "Origin",
            "Access-Control-Allow-Origin": self._origin,
            "Access-Control-Expose-Headers": _TOLD,
            "Cross-Origin-Resource-Policy": "cross-origin",
        }


def _origin(url: str) -> str:
    parts = urlsplit(url.lower())
    return f"{parts.scheme}://{parts.netloc}"
