"""Query plans of feeds: they scan neither all texts nor a whole collection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from specimens.captures import NOON, capture_of
from specimens.plans import asked, plan
from sqlalchemy import text

from archive.database.engine import Database, open_database
from archive.index.changes import Changes, PageChange
from archive.index.index import Index
from archive.texts.texts import TextRow, insert_texts
from archive.texts.version_rows import add_texts
from archive.values.capture import Capture

SITE_FILES = [f"https://example.org{path}" for path in ("/robots.txt", "/.well-known/tdmrep.json", "/ai.txt")]
SEGMENT = "20260131T120000Z-1-0-abcd"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    index = Index(opened, now=lambda: NOON)
    index.opened(SEGMENT, collection="default", worker="main", epoch=1, path=Path("x"), at=NOON)
    kept = [capture_of(minute=minute, number=minute, payload=b"%d" % minute) for minute in range(3)]
    kept += [capture_of("https://example.org/new", minute=3, number=3)]
    kept += [capture_of(url, minute=4, number=4 + place) for place, url in enumerate(SITE_FILES)]
    index.add(kept)
    with opened.writing() as connection:
        insert_texts(connection, [read(capture, number) for number, capture in enumerate(kept)])
        add_texts(connection, SEGMENT, {})
    yield opened
    opened.close()


def read(capture: Capture, number: int) -> TextRow:
    says = f"The words of version {number}, written anew. " * 50
    return TextRow(capture.record_id, SEGMENT, capture.url, capture.at, capture.digest, "done", title="T", text=says)


def feeds(database: Database) -> tuple[list[PageChange], list[str]]:
    """Return the first pages of all feeds, and the query plans."""
    changes, found = Changes(database), []
    with asked(database) as statements:
        for whose in ({}, {"source": "example"}, {"collection": "default"}):
            found += changes.page(**whose)  # type: ignore[arg-type]
        changes.page(before=found[0].place, limit=1)
    return found, [plan(database, *each) for each in statements if each[0].startswith("SELECT")]


def test_a_feed_is_read_by_index_and_the_previous_text_is_found_by_page(database: Database) -> None:
    found, plans = feeds(database)

    assert {change.novelty for change in found} == {"new", "changed"}
    assert all("version" in (change.before or "") for change in found if change.novelty == "changed")
    lists, former = [each for each in plans if "urlkey=?" not in each], [each for each in plans if "urlkey=?" in each]
    assert [each for each in lists if "TEMP B-TREE" in each] == []
    assert former
    assert all("(collection=? AND source=? AND urlkey=?)" in each for each in former)


def test_a_new_page_needs_no_query_for_a_previous_text(database: Database) -> None:
    found, plans = feeds(database)

    changed = sum(change.novelty == "changed" for change in found)
    assert changed < len(found)
    assert sum("urlkey=?" in each for each in plans) == changed + 1  # the last feed has one changed page


def test_without_its_index_all_texts_are_sorted_for_the_feed_of_everything(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("DROP INDEX ix_wordings_first_at_id"))

    assert any("TEMP B-TREE FOR ORDER BY" in each for each in feeds(database)[1])


def test_a_change_names_the_text_that_came_back_before_it(tmp_path: Path) -> None:
    index = Index(open_database(f"sqlite:///{tmp_path / 'b.db'}"), now=lambda: NOON)
    index.opened(SEGMENT, collection="default", worker="main", epoch=1, path=Path("x"), at=NOON)
    kept = [capture_of(minute=minute, number=minute, payload=b"%d" % (minute % 2)) for minute in range(3)]
    kept += [capture_of(minute=3, number=3, payload=b"3")]
    index.add(kept)
    with closing(index.database) as database:
        with database.writing() as connection:
            insert_texts(connection, [read(capture, says) for capture, says in zip(kept, (0, 1, 0, 3), strict=True)])
            add_texts(connection, SEGMENT, {})
        last = max(Changes(database).page(), key=lambda change: change.place)

    assert "version 3" in last.text
    assert "version 0" in (last.before or "")


def test_a_page_in_place_of_robots_txt_or_a_file_beside_it_is_not_a_change(database: Database) -> None:
    """Some sites answer every address with the same page."""
    found = {change.url for change in Changes(database).page()}

    assert found.isdisjoint(SITE_FILES)
    assert "https://example.org/new" in found
