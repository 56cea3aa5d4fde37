"""Read and write CDXJ: sorted lines ``<urlkey> <timestamp> <JSON>``, one per capture. See docs/formats/cdxj.md.

The standard keys (url, mime, status, digest, length, offset, filename) are as other tools write them. Additional keys
make a line parse back to exactly the capture that it was written from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any, get_args

from archive.values.capture import WITH_PAYLOAD, Capture, Kind, Location, Reference
from archive.values.errors import DamagedRecord
from archive.values.timestamps import timestamp14
from archive.warc.cdxj_members import plain

REVISIT = "warc/revisit"
"""The `mime` of a revisit."""

SUFFIX = ".warc.gz"
"""What follows the name of a segment in the name of its file."""
_JSON = json.JSONEncoder(separators=(",", ":")).encode
_quoted = json.encoder.encode_basestring_ascii
_DIGEST = "sha1:"
_KINDS = frozenset(get_args(Kind))


def line(capture: Capture) -> str:
    """Return the complete line of a capture, without the line end."""
    return _joined(
        capture, _JSON({key: value for key, value in chain(_standard(capture), _ours(capture)) if value is not None})
    )


def export_line(capture: Capture) -> str:
    """Return the line of a capture with the standard keys only."""
    pairs = [f'"{key}":{_quoted(value)}' for key, value in _standard(capture) if value is not None]
    return _joined(capture, f"{{{','.join(pairs)}}}")


def placed_line(capture: Capture, filename: str, offset: int, more: Mapping[str, str | None]) -> str:
    """Return the line of a capture whose record was copied to another file, with the standard keys and some more."""
    fields = {key: value for key, value in _standard(capture) if value is not None}
    return _joined(capture, _JSON({**fields, "offset": str(offset), "filename": filename, **more}))


def write(captures: Iterable[Capture], *, export: bool = False) -> bytes:
    """Return a CDXJ file: the sorted lines of captures.

    `export` is for other tools. They replay a not-modified capture as a blank page, so those are left out.
    """
    if export:
        lines = [export_line(capture) for capture in captures if capture.kind != "not-modified"]
    else:
        lines = [line(capture) for capture in captures]
    return "".join(f"{text}\n" for text in sorted(lines)).encode("ascii")


def read(data: bytes) -> Iterator[Capture]:
    """Yield the captures of a file that Pressmark wrote, compressed or not.

    Raises DamagedRecord with the number of an invalid line.
    """
    for number, text in enumerate(plain(data).splitlines(), 1):
        try:
            yield parse(text)
        except DamagedRecord as damaged:
            raise DamagedRecord(f"line {number} of a CDXJ file", damaged.why) from damaged


def parse(text: str | bytes) -> Capture:
    """Parse a line that Pressmark wrote. Raises DamagedRecord."""
    try:
        urlkey, timestamp, fields = (text if isinstance(text, str) else text.decode("ascii")).split(" ", 2)
        return _capture(urlkey, timestamp, json.loads(fields))
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedRecord("a line of CDXJ", f"{type(error).__name__}: {error}") from error


def _joined(capture: Capture, fields: str) -> str:
    return f"{capture.urlkey} {timestamp14(capture.at)} {fields}"


def _standard(capture: Capture) -> tuple[tuple[str, str | None], ...]:
    where = capture.location
    return (
        ("url", capture.url),
        ("mime", capture.mime if capture.has_payload else REVISIT),
        ("status", None if capture.status is None else str(capture.status)),
        ("digest", None if capture.digest is None else _DIGEST + capture.digest),
        ("length", str(where.length)),
        ("offset", str(where.offset)),
        ("filename", where.segment + SUFFIX),
    )


def _ours(capture: Capture) -> Iterator[tuple[str, Any]]:
    yield "kind", capture.kind
    yield "content", None if capture.has_payload else capture.mime
    yield "us", capture.at.microsecond or None
    yield "sha256", capture.sha256
    yield "bytes", capture.payload_length
    yield "span", capture.span
    yield "record", capture.record_id
    yield "collection", capture.collection
    yield "source", capture.source
    yield "run", capture.run
    yield "refers", _refers(capture.refers_to)
    yield "etag", capture.etag
    yield "modified", capture.last_modified
    yield "redirect", capture.redirect
    yield "truncated", capture.truncated
    yield "error", capture.error
    yield "reservations", capture.reservations


def _refers(reference: Reference | None) -> dict[str, str] | None:
    if reference is None:
        return None
    return {"record": reference.record_id, "url": reference.url, "at": reference.at.isoformat()}


def _capture(urlkey: str, timestamp: str, fields: dict[str, Any]) -> Capture:
    kind, filename, status, refers = fields["kind"], fields["filename"], fields.get("status"), fields.get("refers")
    if kind not in _KINDS or not filename.endswith(SUFFIX):
        raise ValueError(f"kind {kind!r}, file {filename!r}")
    return Capture(
        collection=fields["collection"],
        urlkey=urlkey,
        url=fields["url"],
        at=_at(timestamp, fields.get("us", 0)),
        kind=kind,
        status=None if status is None else int(status),
        mime=fields.get("mime") if kind in WITH_PAYLOAD else fields.get("content"),
        digest=fields["digest"].removeprefix(_DIGEST) if "digest" in fields else None,
        sha256=fields.get("sha256"),
        payload_length=fields["bytes"],
        location=Location(filename[: -len(SUFFIX)], int(fields["offset"]), int(fields["length"])),
        span=fields["span"],
        record_id=fields["record"],
        source=fields["source"],
        run=fields["run"],
        refers_to=refers and Reference(refers["record"], refers["url"], datetime.fromisoformat(refers["at"])),
        etag=fields.get("etag"),
        last_modified=fields.get("modified"),
        redirect=fields.get("redirect"),
        truncated=fields.get("truncated"),
        error=fields.get("error"),
        reservations=fields.get("reservations"),
    )


def _at(timestamp: str, microsecond: int) -> datetime:
    if len(timestamp) != 14 or not timestamp.isascii() or not timestamp.isdigit():
        raise ValueError(f"timestamp {timestamp!r}")
    return datetime.fromisoformat(f"{timestamp[:8]}T{timestamp[8:]}.{microsecond:06}+00:00")
