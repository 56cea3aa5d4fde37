"""WARC records that an export makes itself: the warcinfo, and what is derived from a capture (ISO 28500:2017, 6)."""

from __future__ import annotations

import base64
import hashlib
import uuid
import zlib
from collections.abc import Iterable

from archive.export.job import Job
from archive.warc import date

_SPACE = uuid.UUID("6ad9c4f2-5b0e-5c3a-8e0c-7d1b6c2a9f10")
"""Record ids are named after what they are of, so that the same export gives the same bytes."""
_GZIP = 31


def heading(job: Job, form: str, suffix: str) -> bytes:
    """The first record: who made the file, when, of what. `form` is in the words of the format's own specification,
    `suffix` how the file's name ends.
    """
    facts = {
        "software": job.plan.software,
        "format": form,
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": job.plan.selection,
    }
    block = "".join(f"{name}: {value}\r\n" for name, value in facts.items()).encode()
    fields = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", record_id("warcinfo", job.name + suffix)),
        ("WARC-Date", date(job.created)),
        ("WARC-Filename", job.name + suffix),
    ]
    return member(fields, "application/warc-fields", block)


def record_id(*names: str) -> str:
    """A record id that is always the same for the same names."""
    return f"<{uuid.uuid5(_SPACE, ' '.join(names)).urn}>"


def member(fields: Iterable[tuple[str, str]], content_type: str, block: bytes) -> bytes:
    """A whole record, compressed."""
    digest = base64.b32encode(hashlib.sha1(block, usedforsecurity=False).digest()).decode()
    all_fields = [
        *fields,
        ("WARC-Block-Digest", f"sha1:{digest}"),
        ("Content-Type", content_type),
        ("Content-Length", str(len(block))),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in all_fields)
    return packed(f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n")


def packed(octets: bytes) -> bytes:
    """As one gzip member: the same for the same octets (zlib, not isal: what it writes has not changed for decades)."""
    gzip = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    return gzip.compress(octets) + gzip.flush()
