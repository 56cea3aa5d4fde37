"""What was derived from a capture: a page as a browser drew it, or a picture of it.

It is one WARC record (ISO 28500:2017, 6.6 and 6.8): a `conversion` of the page's own URL with WARC-Refers-To, or a
`resource` of a URN with WARC-Concurrent-To. It has the WARC-Date of its original, which is how the index finds it:
records of one capture event share their date (ISO 28500:2017, 5.4).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from typing import Literal

from archive.values.capture import Capture, Context, Location, Reference
from archive.values.digest import Payload
from archive.values.reservations import written as reservations_in_lines
from archive.warc.exchange_records import Written, date, new_id, one_line, uri
from archive.warc.facts import Urlkey
from archive.warc.record_writer import RecordWriter, Write

_WRITER = RecordWriter()
_REFERS = {"conversion": "WARC-Refers-To", "resource": "WARC-Concurrent-To"}


@dataclass(frozen=True, slots=True)
class Derived:
    """A payload that was made from the capture `original`."""

    kind: Literal["conversion", "resource"]
    url: str
    mime: str
    """The Content-Type, such as ``text/html;charset=utf-8``."""
    body: bytes
    original: Reference


def write_derived(derived: Derived, context: Context, payload: Payload, write: Write) -> Written:
    """Write the record as one gzip member."""
    facts: dict[str, object] = {"source": context.source, "run": context.run, "hops": context.hops}
    if context.reservations:
        facts["reservations"] = context.reservations
    fields = [
        ("WARC-Record-ID", record_id := new_id()),
        ("WARC-Date", date(derived.original.at)),
        ("WARC-Target-URI", uri(derived.url)),
        (_REFERS[derived.kind], derived.original.record_id),
        ("Content-Type", derived.mime),
        ("WARC-Payload-Digest", f"sha1:{payload.sha1}"),
        ("WARC-JSON-Metadata", json.dumps(facts, separators=(",", ":"))),
    ]
    if context.page_id:
        fields.append(("WARC-Page-ID", one_line(context.page_id)))
    size = _WRITER.put(_WRITER.record(derived.kind, fields, body=derived.body), write)
    return Written(record_id, size, size, 1)


def capture_of_derived(
    derived: Derived, context: Context, written: Written, place: tuple[str, int], *, payload: Payload, urlkey: Urlkey
) -> Capture:
    """Return the capture of a record that was just written at `place`, its segment and offset."""
    url = uri(derived.url)
    return Capture(
        collection=context.collection,
        urlkey=urlkey(url),
        url=url,
        at=derived.original.at.astimezone(UTC),
        kind=derived.kind,
        status=None,
        mime=derived.mime.partition(";")[0],
        digest=payload.sha1,
        sha256=payload.sha256,
        payload_length=payload.length,
        location=Location(*place, written.length),
        span=written.span,
        record_id=written.record_id,
        source=context.source,
        run=context.run,
        reservations=reservations_in_lines(context.reservations),
    )
