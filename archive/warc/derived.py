"""Payloads without an HTTP message: what was derived from a capture, such as a picture of a page, and e-mails.

Each is one WARC record (ISO 28500:2017, 6.6 and 6.8): a `conversion` of the page's own URL with WARC-Refers-To, or a
`resource` with WARC-Concurrent-To. It has the WARC-Date of its original, which is how the index finds it: records of
one capture event share their date (ISO 28500:2017, 5.4). A `resource` without an original was received by itself, over
a protocol other than HTTP; if the same payload is archived, it is a `revisit` without a block (6.7.2).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from archive.values.capture import Capture, Context, Kind, Location, Reference
from archive.values.digest import Payload
from archive.values.reservations import written as reservations_in_lines
from archive.warc.exchange_records import PROFILE, Written, date, new_id, one_line, uri
from archive.warc.facts import Urlkey
from archive.warc.record_writer import RecordWriter, Write

_WRITER = RecordWriter()
_REFERS = {"conversion": "WARC-Refers-To", "resource": "WARC-Concurrent-To"}


@dataclass(frozen=True, slots=True)
class Derived:
    """A payload that was made from the capture `original`, or one that was received by itself, at `received`."""

    kind: Literal["conversion", "resource"]
    url: str
    mime: str
    """The Content-Type, such as ``text/html;charset=utf-8``."""
    body: bytes
    original: Reference | None = None
    received: datetime | None = None
    """When a payload without an original was received."""
    ip: str | None = None
    """The address of the server that it was received from."""
    same_as: Reference | None = None
    """The archived capture with this payload: a revisit refers to it, and the payload is not stored again."""
    needs: tuple[str, ...] = ()
    """The ids of records that the payload names and that have to be there, as in a list of media."""

    @property
    def at(self) -> datetime:
        """The WARC-Date. Raises ValueError for a payload that has neither an original nor a time."""
        at = self.original.at if self.original is not None else self.received
        if at is None:
            raise ValueError(f"when {self.url} was received is not known")
        return at

    @property
    def stored_as(self) -> Kind:
        return self.kind if self.same_as is None else "revisit"


def write_derived(derived: Derived, context: Context, payload: Payload, write: Write) -> Written:
    """Write the record as one gzip member."""
    facts: dict[str, object] = {"source": context.source, "run": context.run, "hops": context.hops}
    if context.reservations:
        facts["reservations"] = context.reservations
    if derived.same_as is not None:
        facts |= {"sha256": payload.sha256, "length": payload.length}
    fields = [
        ("WARC-Record-ID", record_id := new_id()),
        ("WARC-Date", date(derived.at)),
        ("WARC-Target-URI", uri(derived.url)),
        *_relation(derived),
        ("Content-Type", derived.mime),
        ("WARC-Payload-Digest", f"sha1:{payload.sha1}"),
        ("WARC-JSON-Metadata", json.dumps(facts, separators=(",", ":"))),
    ]
    if derived.ip:
        fields.append(("WARC-IP-Address", derived.ip))
    if context.page_id:
        fields.append(("WARC-Page-ID", one_line(context.page_id)))
    body = derived.body if derived.same_as is None else b""
    size = _WRITER.put(_WRITER.record(derived.stored_as, fields, body=body), write)
    return Written(record_id, size, size, 1)


def _relation(derived: Derived) -> Iterator[tuple[str, str]]:
    """Yield the fields that name another record."""
    if derived.original is not None:
        yield _REFERS[derived.kind], derived.original.record_id
    if same := derived.same_as:
        yield "WARC-Profile", f"{PROFILE}identical-payload-digest"
        yield "WARC-Refers-To", same.record_id
        yield "WARC-Refers-To-Target-URI", uri(same.url)
        yield "WARC-Refers-To-Date", date(same.at)
        yield "WARC-Truncated", "length"  # a revisit without its payload has it (ISO 28500:2017, 6.7.2)


def capture_of_derived(
    derived: Derived, context: Context, written: Written, place: tuple[str, int], *, payload: Payload, urlkey: Urlkey
) -> Capture:
    """Return the capture of a record that was just written at `place`, its segment and offset."""
    url = uri(derived.url)
    return Capture(
        collection=context.collection,
        urlkey=urlkey(url),
        url=url,
        at=derived.at.astimezone(UTC),
        kind=derived.stored_as,
        status=None,
        mime=derived.mime.partition(";")[0] if derived.same_as is None else None,
        digest=payload.sha1,
        sha256=payload.sha256,
        payload_length=payload.length,
        location=Location(*place, written.length),
        span=written.span,
        record_id=written.record_id,
        source=context.source,
        run=context.run,
        refers_to=_as_written(derived.same_as) if derived.same_as else None,
        reservations=reservations_in_lines(context.reservations),
    )


def _as_written(original: Reference) -> Reference:
    return Reference(original.record_id, uri(original.url), original.at.astimezone(UTC))
