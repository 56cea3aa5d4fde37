"""What was taken down has no rows for a reader, in either kind of database."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, insert, select, text

from archive.database.closed_collections import TakenDown, closing_collections, hides_rows, hiding
from archive.database.engine import Database
from archive.database.postgresql import PAGE_KEY
from archive.database.schema import (
    captures,
    events,
    items,
    moment,
    segments,
    snapshot_notes,
    snapshot_tags,
    texts,
    watch_hits,
    worded,
    wordings,
)
from archive.values.capture import page_of
from archive.values.urlkey import key_ranges, urlkey

CASES = Path(__file__).parents[1] / "cases" / "urls.txt"
TABLES = (captures, wordings, items, snapshot_notes, snapshot_tags, texts, watch_hits, events)
KEYS = TakenDown(ranges=frozenset({("example,b)", "example,b*")}))
"""All pages of b.example."""
RECORD = TakenDown(records=frozenset({"<b>"}))


def filled(database: Database) -> None:
    """Write a page of each of two sites into each table, and an event that is about none."""
    at = moment(1_700_000_000_000_000)
    with database.writing() as connection:
        segment = {"name": "s", "collection": "c", "worker": "w", "epoch": 1, "state": "open", "path": "p"}
        connection.execute(insert(segments).values(**segment, opened_at=at))
        [within] = connection.execute(select(segments.c.id)).one()
        for number, name in enumerate("ab"):
            record, url = f"<{name}>", f"http://{name}.example/"
            of = {"collection": "c", "source": "s", "urlkey": f"example,{name})/", "url": url, "record_id": record}
            place = {"kind": "response", "segment_id": within, "offset": number, "length": 1, "span": 1}
            connection.execute(insert(captures).values(**of, **place, at=at, payload_length=1, run="r"))
            connection.execute(insert(items).values(**of, run="r", number=number, item="{}", at=at))
            noted = {"tags": "[]", "note": "n", "by": "b", "noted_at": at, "text_record": record}
            connection.execute(insert(snapshot_notes).values(**of, **noted, at=at))
            tagged = {name: of[name] for name in ("urlkey", "collection", "record_id")}
            connection.execute(insert(snapshot_tags).values(**tagged, tag="t", text_record=record))
            version = {"key": name, "gist": name, "reader": "r", "first_at": at, "last_at": at, "novelty": "new"}
            made = connection.execute(insert(wordings).values(**of, **version)).inserted_primary_key
            connection.execute(insert(worded).values(record_id=record, wording_id=made[0], at=at))  # type: ignore[index]
            text = {"record_id": record, "segment": "s", "url": url, "at": at, "state": "done"}
            connection.execute(insert(texts).values(**text))
            hit = {"watch": "w", "event": 1, "number": number, "found_at": at, "at": at, "source": "s", "url": url}
            told = {"record_id": record, "novelty": "new", "phrase": "p", "sentence": "s"}
            connection.execute(insert(watch_hits).values(**hit, **told))
            facts = json.dumps({"record_id": record})
            connection.execute(insert(events).values(at=at, kind="page.new", source="s", run="r", facts=facts))
        connection.execute(insert(events).values(at=at, kind="run.over", source="s", run="r", facts="{}"))


def rows(database: Database, table: Table) -> int:
    with database.reading() as connection:
        return len(connection.execute(select(table)).all())


@pytest.mark.parametrize("taken", [KEYS, RECORD], ids=["keys", "record"])
def test_what_was_taken_down_is_not_read(either: Database, taken: TakenDown) -> None:
    filled(either)
    before = {table.name: rows(either, table) for table in TABLES}
    with hiding(taken):
        assert hides_rows()
        during = {table.name: rows(either, table) for table in TABLES}

    assert before == dict.fromkeys(before, 2) | {"events": 3}  # the control
    assert during == dict.fromkeys(before, 1) | {"events": 2}
    assert not hides_rows()


def test_a_revisit_of_a_record_that_was_taken_down_is_not_read_on_the_same_page(either: Database) -> None:
    filled(either)
    with either.writing() as connection:
        connection.execute(captures.update().where(captures.c.record_id == "<a>").values(refers_to_record="<b>"))

    with hiding(TakenDown(records=RECORD.records, pages=frozenset({"example,a)/"}))):
        assert rows(either, captures) == 0
    with hiding(TakenDown(records=RECORD.records, pages=frozenset({"example,b)/"}))):
        assert rows(either, captures) == 1  # another page has the same bytes
    assert rows(either, captures) == 2


def test_the_picture_of_a_page_that_was_taken_down_is_not_read(either: Database) -> None:
    filled(either)
    with either.writing() as connection:
        [row] = connection.execute(select(captures).where(captures.c.record_id == "<a>")).mappings()
        for number, name in enumerate("ab", start=7):
            urn = f"urn:view:http://{name}.example/"
            picture = {"id": number, "offset": number, "record_id": urn, "url": urn, "urlkey": urn, "kind": "resource"}
            connection.execute(insert(captures).values(**dict(row) | picture))

    with hiding(KEYS), either.reading() as connection:
        assert set(connection.scalars(select(captures.c.record_id))) == {"<a>", "urn:view:http://a.example/"}
    assert rows(either, captures) == 4  # the control


SPELLINGS = (
    *(
        "http://b.example/",
        "HTTP://b.example",
        "https://b.example/#top",
        "http://www.b.example/",
        "http://B.example:80//",
    ),
    *(
        "https://www2.b.example:443/a/?z=1&a=2#x",
        "http://user@b.example/%41b",
        "http://b.example/x/../y",
        "http://b.example./",
    ),
)
ELSEWHERE = (
    "http://a.example/",
    "http://b.example.org/",
    "http://b.example:81/",
    "http://www.example/b.example",
    "http://bb.example/",
)


@pytest.mark.parametrize("taken", [KEYS, TakenDown(ranges=frozenset(key_ranges("http://b.example/", "host")))])
def test_all_that_is_recorded_beside_a_page_is_hidden_by_the_key_of_the_page(
    either: Database, taken: TakenDown
) -> None:
    """However a URN spells the URL, and whether the page has a capture or not."""
    filled(either)
    with either.writing() as connection:
        [row] = connection.execute(select(captures).where(captures.c.record_id == "<a>")).mappings()
        for number, url in enumerate(SPELLINGS + ELSEWHERE, start=7):
            urn = f"urn:text:{url}"
            of = {
                "id": number,
                "offset": number,
                "record_id": urn,
                "url": urn,
                "urlkey": urlkey(urn),
                "kind": "resource",
            }
            connection.execute(insert(captures).values(**dict(row) | of))

    with hiding(taken), either.reading() as connection:
        assert set(connection.scalars(select(captures.c.record_id))) == {
            "<a>",
            *(f"urn:text:{url}" for url in ELSEWHERE),
        }
    assert [taken.has_page_of(f"urn:text:{url}") for url in SPELLINGS + ELSEWHERE] == [True] * 9 + [False] * 5


def test_a_capture_that_was_taken_down_takes_what_was_recorded_beside_it_along(either: Database) -> None:
    """That is all of its instant, however a URN spells the URL of the page."""
    filled(either)
    with either.writing() as connection:
        [row] = connection.execute(select(captures).where(captures.c.record_id == "<b>")).mappings()
        for number, (url, later) in enumerate(
            (("https://www.b.example/#top", 0), ("http://b.example/", 1), ("http://a.example/", 0))
        ):
            urn, at = f"urn:text:{url}", row["at"] + timedelta(seconds=later)
            of = {
                "offset": number + 7,
                "record_id": urn,
                "url": urn,
                "urlkey": urlkey(urn),
                "kind": "resource",
                "at": at,
            }
            connection.execute(insert(captures).values(**dict(row) | of | {"id": number + 7}))

    with hiding(TakenDown(records=RECORD.records, pages=frozenset({"example,b)/"}))), either.reading() as connection:
        assert set(connection.scalars(select(captures.c.record_id))) == {
            "<a>",
            "urn:text:http://b.example/",
            "urn:text:http://a.example/",
        }


def test_both_databases_make_the_same_key_of_a_page(either: Database) -> None:
    """PostgreSQL makes none where SQL is not enough."""
    if either.engine.dialect.name == "sqlite":
        pytest.skip("SQLite calls the function itself")
    urls = [*SPELLINGS, *ELSEWHERE, *CASES.read_text("utf-8").split()]
    urns = [urn for url in urls if url.startswith("http") for urn in [urlkey(f"urn:text:{url}")]]
    with either.writing() as connection:
        connection.exec_driver_sql(PAGE_KEY)
        made = [connection.execute(text("SELECT pg_temp.page_key(:urn)"), {"urn": urn}).scalar() for urn in urns]

    keys = [urlkey(page_of(urn)) for urn in urns]
    odd = [(urn, one, key) for urn, one, key in zip(urns, made, keys, strict=True) if one not in (key, None)]
    assert not odd, "\n".join(map(str, odd))
    assert sum(one is None for one in made) < len(made) / 3
    assert len(made) > 30


def test_both_kinds_of_hidden_rows_are_not_read(either: Database) -> None:
    filled(either)
    with hiding(KEYS), closing_collections(frozenset({"other"}), frozenset({"s"})):
        assert rows(either, captures) == 1
    with hiding(KEYS), closing_collections(frozenset({"c"}), frozenset({"s"})):
        assert [rows(either, table) for table in TABLES[:4]] == [0] * 4
    assert rows(either, captures) == 2


def test_all_tables_with_the_key_of_a_url_are_hidden(either: Database) -> None:
    """But those of addresses: a page is found under its other spellings, and so is its take-down."""
    with hiding(KEYS), either.reading() as connection:
        temporary = "sqlite_temp_master" if either.engine.dialect.name == "sqlite" else "pg_views"
        named = set(connection.exec_driver_sql(f"SELECT * FROM {temporary}").scalars(1))

    assert {table.name for table in captures.metadata.sorted_tables if "urlkey" in table.c} - {"aliases"} <= named
