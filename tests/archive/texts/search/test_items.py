"""Items of users' spiders are found by the words in their values, separately from pages."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from specimens.library import Library, said

from archive.database.engine import Database
from archive.database.lost_tables import clear_rebuilt
from archive.texts.search.items import index_items, items_indexed
from archive.texts.search.search import SearchFilters
from archive.values.run_id import requested_at

RUN, OTHER = "20260131T115500Z-quotes-1a2b3c", "20260131T115600Z-shop-1a2b3c"
ASKED = requested_at(RUN)


def line(item: object, url: str = "https://example.org/1", *records: str) -> bytes:
    return json.dumps({"item": item, "url": url, "records": records}).encode()


def found(shelf: Library, words: str, **facts: object) -> list[tuple[str, int]]:
    there = shelf.archive.search_items(words, SearchFilters(**facts))  # type: ignore[arg-type]
    return [(one.run, one.number) for one in there.items]


@pytest.fixture
def items(shelf: Library) -> Library:
    lines = [
        line({"text": "A day without sunshine", "author": {"name": "Steve Martin"}, "tags": ["humor", "天气很好"]}),
        line({"text": "Imagination", "year": 1931, "good": True, "none": None}, "https://www.example.org/2"),
    ]
    index_items(shelf.database, "default", RUN, lines)
    index_items(shelf.database, "shops", OTHER, [line({"name": "sunshine lamp"}, "")])
    return shelf


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("sunshine martin", [0]),
        ("天气", [0]),
        ('"steve martin" -humor', []),
        ("imag*", [1]),
        ("1931", [1]),
        ("author", []),
        ("True", []),
        ("nothing", []),
        ("", []),
    ],
)
def test_an_item_is_found_by_the_words_in_its_values(items: Library, words: str, numbers: list[int]) -> None:
    assert found(items, words, source="quotes") == [(RUN, number) for number in numbers]


def test_pages_and_items_are_found_separately(items: Library) -> None:
    items.page("The sunshine of the page")

    assert items.found("sunshine") == ["https://example.org/1"]
    assert sorted(found(items, "sunshine")) == [(RUN, 0), (OTHER, 0)]


@pytest.mark.parametrize(
    ("facts", "runs"),
    [
        ({"source": "shop"}, [OTHER]),
        ({"collection": "shops"}, [OTHER]),
        ({"site": "example.org"}, [RUN]),
        ({"since": ASKED + timedelta(seconds=1)}, [OTHER]),
        ({"until": ASKED + timedelta(seconds=1)}, [RUN]),
    ],
)
def test_a_search_of_items_can_be_filtered(items: Library, facts: dict[str, object], runs: list[str]) -> None:
    assert [run for run, _ in found(items, "sunshine", **facts)] == runs


def test_an_item_has_its_run_its_source_its_record_and_the_time_of_its_page(shelf: Library) -> None:
    capture, text = said("what the page says", minute=3)
    shelf.keep((capture._replace(run=RUN), text))
    index_items(shelf.database, "default", RUN, [line({"a": "sunshine"}, capture.url, capture.record_id)])

    [one] = shelf.archive.search_items("sunshine").items

    assert (one.run, one.source, one.collection, one.url) == (RUN, "quotes", "default", capture.url)
    assert (one.record_id, one.at, one.item) == (capture.record_id, capture.at, {"a": "sunshine"})
    assert [piece.text for piece in one.snippet if piece.marked] == ["sunshine"]


def test_items_are_listed_page_by_page_with_equal_ones_newest_first(shelf: Library) -> None:
    index_items(shelf.database, "default", RUN, [line({"a": "same words"}) for _ in range(7)])

    numbers, cursor = [], None
    while True:
        part = shelf.archive.search_items("same", limit=3, cursor=cursor)
        numbers += [one.number for one in part.items]
        if (cursor := part.next) is None:
            break

    assert numbers == [6, 5, 4, 3, 2, 1, 0]


def test_indexing_again_or_after_an_interruption_gives_each_item_once(shelf: Library) -> None:
    lines = [line({"a": f"word {number}"}) for number in range(450)]
    index_items(shelf.database, "default", RUN, lines[:230])

    assert index_items(shelf.database, "default", RUN, lines) == 450
    assert index_items(shelf.database, "default", RUN, lines) == 450
    assert items_indexed(shelf.database) == {RUN: 450}
    assert [found(shelf, f'"word {number}"') for number in (0, 229, 230, 449)] == [
        [(RUN, 0)],
        [(RUN, 229)],
        [(RUN, 230)],
        [(RUN, 449)],
    ]


def test_a_lone_surrogate_is_indexed(shelf: Library) -> None:
    index_items(shelf.database, "default", RUN, [rb'{"item": {"a": "sun\ud800shine \u0000 lamp"}}'])

    [one] = shelf.archive.search_items("lamp").items

    "".join(piece.text for piece in one.snippet).encode()


def test_a_cleared_index_has_no_items(items: Library, database: Database) -> None:
    with database.writing() as connection:
        clear_rebuilt(connection)
    index_items(database, "default", RUN, [line({"a": "other"})])

    assert found(items, "sunshine") == []
    assert found(items, "other") == [(RUN, 0)]
