"""A small archive in which every byte is known: two segments, stored in `tests/archive/export/segments`.

``python -m specimens.archives`` (in `tests`) writes them again; the golden files of the exports depend on them.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from services.databases import database_at
from specimens.captures import NOON
from specimens.segments import CONTEXT, SegmentFile, answered

from archive.archive import Archive
from archive.database.engine import Database
from archive.export import Exports
from archive.index.index import Index
from archive.spool.sealed import Sealed
from archive.store import ObjectStore
from archive.store.memory import MemoryStore
from archive.texts.texts import TextRow, Texts
from archive.values.capture import Capture
from archive.values.urlkey import urlkey
from archive.warc.facts import captures_of
from archive.warc.record import read
from extractor.values.thread import Post, Thread
from extractor.values.thread_json import thread_json

SEGMENTS = Path(__file__).parent.parent / "archive" / "export" / "segments"
LATER = NOON + timedelta(days=1)

NEWS = "https://example.org/news/1"
FORUM = "https://forum.example.net/t/7?page=2"
TEXTS = {
    NEWS: ("A new telescope", "It sees\nfurther.", "en"),
    FORUM: ("量子 computing", "第一帖：量子比特\n\n第二帖 “quoted” & <b>", "zh-CN"),
}
THREAD = Thread(
    FORUM,
    "generic",
    TEXTS[FORUM][0],
    (
        Post("p11", "Mira", "2026-01-29T08:00:00+00:00", "> 第一帖\n第二帖", own="第二帖", url=f"{FORUM}#p11"),
        Post("p12", None, None, "第三帖", own="第三帖"),
    ),
    home="https://forum.example.net/t/7",
    page=2,
    pages=2,
)


@dataclass(slots=True)
class Kept:
    """An open archive, and its exports."""

    archive: Archive
    database: Database
    index: Index
    texts: Texts
    store: ObjectStore
    exports: Exports

    def captures(self) -> list[Capture]:
        """Return all captures of the two hosts, without their places."""
        every = [*self.archive.captures("example.org", match="host"), *self.archive.captures(FORUM, match="host")]
        return [placeless(capture) for capture in every]


def placeless(capture: Capture) -> Capture:
    return capture._replace(location=replace(capture.location, segment="", offset=0))


@contextmanager
def empty_archive(directory: Path, store: ObjectStore | None = None) -> Iterator[Kept]:
    directory.mkdir(parents=True, exist_ok=True)
    database = database_at(directory / "archive.db")
    index, texts, store = Index(database, now=lambda: LATER), Texts(database), store or MemoryStore()
    archive = Archive(index, texts, store, read_texts=read_texts)
    yield Kept(archive, database, index, texts, store, Exports(index, texts, store, by="pressmark/0"))
    database.close()


@contextmanager
def small_archive(directory: Path) -> Iterator[Kept]:
    """Return the archive of the two segments."""
    with empty_archive(directory) as kept:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            kept.archive.ingest(segment)
        yield kept


def read_texts(sealed: Sealed) -> Sequence[TextRow]:
    with sealed.path.open("rb") as file:
        return [
            text_of(one, sealed.name)
            for one in captures_of(read(file), sealed.name, sealed.collection, urlkey)
            if one.kind == "response" and one.url in TEXTS
        ]


def text_of(capture: Capture, segment: str) -> TextRow:
    title, text, language = TEXTS[capture.url]
    row = TextRow(capture.record_id, segment, capture.url, capture.at, capture.digest, "done")
    fields = {"thread": thread_json(THREAD)} if capture.url == FORUM else None
    return replace(row, title=title, author="A. Nyone", date="2026-01-30", language=language, text=text, fields=fields)


def write_segments() -> None:
    """Write a page, its picture, a redirect and a missing page.

    A day later the same page unchanged, by digest and by a 304, and a page of a forum of another source, compressed.
    """
    shutil.rmtree(SEGMENTS, ignore_errors=True)
    SEGMENTS.mkdir(parents=True)
    page = b'<title>A new telescope</title><a href="/news/2">More</a><img src="/p.png" alt="It"><p>It sees<p>further.'
    one = SegmentFile(SEGMENTS, "20260131T120000Z-1-0-aaaaaaaa")
    news = one.write(answered(NEWS, page))
    one.write(answered("https://example.org/p.png", b"\x89PNG\r\n", minute=1, headers=("Content-Type: image/png",)))
    one.write(answered("http://example.org/", b"", minute=2, status="301 Moved", headers=(f"Location: {NEWS}",)))
    one.write(answered("https://example.org/gone", b"<p>no", minute=3, status="404 Not Found"))
    two = SegmentFile(SEGMENTS, "20260201T120000Z-1-1-bbbbbbbb", at=datetime.fromisoformat("2026-02-01T12:00:00Z"))
    day = 24 * 60
    two.revisit(news, answered(NEWS, page, minute=day))
    two.unchanged(news, day + 1)
    posts = gzip.compress("<title>量子 computing</title><p>第一帖：量子比特<p>第二帖".encode(), mtime=0)
    coded = ("Content-Type: text/html; charset=utf-8", "Content-Encoding: gzip")
    forum = answered(FORUM, posts, minute=day + 2, headers=coded)
    two.write(forum, context=replace(CONTEXT, source="forum", run="run-2"))


if __name__ == "__main__":
    write_segments()
