"""What the worker and a user's spider send each other: a request, its answer, and an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scrapy import Request

from archive.values.capture import Capture
from crawler.engine.direct_requests import page_counts
from crawler.wire.guard import AddressForbidden

if TYPE_CHECKING:
    from scrapy.http import Response


def request_of(head: Mapping[str, Any], body: bytes) -> Request:
    """Build the request that a spider made."""
    headers: dict[bytes, list[bytes]] = {}
    for name, value in head["headers"]:
        headers.setdefault(name.encode("latin-1"), []).append(value.encode("latin-1"))
    meta = {**head["meta"], "verbatim_url": True}
    return Request(head["url"], method=head["method"], headers=headers, body=body, meta=meta, dont_filter=True)


def answer_of(response: Response, captures: Sequence[Capture], seconds: float) -> dict[str, Any]:
    """Convert a response for the child, all but its body; `seconds` is the time that it took."""
    return {
        "status": response.status,
        "headers": [
            [name.decode("latin-1"), value.decode("latin-1")]
            for name, values in response.headers.items()
            for value in values
        ],
        "flags": response.flags,
        "protocol": response.protocol,
        "latency": seconds,
        "records": [capture.record_id for capture in captures],
        "counted": page_counts(response, captures),
    }


def error_of(error: BaseException) -> dict[str, Any]:
    """Convert an error for the child: the name of Scrapy's exception, and a sentence."""
    name = "IgnoreRequest" if isinstance(error, AddressForbidden) else type(error).__name__
    return {"error": name, "reason": str(error) or name}
