"""WET: the texts alone, as `conversion` records in the form of Common Crawl."""

from __future__ import annotations

from archive.export.derived import Derived
from archive.export.job import Job
from archive.export.languages import three_letters
from archive.export.members import member, record_id
from archive.export.plan import Item
from archive.texts.texts import TextRow
from archive.warc.exchange_records import date


class Wet(Derived):
    name = "wet"
    suffix = ".warc.wet.gz"

    def record(self, job: Job, item: Item) -> bytes | None:
        text = job.text(item) if item.capture.has_payload else None
        return conversion(item, text) if text and text.text else None


def conversion(item: Item, text: TextRow) -> bytes:
    """Return the record of a text, with the date of the capture and LF as line end."""
    capture, language = item.capture, three_letters(text.language)
    fields = [
        ("WARC-Record-ID", record_id("conversion", capture.record_id)),
        ("WARC-Date", date(capture.at)),
        ("WARC-Target-URI", capture.url),
        ("WARC-Refers-To", capture.record_id),
        *([("WARC-Identified-Content-Language", language)] if language else []),
    ]
    block = "\n".join((text.text or "").splitlines()) + "\n"
    return member("conversion", fields, "text/plain", block.encode(errors="replace"))
