from __future__ import annotations

from datetime import timedelta

from specimens.captures import NOON, capture_of, revisit_of
from specimens.indexes import SEGMENT, in_segment, opened
from specimens.library import Library, said

from archive.index.index import Index
from archive.index.selection import Selection
from archive.index.selection_rows import chosen


def test_the_latest_captures_are_found_over_many_pages_of_rows(index: Index) -> None:
    urls = [f"https://example.org/{number}" for number in range(900)]
    index.add(
        [
            capture_of(url, minute=minute, number=3 * number + minute)
            for number, url in enumerate(urls)
            for minute in range(3)
        ]
    )

    found = list(chosen(index, Selection(latest=True)))
    assert sorted(capture.url for capture in found) == sorted(urls)
    assert {capture.at for capture in found} == {NOON + timedelta(minutes=2)}


def test_revisits_have_the_texts_and_languages_of_their_originals(shelf: Library) -> None:
    one, row = said("the tide tables", "https://example.org/1", language="en-GB")
    shelf.keep((one, row), said("潮汐表", "https://example.org/2", language="zh"))
    again, unchanged = revisit_of(one, minute=60), revisit_of(one, minute=90, kind="not-modified")
    opened(shelf.index, SEGMENT)
    shelf.index.add([in_segment(capture, SEGMENT) for capture in (again, unchanged)])

    def kinds(selection: Selection) -> list[str]:
        return sorted(capture.kind for capture in chosen(shelf.index, selection))

    assert kinds(Selection(language="en")) == ["not-modified", "response", "revisit"]
    assert kinds(Selection(language="en", latest=True)) == ["revisit"]
    assert kinds(Selection(language="de")) == []
    assert kinds(Selection(with_text=True, media_type="text/html")) == [
        "not-modified",
        "response",
        "response",
        "revisit",
    ]
