"""An unchanged text is found once, and earlier texts are found as such."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimens.captures import NOON
from specimens.library import Library, library, said
from sqlalchemy import select, update
from sqlalchemy import text as sql

from archive.database.engine import Database
from archive.database.packed_text import page_text
from archive.database.schema import texts
from archive.index.changes import Changes
from archive.texts.search.search import SearchFilters
from archive.texts.texts import TextRow
from archive.texts.version_rows import add_texts, forget_texts
from archive.values.capture import Capture


def test_an_unchanged_text_is_one_result_and_both_versions_of_a_changed_one_are_found(shelf: Library) -> None:
    for minute, text in ((0, "the old leap"), (1, "the old leap"), (2, "the new leap"), (3, "the new leap")):
        shelf.page(text, minute=minute)

    [new, old] = shelf.all("leap")
    assert (old.at, old.last_at, old.superseded_at) == tuple(NOON + timedelta(minutes=m) for m in (0, 1, 2))
    assert (new.at, new.superseded_at) == (NOON + timedelta(minutes=2), None)
    assert shelf.found("old", SearchFilters(current=True)) == []
    assert len(shelf.found("leap", SearchFilters(current=True))) == 1


def test_a_text_that_reappears_is_current_again(shelf: Library) -> None:
    for minute, text in ((0, "one leap"), (1, "two leaps"), (2, "one leap")):
        shelf.page(text, minute=minute)

    assert len(shelf.found("one", SearchFilters(current=True))) == 1
    assert shelf.found("two", SearchFilters(current=True)) == []


@pytest.mark.parametrize(
    ("since", "until", "texts"),
    [
        (None, 4, {"first"}),
        (5, 9, {"first"}),
        (5, 15, {"first", "second"}),
        (10.5, None, {"second"}),
        (20, 30, {"second"}),
    ],
)
def test_a_text_is_found_in_the_time_when_its_page_had_it(
    shelf: Library, since: float | None, until: float | None, texts: set[str]
) -> None:
    shelf.page("first leap", minute=0)
    shelf.page("second leap", minute=10)

    def at(minute: float | None) -> datetime | None:
        return None if minute is None else NOON + timedelta(minutes=minute)

    found = shelf.all("leap", SearchFilters(since=at(since), until=at(until)))

    assert {"".join(piece.text for piece in one.snippet).split()[0] for one in found} == texts


@pytest.mark.parametrize(
    ("narrowed", "numbers"),
    [
        (SearchFilters(language="zh"), "12"),
        (SearchFilters(language="zh-Hant"), "2"),
        (SearchFilters(language="z"), ""),
        (SearchFilters(language="%"), ""),
        (SearchFilters(source="forum"), "3"),
        (SearchFilters(collection="theirs"), "4"),
        (SearchFilters(collection="all"), "1234"),
        (SearchFilters(site="example.org"), "12"),
        (SearchFilters(site="sub.example.org"), "2"),
        (SearchFilters(site="example.or"), ""),
        (SearchFilters(site="https://example.com/"), "3"),
    ],
)
def test_a_search_can_be_filtered(shelf: Library, narrowed: SearchFilters, numbers: str) -> None:
    shelf.keep(
        said("leap", "https://www.example.org/1", language="zh"),
        said("leap", "https://sub.example.org/2", language="zh-Hant"),
        said("leap", "https://example.com/3", source="forum"),
        said("leap", "https://example.net/4", collection="theirs"),
    )

    assert sorted(url[-1] for url in shelf.found("leap", narrowed)) == list(numbers)


def barred(text: str, url: str, minute: float = 0, kind: str = "blocked") -> tuple[Capture, TextRow]:
    """Return a capture that is not the page."""
    capture, row = said(text, url, minute=minute)
    return capture, replace(row, fields={"verdict": {"kind": kind, "why": "the words"}})


def test_captures_that_are_not_pages_are_found_on_request_with_their_verdict(shelf: Library) -> None:
    shelf.keep(
        said("the ferry has access", "https://example.org/1"),
        barred("no access to the ferry", "https://example.org/2"),
        barred("log in for access to the ferry", "https://example.org/3", kind="login"),
    )

    assert shelf.found("ferry access") == ["https://example.org/1"]
    found = shelf.all("ferry access", SearchFilters(verdicts=True))
    assert {one.url[-1]: one.verdict for one in found} == {"1": None, "2": "blocked", "3": "login"}


def test_a_block_page_supersedes_no_text_and_is_not_a_change(shelf: Library) -> None:
    url = "https://example.org/1"
    shelf.keep(barred("no access", url, 0), said("the old ferry", url, minute=1), barred("no access now", url, 2))
    blocked = shelf.all("ferry", SearchFilters(current=True))
    shelf.keep(said("the new ferry", url, minute=3))

    assert [(one.url, one.superseded_at) for one in blocked] == [(url, None)]
    [new, old] = shelf.all("ferry")
    assert (new.superseded_at, old.superseded_at) == (None, NOON + timedelta(minutes=3))
    changes = Changes(shelf.database).page()
    assert [(change.novelty, change.text, change.before) for change in changes] == [
        ("changed", "the new ferry", "the old ferry"),
        ("new", "the old ferry", None),
    ]


def test_an_invalid_site_is_refused(shelf: Library) -> None:
    with pytest.raises(ValueError, match="no host"):
        shelf.archive.search("leap", SearchFilters(site="mailto:a@b"))


@given(
    st.permutations(
        [
            (minute, text)
            for minute, text in enumerate(["a leap", "no access", "a leap", "c leap", "b leap", "Views: 3"])
        ]
    )
)
def test_the_order_of_indexing_makes_no_difference(order: list[tuple[int, str]]) -> None:
    def rows(shelf: Library) -> list[str]:
        with shelf.database.reading() as connection:
            columns = "key, gist, reader, first_at, last_at, superseded_at, novelty, verdict"
            return sorted(map(repr, connection.execute(sql(f"SELECT {columns} FROM wordings"))))

    def page(text: str, minute: int) -> tuple[Capture, TextRow]:
        return (barred if "access" in text else said)(text, "https://example.org/1", minute=minute)

    with library() as straight, library() as mixed:
        for minute, text in sorted(order):
            straight.keep(page(text, minute))
        for minute, text in order:
            mixed.keep(page(text, minute))

        assert rows(straight) == rows(mixed)


# --- texts that are read again ----------------------------------------------------------------------------------------

_readings = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["a leap", "b leap", "量子 leap", "Views: 3"])), min_size=1, max_size=8
)


@given(_readings, st.lists(st.tuples(st.integers(0, 7), st.sampled_from(["a leap", "c fox", "量子"])), max_size=5))
def test_a_re_extracted_text_replaces_the_searched_one(
    made: list[tuple[int, str]], again: list[tuple[int, str]]
) -> None:
    pages = [said(text, f"https://example.org/{page}", minute=at) for at, (page, text) in enumerate(made)]
    newer = {made_of: text for made_of, text in again if made_of < len(pages)}
    with library() as shelf, library() as fresh:
        shelf.keep(*pages)
        with shelf.database.writing() as connection:
            for number, text in newer.items():
                record_id = pages[number][1].record_id
                forget_texts(connection, [record_id], {})
                connection.execute(
                    update(texts).where(texts.c.record_id == record_id).values(content=page_text(text, None, None))
                )
            for name in connection.execute(select(texts.c.segment).distinct()).scalars().all():
                add_texts(connection, name, {})
        fresh.keep(*((c, replace(row, text=newer.get(n, row.text))) for n, (c, row) in enumerate(pages)))

        assert dump(shelf.database) == dump(fresh.database)
        with shelf.database.writing() as connection:
            connection.execute(sql("INSERT INTO words (words) VALUES ('integrity-check')"))


def dump(database: Database) -> list[list[str]]:
    """Return text versions, their records and token positions, without ids."""
    asked = (
        "SELECT collection, source, urlkey, key, gist, reader, url, record_id, language, first_at, last_at, "
        "superseded_at, novelty FROM wordings",
        "SELECT worded.record_id, key, at FROM worded JOIN wordings ON wording_id = id",
        "SELECT term, col, key, offset FROM temp.vocabulary JOIN wordings ON doc = id",
    )
    with database.writing() as connection:
        connection.execute(sql("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, instance)"))
        return [sorted(map(repr, connection.execute(sql(each)))) for each in asked]
