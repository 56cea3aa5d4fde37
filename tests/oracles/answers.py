"""The contents of a WARC as warcio reads it: another reader than ours, run as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# warcio uses `brotli` if it is installed, and can't use what Scrapy brings under that name.
_CODE = """
import hashlib, json, sys, brotlicffi
sys.modules["brotli"] = brotlicffi
from warcio.archiveiterator import ArchiveIterator
for record in ArchiveIterator(open(sys.argv[1], "rb")):
    if record.rec_type in ("response", "revisit") and record.http_headers:
        body = record.content_stream().read()
        said = record.rec_headers.get_header
        print(json.dumps([record.rec_type, said("WARC-Target-URI").strip("<>"), said("WARC-Date"),
                          said("WARC-Payload-Digest"), hashlib.sha256(body).hexdigest()]))
"""

_COUNT = """
import sys
from warcio.archiveiterator import ArchiveIterator
print(sum(1 for _ in ArchiveIterator(open(sys.argv[1], "rb"), no_record_parse=True)))
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer over HTTP; `sha256` is that of its payload, decoded."""

    kind: str
    url: str
    date: str
    digest: str | None
    sha256: str


def answers_in(warc: Path) -> list[Answer]:
    """The responses and revisits of a WARC, in their order."""
    done = subprocess.run([sys.executable, "-c", _CODE, warc], check=True, capture_output=True, text=True, timeout=120)
    return [Answer(*json.loads(line)) for line in done.stdout.splitlines()]


def count_records(warc: Path) -> int:
    """Count the records of a WARC."""
    done = subprocess.run([sys.executable, "-c", _COUNT, warc], check=True, capture_output=True, text=True, timeout=120)
    return int(done.stdout)
