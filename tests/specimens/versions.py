"""Pages in several versions with their extracted texts, for tests of differences and of messages about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from specimens.segments import CONTEXT, SegmentFile, answered

from archive.archive import Archive
from archive.spool.sealed import Sealed
from archive.texts.texts import TextRow, Texts
from extractor.values.thread import Post, Thread
from extractor.values.thread_json import thread_json
from pressmark.service.service import Service

URL = "https://example.org/news/1?a=b"
THREAD = "https://forum.example/t/7"


@dataclass(frozen=True)
class Version:
    """A page at one time, and its extracted text."""

    text: str
    url: str = URL
    minute: float = 0
    title: str | None = "The clock"
    headers: Sequence[str] = ("Content-Type: text/html; charset=utf-8",)
    source: str = "example"
    collection: str = "default"
    run: str = CONTEXT.run
    facts: dict[str, Any] = field(default_factory=dict)
    """Other columns of its text."""


def thread_version(posts: Sequence[tuple[str, str]], minute: float, **facts: Any) -> Version:
    """Return a page of a thread: its posts by id and text."""
    said = tuple(Post(key, f"u{key}", None, text, text, text) for key, text in posts)
    thread = Thread(THREAD, "spirit", "The reactor", said, home=THREAD, page=1, pages=1)
    fields = {"fields": {"thread": thread_json(thread)}}
    return Version(thread.text, THREAD, minute, "The reactor", facts=fields, **facts)


def keep(service: Service, directory: Path, *versions: Version) -> None:
    """Import them into the archive, a segment each, as if they had been crawled."""
    for version in versions:
        stamp = f"{20260131120000 + int(version.minute):014d}"
        segment = SegmentFile(directory, f"{stamp[:8]}T{stamp[8:]}Z-1-0-{len(list(directory.iterdir())):04x}")
        body = f"<p>{version.text}</p>".encode("utf-8", "replace")
        context = replace(CONTEXT, collection=version.collection, source=version.source, run=version.run)
        capture = segment.write(
            answered(version.url, body, minute=version.minute, headers=version.headers), context=context
        )
        row = TextRow(capture.record_id, "", version.url, capture.at, capture.digest, "done")
        said = {"text": version.text, "extractor": "x", "version": "1", "title": version.title}
        row = replace(row, **(said | version.facts))

        def read(sealed: Sealed, row: TextRow = row) -> list[TextRow]:
            return [replace(row, segment=sealed.name)]

        archive = Archive(service.index, Texts(service.database), service.store, read_texts=read)
        archive.ingest(segment.path, version.collection)
