from __future__ import annotations

import atexit
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from specimens.captures import NOON
from specimens.library import Library, said
from sqlalchemy import select, update
from sqlalchemy import text as sql

from archive.capture import Capture
from archive.database.changes import Changes
from archive.database.engine import Database, open_database
from archive.database.schema import metadata, texts
from archive.database.wordings import forget_texts, take_texts
from archive.query import parse
from archive.search import Narrowed
from archive.snippet import snippet
from archive.texts import TextRow


@contextmanager
def library() -> Iterator[Library]:
    database = open_database("sqlite://", migrate=False)
    metadata.create_all(database.engine)  # by hand: a law looks at hundreds of libraries
    try:
        yield Library(database)
    finally:
        database.close()


@pytest.fixture
def shelf(either: Database) -> Library:
    return Library(either)


# --- what is found ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("量子", "中国的量子计算机"),
        ("子计", "中国的量子计算机"),
        ("量子计算机", "中国的量子计算机"),
        ("量", "中国的量子计算机"),
        ("机", "中国的量子计算机"),
        ("5G网络", "新的5G网络来了"),
        ("网络5g", "旧网络5G新"),
        ("QUANTUM", "a quantum leap"),
        ("quantum leap", "leap into quantum"),
        ('"quantum leap"', "a Quantum, leap"),
        ("“quantum leap”", "a quantum leap"),
        ("quant*", "a quantum leap"),
        ("café", "the cafe of old"),
        ("ＡＢＣ", "abc"),
        ("leap -frog", "a quantum leap"),
        ("state-of-the-art", "state of the art"),
        ("パリ", "ﾊﾟﾘ の"),
        ("don't", "I don’t know"),
        ('quantum "', "a quantum leap"),
        ("AND", "this and that"),
        ("quantum AND", "quantum and so on"),
    ],
)
def test_a_text_with_the_words_is_found(shelf: Library, words: str, text: str) -> None:
    shelf.page(text)

    assert shelf.found(words) == ["https://example.org/1"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("子量", "量子"),
        ("量机", "量子计算机"),
        ("量算", "量子计算机"),
        ("量子", "量，子"),
        ("quant", "a quantum leap"),
        ('"leap quantum"', "a quantum leap"),
        ("leap -quantum", "a quantum leap"),
        ('leap -"quantum leap"', "a quantum leap"),
        ("网络5g", "网络 and 6g"),
        ("-frog", "a quantum leap"),
        ("", "a quantum leap"),
        ("*", "a quantum leap"),
        ("quantum NEAR leap", "a quantum leap"),
        ("title:quantum", "a quantum leap"),
    ],
)
def test_a_text_without_the_words_is_not_found(shelf: Library, words: str, text: str) -> None:
    shelf.page(text)

    assert shelf.found(words) == []


@given(st.text(max_size=30) | st.text('"*-^:() AND OR NOT NEAR 量子a', max_size=40))
@example('"')
@example('a AND "')
@example("-\"a\"* b:c {x y} : ^z + 'q'")
@example("\x00a\x00")
@example("a " * 4000)
@example('-"a b" ' * 500 + "c")
def test_any_string_gets_an_answer(words: str) -> None:
    assert isinstance(_one_text().found(words), list)


@lru_cache(maxsize=1)
def _one_text() -> Library:
    database = open_database("sqlite://")
    atexit.register(database.close)
    shelf = Library(database)
    shelf.page("a quantum leap of 量子")
    return shelf


# --- against a naive scan ---------------------------------------------------------------------------------------------

_zh = st.text("量子计算机研究", min_size=1, max_size=6)
_en = st.sampled_from(["leap", "Leap", "leaps", "5G", "café", "fox"])
_pieces = st.lists(_zh | _en | st.sampled_from([" ", "，", ", ", "\n", "5", "-"]), max_size=12).map("".join)
_corpus = st.lists(_pieces, min_size=1, max_size=8)
_word = (
    st.text("量子计算机研究", min_size=1, max_size=3)
    | _en
    | st.builds("{}{}".format, _en, _zh)
    | st.builds("{}{}".format, _zh, _en)
)
_terms = st.lists(
    _word | st.builds("{}*".format, st.sampled_from(["le", "leap", "f", "5"])) | st.builds('"{} {}"'.format, _en, _en),
    min_size=1,
    max_size=3,
)

