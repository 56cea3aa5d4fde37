"""WET: the texts alone, as `conversion` records, in the form that Common Crawl gave them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from archive.export.job import Job
from archive.export.languages import three_letters
from archive.export.members import heading, member, record_id
from archive.export.plan import Item
from archive.export.warc import verify_warc
from archive.texts import TextRow
from archive.verify import Finding
from archive.warc import date


class Wet:
    name = "wet"
    suffix = ".warc.wet.gz"
    media_type = "application/warc"
    resumable = True

    def pieces(self, job: Job) -> Iterator[bytes]:
        if not job.after:
            yield heading(job, "WARC File Format 1.1", self.suffix)
        for item in job.items():
            text = job.text(item) if item.capture.kind == "response" else None
            if text and text.text:
                yield conversion(item, text)
            job.done(item)

    def verify(self, file: Path) -> Iterator[Finding]:
        return verify_warc(file)


def conversion(item: Item, text: TextRow) -> bytes:
    """The record of a text: with the date of the capture, and lines that end in LF."""
    capture, language = item.capture, three_letters(text.language)
    fields = [
        ("WARC-Type", "conversion"),
        ("WARC-Record-ID", record_id("conversion", capture.record_id)),
        ("WARC-Date", date(capture.at)),
        ("WARC-Target-URI", capture.url),
        ("WARC-Refers-To", capture.record_id),
        *([("WARC-Identified-Content-Language", language)] if language else []),
    ]
    block = "\n".join((text.text or "").splitlines()) + "\n"
    return member(fields, "text/plain", block.encode(errors="replace"))
