"""Captures for tests: one with given facts, or any possible one."""

from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from archive.values.capture import Capture, Kind, Location, Reference
from archive.values.digest import sha1_base32, sha256
from archive.values.urlkey import urlkey

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def capture_of(
    url: str = "https://example.org/news/1",
    *,
    minute: float = 0,
    payload: bytes = b"<p>",
    number: int = 0,
    **facts: Any,
) -> Capture:
    """Return a response of `url`, this many minutes after noon; `number` distinguishes records of one segment."""
    made = Capture(
        collection="default",
        urlkey=urlkey(url),
        url=url,
        at=NOON + timedelta(minutes=minute),
        kind="response",
        status=200,
        mime="text/html",
        digest=sha1_base32(payload),
        sha256=sha256(payload),
        payload_length=len(payload),
        location=Location("20260131T120000Z-1-0-abcd", 500 * (number + 1), 300),
        span=500,
        record_id=f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{url} {minute} {number}')}>",
        source="example",
        run="run-1",
    )
    return made._replace(**facts)


def reference_to(capture: Capture) -> Reference:
    return Reference(capture.record_id, capture.url, capture.at)


def revisit_of(original: Capture, *, minute: float, kind: Kind = "revisit", **facts: Any) -> Capture:
    """Return a later capture of the same payload, or of the server's answer that nothing has changed."""
    later = capture_of(original.url, minute=minute, number=int(minute))
    same = {"digest": original.digest, "sha256": original.sha256, "payload_length": original.payload_length}
    none = {"digest": None, "sha256": None, "payload_length": 0, "status": 304, "mime": None}
    return later._replace(
        kind=kind, refers_to=reference_to(original), **{**(same if kind == "revisit" else none), **facts}
    )


_moments = st.datetimes(timezones=st.just(UTC))
_sizes = st.integers(0, 2**53)


@st.composite
def captures(draw: st.DrawFn, *, surrogates: bool = True) -> Capture:
    """Draw any capture, with the oddest values that its types allow; on request with texts that are not valid UTF-8."""
    texts = st.text(st.characters(exclude_categories=() if surrogates else ("Cs",)), max_size=40)
    maybe = texts | st.none()
    urls = st.builds("http://{}/{}".format, st.sampled_from(["example.org", "www.例え.jp:81", "[::1]"]), texts)
    url = draw(urls)
    return Capture(
        collection=draw(texts),
        urlkey=urlkey(url),
        url=url,
        at=draw(_moments),
        kind=draw(st.sampled_from(["response", "revisit", "not-modified", "failed"])),
        status=draw(st.integers(0, 999) | st.none()),
        mime=draw(maybe),
        digest=draw(st.binary(min_size=20, max_size=20).map(lambda raw: base64.b32encode(raw).decode()) | st.none()),
        sha256=draw(st.binary(min_size=32, max_size=32).map(bytes.hex) | st.none()),
        payload_length=draw(_sizes),
        location=Location(draw(texts), draw(_sizes), draw(_sizes)),
        span=draw(_sizes),
        record_id=f"<urn:uuid:{draw(st.uuids())}>",
        source=draw(texts),
        run=draw(texts),
        refers_to=draw(st.builds(Reference, texts, urls, _moments) | st.none()),
        etag=draw(maybe),
        last_modified=draw(maybe),
        redirect=draw(maybe),
        truncated=draw(st.sampled_from(["length", "time", "disconnect", "unspecified", None])),
        error=draw(maybe),
    )