_HAN = re.compile("[\u4e00-\u9fff]")


def contains(text: str, term: str) -> bool:
    """A scan of the text, character by character: words whole, rows of Chinese anywhere, phrases side by side."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    term = "".join(c for c in unicodedata.normalize("NFD", term.lower()) if not unicodedata.combining(c))
    runs = re.findall("[\u4e00-\u9fff]+|[a-z0-9]+", term)
    open_end = term.endswith("*")
    pattern = "[^a-z0-9\u4e00-\u9fff]*".join(runs)
    for found in re.finditer(f"(?={pattern})", plain):
        start = found.start()
        matched = re.compile(pattern).match(plain, start)
        assert matched
        end = matched.end()
        before, after = plain[start - 1 : start], plain[end : end + 1]
        starts_well = bool(_HAN.match(runs[0])) or not re.match("[a-z0-9]", before)
        ends_well = bool(_HAN.match(runs[-1])) or open_end or not re.match("[a-z0-9]", after)
        if starts_well and ends_well and _whole_inside(plain[start:end], runs):
            return True
    return False


def _whole_inside(stretch: str, runs: list[str]) -> bool:
    """Whether the stretch has the runs of the term and no other cut between two of them."""
    return re.findall("[\u4e00-\u9fff]+|[a-z0-9]+", stretch) == runs


@given(_corpus, _terms, st.lists(_word, max_size=1))
def test_search_finds_exactly_the_texts_that_contain_the_words(
    corpus: list[str], terms: list[str], without: list[str]
) -> None:
    with library() as shelf:
        shelf.keep(*(said(text, f"https://example.org/{n}") for n, text in enumerate(corpus)))
        expected = {
            f"https://example.org/{n}"
            for n, text in enumerate(corpus)
            if all(contains(text, term) for term in terms) and not any(contains(text, word) for word in without)
        }

        found = shelf.found(" ".join([*terms, *(f"-{word}" for word in without)]))

    assert sorted(found) == sorted(expected)


# --- order and pages --------------------------------------------------------------------------------------------------


def test_a_word_of_the_title_counts_more_and_of_equals_the_newest_is_first(shelf: Library) -> None:
    shelf.keep(
        said("quantum or not", "https://example.org/body"),
        said("nothing of it", "https://example.org/title", title="Quantum"),
        said("quantum or not", "https://example.org/newer", minute=5),
        said("some other thing", "https://example.org/other"),
    )

    assert shelf.found("quantum") == [f"https://example.org/{name}" for name in ("title", "newer", "body")]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=14), st.integers(1, 5))
def test_the_pages_of_a_search_are_its_whole_list_each_once(made: list[tuple[int, int]], limit: int) -> None:
    with library() as shelf:
        pages = [
            said("leap " * n + "and", f"https://example.org/{i}", minute=minute) for i, (n, minute) in enumerate(made)
        ]
        shelf.keep(*pages)
        whole = shelf.archive.search("leap", limit=100)

        assert whole.next is None
        assert list(whole.items) == shelf.all("leap", limit=limit)
        assert len(whole.items) == len(made)


@pytest.mark.parametrize("cursor", ["x", "1_2", "a_b_c", "nan_1_-4", f"1_1_{10**30}", f"1_{10**30}_1"])
def test_a_cursor_that_is_none_is_told(shelf: Library, cursor: str) -> None:
    with pytest.raises(ValueError, match="no cursor"):
        shelf.archive.search("a", cursor=cursor)


# --- each text once, now and before -----------------------------------------------------------------------------------


def test_an_unchanged_text_is_one_and_a_changed_one_is_found_as_it_was_and_as_it_is(shelf: Library) -> None:
    for minute, text in ((0, "the old leap"), (1, "the old leap"), (2, "the new leap"), (3, "the new leap")):
        shelf.page(text, minute=minute)

    [new, old] = shelf.all("leap")
    assert (old.at, old.last_at, old.superseded_at) == tuple(NOON + timedelta(minutes=m) for m in (0, 1, 2))
    assert (new.at, new.superseded_at) == (NOON + timedelta(minutes=2), None)
    assert shelf.found("old", Narrowed(current=True)) == []
    assert len(shelf.found("leap", Narrowed(current=True))) == 1


def test_a_text_that_comes_back_is_the_current_one_again(shelf: Library) -> None:
    for minute, text in ((0, "one leap"), (1, "two leaps"), (2, "one leap")):
        shelf.page(text, minute=minute)

    assert len(shelf.found("one", Narrowed(current=True))) == 1
    assert shelf.found("two", Narrowed(current=True)) == []


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
def test_a_text_is_found_in_the_time_in_which_its_page_had_it(
    shelf: Library, since: float | None, until: float | None, texts: set[str]
) -> None:
    shelf.page("first leap", minute=0)
    shelf.page("second leap", minute=10)

    def at(minute: float | None) -> datetime | None:
        return None if minute is None else NOON + timedelta(minutes=minute)

    found = shelf.all("leap", Narrowed(since=at(since), until=at(until)))

    assert {"".join(piece.text for piece in one.snippet).split()[0] for one in found} == texts


@pytest.mark.parametrize(
    ("narrowed", "numbers"),
    [
        (Narrowed(language="zh"), "12"),
        (Narrowed(language="zh-Hant"), "2"),
        (Narrowed(language="z"), ""),
        (Narrowed(language="%"), ""),
        (Narrowed(source="forum"), "3"),
        (Narrowed(collection="theirs"), "4"),
        (Narrowed(collection="all"), "1234"),
        (Narrowed(site="example.org"), "12"),
        (Narrowed(site="sub.example.org"), "2"),
        (Narrowed(site="example.or"), ""),
        (Narrowed(site="https://example.com/"), "3"),
    ],
)
def test_a_search_is_narrowed(shelf: Library, narrowed: Narrowed, numbers: str) -> None:
    shelf.keep(
        said("leap", "https://www.example.org/1", language="zh"),
        said("leap", "https://sub.example.org/2", language="zh-Hant"),
        said("leap", "https://example.com/3", source="forum"),
        said("leap", "https://example.net/4", collection="theirs"),
    )

    assert sorted(url[-1] for url in shelf.found("leap", narrowed)) == list(numbers)


def barred(text: str, url: str, minute: float = 0, kind: str = "blocked") -> tuple[Capture, TextRow]:
    """What came instead of a page."""
    capture, row = said(text, url, minute=minute)
    return capture, replace(row, fields={"verdict": {"kind": kind, "why": "the words"}})


def test_what_came_instead_of_pages_is_found_by_who_asks_for_it_and_says_what_it_is(shelf: Library) -> None:
    shelf.keep(
        said("the ferry has access", "https://example.org/1"),
        barred("no access to the ferry", "https://example.org/2"),
        barred("log in for access to the ferry", "https://example.org/3", kind="login"),
    )

    assert shelf.found("ferry access") == ["https://example.org/1"]
    found = shelf.all("ferry access", Narrowed(verdicts=True))
    assert {one.url[-1]: one.verdict for one in found} == {"1": None, "2": "blocked", "3": "login"}


def test_a_block_takes_the_place_of_nothing_that_a_page_says_and_is_no_news_of_it(shelf: Library) -> None:
    url = "https://example.org/1"
    shelf.keep(barred("no access", url, 0), said("the old ferry", url, minute=1), barred("no access now", url, 2))
    blocked = shelf.all("ferry", Narrowed(current=True))
    shelf.keep(said("the new ferry", url, minute=3))

    assert [(one.url, one.superseded_at) for one in blocked] == [(url, None)]
    [new, old] = shelf.all("ferry")
    assert (new.superseded_at, old.superseded_at) == (None, NOON + timedelta(minutes=3))
    changes = Changes(shelf.database).page()
    assert [(change.novelty, change.text, change.before) for change in changes] == [
        ("changed", "the new ferry", "the old ferry"),
        ("new", "the old ferry", None),
    ]


def test_a_site_that_is_no_host_is_told(shelf: Library) -> None:
    with pytest.raises(ValueError, match="no host"):
        shelf.archive.search("leap", Narrowed(site="mailto:a@b"))


@given(
    st.permutations(
        [
            (minute, text)
            for minute, text in enumerate(["a leap", "no access", "a leap", "c leap", "b leap", "Views: 3"])
        ]
    )
)
def test_the_order_in_which_captures_come_makes_no_difference(order: list[tuple[int, str]]) -> None:
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
def test_a_text_that_is_read_again_replaces_what_was_searched_for(
    made: list[tuple[int, str]], again: list[tuple[int, str]]
) -> None:
    pages = [said(text, f"https://example.org/{page}", minute=at) for at, (page, text) in enumerate(made)]
    newer = {made_of: text for made_of, text in again if made_of < len(pages)}
    with library() as shelf, library() as fresh:
        shelf.keep(*pages)
        with shelf.database.writing() as connection:
            for number, text in newer.items():
                record_id = pages[number][1].record_id
                forget_texts(connection, [record_id])
                connection.execute(update(texts).where(texts.c.record_id == record_id).values(text=text))
            for name in connection.execute(select(texts.c.segment).distinct()).scalars().all():
                take_texts(connection, name)
        fresh.keep(*((c, replace(row, text=newer.get(n, row.text))) for n, (c, row) in enumerate(pages)))

        assert dump(shelf.database) == dump(fresh.database)
        with shelf.database.writing() as connection:
            connection.execute(sql("INSERT INTO words (words) VALUES ('integrity-check')"))


def dump(database: Database) -> list[list[str]]:
    """Wordings, which record has which, and where each token stands; under no numbers."""
    asked = (
        "SELECT collection, source, urlkey, key, gist, reader, url, record_id, language, first_at, last_at, "
        "superseded_at, novelty FROM wordings",
        "SELECT worded.record_id, key, at FROM worded JOIN wordings ON wording_id = id",
        "SELECT term, col, key, offset FROM temp.vocabulary JOIN wordings ON doc = id",
    )
    with database.writing() as connection:
        connection.execute(sql("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, instance)"))
        return [sorted(map(repr, connection.execute(sql(each)))) for each in asked]


# --- snippets ---------------------------------------------------------------------------------------------------------


def test_a_snippet_marks_the_words_in_the_text_as_it_is() -> None:
    pieces = snippet("The Café\nof 量子计算机 and ＡＢＣ.", parse("cafe 子计 abc"))

    assert [piece.text for piece in pieces if piece.marked] == ["Café", "子计", "ＡＢＣ"]
    assert "".join(piece.text for piece in pieces) == "The Café of 量子计算机 and ＡＢＣ."


def test_what_is_found_over_the_end_of_a_line_is_shown_in_one() -> None:
    assert [(piece.text, piece.marked) for piece in snippet("leap\n子", parse("leap子"))] == [("leap 子", True)]


def test_a_snippet_is_taken_where_the_most_words_are() -> None:
    text = f"leap {'x ' * 400} leap to the quantum fox {'y ' * 400}"
    pieces = snippet(text, parse("quantum leap fox"))

    assert {piece.text for piece in pieces if piece.marked} == {"leap", "quantum", "fox"}
    assert (pieces[0].text, pieces[-1].text) == ("…", "…")
    assert len("".join(piece.text for piece in pieces)) < 250


@given(_pieces, _terms)
def test_a_snippet_is_made_of_the_text(text: str, terms: list[str]) -> None:
    pieces = snippet(text, parse(" ".join(terms)), 1000)

    assert "".join(piece.text for piece in pieces) == text.replace("\n", " ")
    if any(contains(text, term) for term in terms):
        assert any(piece.marked for piece in pieces)
    else:
        assert not any(piece.marked for piece in pieces)
