"""Create WARC records for exports: the warcinfo, and records derived from captures (ISO 28500:2017, 6)."""

from __future__ import annotations

import uuid
import zlib

from archive.export.job import Job
from archive.warc.exchange_records import date
from archive.warc.record_writer import Compressor, Fields, RecordWriter

_SPACE = uuid.UUID("6ad9c4f2-5b0e-5c3a-8e0c-7d1b6c2a9f10")
"""Record ids are named after what they are of, so that the same export gives the same bytes."""
_GZIP = 31


def heading(job: Job, form: str, suffix: str) -> bytes:
    """Return the warcinfo record.

    `form` is the name of the format in its specification, `suffix` the ending of the file name.
    """
    facts = {
        "software": job.plan.software,
        "format": form,
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": job.plan.selection,
    }
    name = job.name + suffix
    return _WRITER.packed(_WRITER.warcinfo(name, facts, record_id=record_id("warcinfo", name), date=date(job.created)))


def record_id(*names: str) -> str:
    """Return a record id that is a function of the names."""
    return f"<{uuid.uuid5(_SPACE, ' '.join(names)).urn}>"


def member(kind: str, fields: Fields, content_type: str, block: bytes) -> bytes:
    """Return a record of that type, as one gzip member. `fields` begin with its id and date."""
    return _WRITER.packed(_WRITER.record(kind, [*fields, ("Content-Type", content_type)], body=block))


def packed(data: bytes) -> bytes:
    """Return the data as one gzip member."""
    gzip = _zlib_gzip()
    return gzip.compress(data) + gzip.flush()


def _zlib_gzip() -> Compressor:
    """Return zlib's compressor: the same bytes for the same record (what zlib writes has not changed for decades)."""
    return zlib.compressobj(6, zlib.DEFLATED, _GZIP)


_WRITER = RecordWriter(_zlib_gzip)
