"""A page that a browser drew has the text of what was drawn; any other page has its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from specimens.captures import NOON, reference_to
from specimens.segments import CONTEXT, SegmentFile, answered

from archive.archive import Archive
from archive.database.engine import open_database
from archive.index.index import Index
from archive.store.memory import MemoryStore
from archive.texts.texts import TextRow, Texts
from archive.values.capture import Capture
from archive.values.digest import digest_payload
from archive.values.urlkey import urlkey
from archive.warc.derived import Derived, capture_of_derived
from archive.warc.exchange_records import Written

URL = "https://example.org/news/1"
SHELL, DRAWN = "Please enable JavaScript.", "The moon has an atmosphere of sodium."


@dataclass
class World:
    archive: Archive
    index: Index
    segment: SegmentFile

    def add(self, *captures: Capture, texts: dict[str, str]) -> None:
        self.index.add(captures)
        rows = [
            TextRow(one.record_id, self.segment.name, one.url, one.at, None, "done", text=texts[one.record_id])
            for one in captures
            if one.record_id in texts
        ]
        self.index.note_texts(self.segment.name, rows)

    def found(self, words: str) -> list[str]:
        return [one.url for one in self.archive.search(words).items]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    index = Index(database, now=lambda: NOON + timedelta(days=1))
    segment = SegmentFile(tmp_path, "20260131T120000Z-1-0-abcd")
    index.opened(segment.name, collection="default", worker="w", epoch=1, path=segment.path, at=NOON)
    yield World(Archive(index, Texts(database), MemoryStore()), index, segment)
    database.close()


def drawn(original: Capture) -> Capture:
    made = Derived("conversion", original.url, "text/html", b"<p>drawn", reference_to(original))
    written = Written("<urn:uuid:0a0a0a0a-0000-4000-8000-000000000000>", 9, 9, 1)
    place = (original.location.segment, original.location.offset + original.span)
    return capture_of_derived(made, CONTEXT, written, place, payload=digest_payload(made.body), urlkey=urlkey)


def test_a_drawn_page_has_the_text_of_what_was_drawn(world: World) -> None:
    world.segment.write(answered(URL, b"<div id=root></div>"))
    page = world.segment.captures[0]
    document = drawn(page)

    world.add(page, document, texts={page.record_id: SHELL, document.record_id: DRAWN})

    text = world.archive.text_of(page)
    assert text is not None
    assert text.text == DRAWN
    with world.archive.snapshot(URL, NOON) as snapshot:
        assert snapshot.capture == page
        assert snapshot.text is not None
        assert snapshot.text.text == DRAWN
    assert (world.found("sodium"), world.found("JavaScript")) == ([URL], []), "the empty page is no version of its text"
    assert world.archive.latest_page(URL) == page


def test_a_page_that_no_browser_drew_has_its_own_text(world: World) -> None:
    world.segment.write(answered(URL, b"<p>static"))
    world.segment.write(answered(URL, b"<div id=root></div>", minute=5))
    first, second = world.segment.captures
    document = drawn(second)

    world.add(first, second, document, texts={first.record_id: SHELL, document.record_id: DRAWN})

    text = world.archive.text_of(first)
    assert text is not None
    assert text.text == SHELL
    assert world.found("JavaScript") == [URL]
