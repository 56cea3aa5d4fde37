from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from specimens.captures import NOON, capture_of

from archive.database.engine import Database
from archive.index.change_rows import ChangeFeed
from archive.index.changes import Changes
from archive.index.index import Index
from archive.index.tallies import Tallies, ports_beside
from archive.texts.texts import TextRow, Texts, insert_texts
from archive.texts.version_rows import add_texts
from archive.values.capture import Capture

SEGMENT = "20260131T120000Z-1-0-abcd"


def keep(
    database: Database, captures: list[Capture], *, read: bool = True, says: str = "The words of it. " * 50
) -> None:
    index = Index(database, now=lambda: NOON)
    index.opened(SEGMENT, collection="default", worker="main", epoch=1, path=Path("x"), at=NOON)
    index.add(captures)
    if read:
        with database.writing() as connection:
            insert_texts(connection, [text_of(capture, says) for capture in captures])
            add_texts(connection, SEGMENT, {})


def text_of(capture: Capture, says: str) -> TextRow:
    words = {"title": f"Title of {capture.url}", "text": says}
    return TextRow(capture.record_id, SEGMENT, capture.url, capture.at, capture.digest, "done", **words)


def many(count: int, **facts: object) -> list[Capture]:
    return [
        capture_of(f"https://example.org/{number}", minute=number, number=number, **facts)  # type: ignore[arg-type]
        for number in range(count)
    ]


def test_changes_are_listed_newest_first_page_by_page_each_once(database: Database) -> None:
    keep(database, many(25))
    seen, before = [], None
    while True:
        page = ChangeFeed(database).pieces(before=before, limit=10)
        seen += [piece.url for piece in page.items]
        if (before := page.next) is None:
            break

    assert seen == [f"https://example.org/{number}" for number in reversed(range(25))]
    assert len(ChangeFeed(database).pieces(limit=1).items[0].beginning) == 400


def test_a_new_text_is_a_change_and_a_capture_without_text_is_not(database: Database) -> None:
    first = capture_of("https://example.org/a", number=0)
    second = capture_of("https://example.org/a", minute=5, number=1, payload=b"other")
    keep(database, [first], says="The clock is right.")
    keep(database, [second], says="The clock is wrong.")
    keep(database, [capture_of("https://example.org/image", minute=9, number=2)], read=False)
    found = ChangeFeed(database).pieces().items

    assert [(piece.at, piece.changed) for piece in found] == [(second.at, True), (first.at, False)]
    assert ChangeFeed(database).pieces(source="nobody").items == ()


def test_another_payload_with_the_same_text_or_only_noise_is_not_a_change(database: Database) -> None:
    versions = [capture_of("https://example.org/a", minute=n, number=n, payload=b"%d" % n) for n in range(4)]
    for version, ago in zip(versions, ("3 hours ago", "3 hours ago", "5 hours ago", "3 hours ago"), strict=True):
        keep(database, [version], says=f"The clock is right.\n{ago}")
    found = ChangeFeed(database).pieces().items

    assert [(piece.at, piece.changed) for piece in found] == [(versions[0].at, False)]
    assert [change.at for change in Changes(database).page()] == [versions[0].at]


def test_many_captures_may_be_between_two_changes(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.index.change_rows._WINDOW", 5)
    keep(database, many(1))
    keep(database, [capture_of("https://example.org/i", minute=n, number=n) for n in range(1, 20)], read=False)
    empty = ChangeFeed(database).pieces()
    pages, before = 1, empty.next
    while before is not None and not (page := ChangeFeed(database).pieces(before=before)).items:
        pages, before = pages + 1, page.next

    assert empty.items == ()
    assert [piece.url for piece in page.items] == ["https://example.org/0"]
    assert pages == 3


def test_captures_of_all_spellings_of_a_url_are_counted_by_utc_day(database: Database) -> None:
    late = NOON.replace(hour=23, minute=59, second=59, microsecond=999_999)
    captures = [
        capture_of("https://example.org/a", number=0),
        capture_of("http://www.example.org/a", number=1, at=late),
        capture_of("https://example.org/a", number=2, at=late + timedelta(microseconds=1)),
        capture_of("https://example.org/b", number=3),
        capture_of("https://example.org/a", number=4, at=NOON.replace(year=2019)),
    ]
    keep(database, captures)

    assert Tallies(database).days("https://example.org/a") == {
        date(2019, 1, 31): 1,
        date(2026, 1, 31): 2,
        date(2026, 2, 1): 1,
    }
    assert Tallies(database).days("https://example.org/never") == {}


def test_collections_have_the_totals_of_their_segments(database: Database) -> None:
    keep(database, many(2))
    kept = Tallies(database).collections()

    assert list(kept) == ["default"]
    assert (kept["default"].segments, kept["default"].octets) == (1, 0)


def test_the_other_ports_of_a_host_are_found_by_a_look_at_each(database: Database) -> None:
    pages = ("http://a.example/", "http://a.example:8080/x", "http://a.example:81/", "http://a.example.org:9/")
    keep(database, [capture_of(url, number=n) for n, url in enumerate((*pages, "http://b.a.example:7/"))], read=False)

    assert ports_beside(database, "http://a.example/") == [8080, 81]
    assert ports_beside(database, "http://a.example:81/y") == [80, 443, 8080]
    assert ports_beside(database, "http://nobody.example/") == []


def test_the_texts_of_a_page_are_its_versions_newest_first(database: Database) -> None:
    first, second = (capture_of("https://example.org/a", minute=n, number=n, payload=b"%d" % n) for n in range(2))
    keep(database, [first, capture_of("https://example.org/b", number=5)], says="The clock is right.")
    keep(database, [second], says="The clock is wrong.")
    keep(database, [capture_of("https://example.org/a", minute=9, number=9)], read=False)

    found = [(text.at, text.text) for text in Texts(database).of_url("https://EXAMPLE.org/a#top")]
    assert found == [(second.at, "The clock is wrong."), (first.at, "The clock is right.")]
