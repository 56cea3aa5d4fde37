"""The index of words in PostgreSQL finds the same as that in SQLite, in texts of any length."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from conftest import LONG
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from services.databases import database_at
from services.postgresql import PostgresServer
from specimens.library import Library, said
from sqlalchemy import delete, text

from archive.database.engine import open_database
from archive.database.schema import bands, sketches, texts, worded, wordings
from archive.texts.search import lexemes
from archive.texts.version_rows import forget_texts

pytestmark = pytest.mark.postgresql

_WORDS = ["leap", "Leap", "leaps", "café", "5G", "量子", "量子计算", "子", "fox", "，", "\n"]
_SAID = st.lists(st.sampled_from(_WORDS), max_size=10).map(" ".join) | st.text("量子计算机 a,", max_size=10)
_ASKED = st.lists(st.sampled_from(["leap", '"leap leaps"', "量", "子计", "-fox", '-"leap fox"', "le*", "5g", "café"]))


@pytest.fixture(scope="module")
def both(postgresql: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, Library]]:
    file = tmp_path_factory.mktemp("both") / "a.db"
    with postgresql.database() as url, closing(open_database(url)) as one, closing(database_at(file)) as other:
        yield Library(one), Library(other)


@pytest.fixture
def shelf(postgresql: PostgresServer) -> Iterator[Library]:
    with postgresql.database() as url, closing(open_database(url)) as database:
        yield Library(database)


def emptied(shelf: Library) -> Library:
    sqlite = shelf.database.engine.dialect.name == "sqlite"
    with shelf.database.writing() as connection:
        connection.execute(text("INSERT INTO words (words) VALUES ('delete-all')" if sqlite else "DELETE FROM words"))
        for table in (bands, sketches, worded, wordings, texts):
            connection.execute(delete(table))
    return shelf


@settings(
    max_examples=1_000 if LONG else 60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(_SAID, _SAID), min_size=1, max_size=6), _ASKED)
def test_both_find_the_same(both: tuple[Library, Library], corpus: list[tuple[str, str]], asked: list[str]) -> None:
    pages = [said(body, f"https://example.org/{n}", title=title) for n, (title, body) in enumerate(corpus)]
    found = []
    for shelf in both:
        emptied(shelf).keep(*pages)
        found.append(sorted(one.url for one in shelf.archive.search(" ".join(asked), limit=50).items))

    assert found[0] == found[1]


def text_of(words: int) -> list[str]:
    return [f"w{number}" for number in range(words)]


@pytest.mark.parametrize(
    "words",
    [
        [*text_of(40_000), "quantum", "leap"],
        ["again"] * 3_000 + ["quantum", "leap"],
        ["x" * 700_000, "quantum", "leap"],
        [f"{word}{'y' * 480}" for word in text_of(4_000)] + ["quantum", "leap"],
        [f"{word}{'字' * 40}" for word in text_of(9_000)] + ["quantum", "leap"],
    ],
    ids=["long", "the same", "one long word", "long words", "many characters"],
)
def test_the_end_of_a_long_text_is_found(shelf: Library, words: list[str]) -> None:
    shelf.page(" ".join(words))

    assert shelf.found('"quantum leap"') == ["https://example.org/1"]
    assert shelf.found('"leap quantum"') == []
    assert shelf.found(f"{words[0]} quantum -frog") == ["https://example.org/1"]
    assert shelf.found(f"quantum -{words[0]}") == []


def lost_pairs(shelf: Library, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the positions of adjacent words that a phrase search misses in a text of many short parts."""
    monkeypatch.setattr(lexemes, "_PLACES", 20)
    words = text_of(70)
    shelf.page(" ".join(words))
    return [n for n in range(69) if not shelf.found(f'"{words[n]} {words[n + 1]}"')]


def test_adjacent_words_are_found_across_the_boundary_of_parts(shelf: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexemes, "_SHARED", 2)

    assert lost_pairs(shelf, monkeypatch) == []


def test_without_an_overlap_of_parts_phrases_are_missed(shelf: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexemes, "_SHARED", 0)

    assert lost_pairs(shelf, monkeypatch) == [18, 38, 58]


def test_the_end_of_a_title_and_the_beginning_of_a_text_are_not_adjacent(shelf: Library) -> None:
    shelf.page("leap of faith", title="A quantum")

    assert shelf.found('"quantum leap"') == []
    assert shelf.found('"a quantum" "leap of"') == ["https://example.org/1"]


def test_a_removed_text_is_no_longer_found(shelf: Library) -> None:
    capture, row = said("a quantum leap")
    shelf.keep((capture, row))
    with shelf.database.writing() as connection:
        forget_texts(connection, [capture.record_id], {})
        left = connection.execute(text("SELECT count(*) FROM words")).scalar_one()

    assert left == 0
