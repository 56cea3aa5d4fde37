"""WACZ 1.1.1: a WARC, its index and its list of pages in one ZIP file for replay programs.

The index is compressed in blocks and has its own index, for programs that read ranges; pywb requires this form.
Not-modified captures are in the WARC but not in the index: replay programs show them as blank pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.export.job import Job
from archive.export.lines import blocks, lines
from archive.export.plan import Item
from archive.export.rows import said_of
from archive.export.wacz_check import check
from archive.export.warc import warc_pieces
from archive.export.zip_stream import Entry, StreamedZip
from archive.values.digest import sha256
from archive.values.errors import Finding
from archive.warc import cdxj

if TYPE_CHECKING:
    from archive.export.wacz_signature import WaczSigner

VERSION = "1.1.1"
WARC = "data.warc.gz"

_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})


class Wacz:
    name = "wacz"
    suffix = ".wacz"
    media_type = "application/wacz"
    resumable = False

    def __init__(self, signer: WaczSigner | None = None) -> None:
        """Create an exporter. With a `signer`, it signs files (wacz-auth 0.1.0)."""
        self._signer = signer

    def pieces(self, job: Job) -> Iterator[bytes]:
        package, pages = StreamedZip(job.created), _Pages(job)
        yield from package.add(f"archive/{WARC}", warc_pieces(job), stored=True)
        yield from _index(package, job)
        yield from package.add("pages/pages.jsonl", pages.lines())
        description = _description(job, pages.first, package.entries)
        described = _canonical(description)
        yield from package.add("datapackage.json", [described])
        digest: dict[str, Any] = {"path": "datapackage.json", "hash": f"sha256:{sha256(described)}"}
        if self._signer:
            created, by = description["created"], job.plan.software
            digest["signedData"] = self._signer.signed(digest["hash"], created=created, software=by)
        yield from package.add("datapackage-digest.json", [_canonical(digest)])
        yield from package.end()

    def verify(self, file: Path) -> Iterator[Finding]:
        return check(file)


def _index(package: StreamedZip, job: Job) -> Iterator[bytes]:
    """Yield the index. The index of its blocks has a 300th of the lines, so it fits in memory."""
    head = {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}
    index, offset = [f"!meta 0 {json.dumps(head)}\n"], 0

    def octets() -> Iterator[bytes]:
        nonlocal offset
        for block in blocks(lines(job, _line)):
            place = {"offset": offset, "length": len(block.octets), "digest": f"sha256:{sha256(block.octets)}"}
            index.append(f"{block.key} {json.dumps(place)}\n")
            offset += len(block.octets)
            yield block.octets

    yield from package.add("indexes/index.cdx.gz", octets(), stored=True)
    yield from package.add("indexes/index.idx", ["".join(index).encode("ascii")])


def _line(item: Item) -> str | None:
    """Return the line of an item, with its location in the contained WARC; None if it was left out."""
    if item.put_at is None:
        return None
    return cdxj.placed_line(item.capture, WARC, item.put_at, {"recordDigest": item.digest})


class _Pages:
    """The list of pages, which replay programs show first."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.first: Item | None = None

    def lines(self) -> Iterator[bytes]:
        yield _json_line({"format": "json-pages-1.0", "id": "pages", "title": "Pages", "hasText": True})
        for _, group in groupby(self._job.items("key"), lambda item: (item.capture.urlkey, item.capture.at)):
            together = [item for item in group if item.put_at is not None]
            for item in filter(_is_page, together):
                self.first = self.first or item
                yield _json_line(self._page(item, together))

    def _page(self, item: Item, together: list[Item]) -> dict[str, Any]:
        """Return the line of a page. If a browser rendered it, its text is that of the rendered document."""
        rendered = next((other for other in together if _is_rendered(other, item)), None)
        text = (rendered and self._job.text(rendered)) or self._job.text(item)
        page = {"id": item.capture.record_id.strip("<>").rpartition(":")[2], "url": item.capture.url, "ts": _time(item)}
        page |= item.judged
        return page | {
            name: value
            for name, value in (
                ("title", text and text.title),
                ("text", text and text.text),
                ("reservations", said_of(item, text)),
            )
            if value is not None
        }


def _is_page(item: Item) -> bool:
    capture = item.capture
    answered = capture.status == 200 if capture.kind in {"response", "revisit"} else capture.kind == "resource"
    return item.asked and answered and capture.mime in _PAGE_TYPES


def _is_rendered(item: Item, page: Item) -> bool:
    capture = item.capture
    return capture.kind == "conversion" and capture.url == page.capture.url and capture.mime in _PAGE_TYPES


def _time(item: Item) -> str:
    return item.capture.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _description(job: Job, first: Item | None, entries: list[Entry]) -> dict[str, Any]:
    at = job.created.isoformat().replace("+00:00", "Z")
    described = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": job.name,
        "description": f"Exported from a Pressmark archive: {job.plan.selection}",
        "created": at,
        "modified": at,
        "software": job.plan.software,
        "resources": [
            {
                "name": entry.name.rpartition("/")[2],
                "path": entry.name,
                "hash": f"sha256:{entry.sha256}",
                "bytes": entry.size,
            }
            for entry in entries
        ],
    }
    return described | ({"mainPageUrl": first.capture.url, "mainPageDate": _time(first)} if first else {})


def _json_line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def _canonical(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, indent=2).encode() + b"\n"
