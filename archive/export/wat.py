"""WAT: metadata of each response as JSON in `metadata` records: fields of the record and of HTTP, links."""

from __future__ import annotations

import json
from typing import Any

from archive.export.derived import Derived
from archive.export.job import Job
from archive.export.members import member, record_id
from archive.export.plan import Item
from archive.warc.exchange_records import date
from archive.warc.http_head import headers_of, status_of
from archive.warc.record import Record, record_at
from extractor.html.outline import outline
from extractor.html.page import Page
from extractor.metadata.reservations import reservations_of
from extractor.values.content import decode_content

_LONGEST_PAGE = 8 << 20
"""Maximum decoded bytes in which links are read."""
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})


class Wat(Derived):
    name = "wat"
    suffix = ".warc.wat.gz"

    def record(self, job: Job, item: Item) -> bytes | None:
        if item.capture.kind == "not-modified" or (records := job.records(item)) is None:
            return None
        with records, record_at(records) as record:
            return metadata(job, item, record)


def metadata(job: Job, item: Item, record: Record) -> bytes:
    """Return the record of a capture."""
    capture = item.capture
    fields = [
        ("WARC-Record-ID", record_id("metadata", capture.record_id)),
        ("WARC-Date", date(capture.at)),
        ("WARC-Target-URI", capture.url),
        ("WARC-Refers-To", capture.record_id),
    ]
    said = {"Container": _container(item), "Envelope": _envelope(job, item, record)}
    return member("metadata", fields, "application/json", json.dumps(said, separators=(",", ":")).encode())


def _container(item: Item) -> dict[str, Any]:
    """Return the location of the record in the source archive."""
    where = item.capture.location
    return {
        "Filename": f"{where.segment}.warc.gz",
        "Compressed": True,
        "Offset": str(where.offset),
        "Gzip-Metadata": {"Deflate-Length": str(where.length)},
    }


def _envelope(job: Job, item: Item, record: Record) -> dict[str, Any]:
    return {
        "Format": "WARC",
        "WARC-Header-Metadata": _fields(record.headers),
        "Actual-Content-Length": str(record.block_length),
        "Block-Digest": record.header("warc-block-digest"),
        "Payload-Metadata": {
            "Actual-Content-Type": record.header("content-type"),
            "HTTP-Response-Metadata": _http(job, item, record),
        },
    }


def _http(job: Job, item: Item, record: Record) -> dict[str, Any]:
    head = record.http_head
    version, _, rest = head.partition(b"\n")[0].decode("latin-1").strip().partition(" ")
    fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers_of(head)]
    message = {"Version": version, "Status": str(status_of(head) or ""), "Reason": rest[4:]}
    said: dict[str, Any] = {
        **({"Response-Message": message, "Headers": _fields(fields)} if head else {}),
        "Headers-Length": str(len(head)),
        "Entity-Length": str(record.payload_length),
    }
    if item.capture.digest:
        said["Entity-Digest"] = f"sha1:{item.capture.digest}"
    if item.capture.has_payload and item.capture.mime in _PAGE_TYPES:
        said["HTML-Metadata"] = _outline(job, item, _page(item, record, fields))
    return said


def _outline(job: Job, item: Item, page: Page) -> dict[str, Any]:
    """Return the head and the links of a page; only its title if the site reserves what is mined of it."""
    found = outline(page)
    if job.reserved(item, reservations_of(page)):
        return {"Head": {name: value for name, value in found["Head"].items() if name == "Title"}}
    return found


def _page(item: Item, record: Record, fields: list[tuple[str, str]]) -> Page:
    of = {name.lower(): value for name, value in fields}
    decoded = decode_content(record.read_payload(_LONGEST_PAGE), of.get("content-encoding"), _LONGEST_PAGE)
    return Page(item.capture.url, decoded.body, record.content_type)


def _fields(fields: Any) -> dict[str, Any]:
    """Return fields by name; a repeated field has a list."""
    found: dict[str, Any] = {}
    for name, value in fields:
        if name in found:
            found[name] = [*(found[name] if isinstance(found[name], list) else [found[name]]), value]
        else:
            found[name] = value
    return found
