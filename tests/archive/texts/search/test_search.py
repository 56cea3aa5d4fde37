from __future__ import annotations

import atexit
import re
import unicodedata
from functools import lru_cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from specimens.library import Library, library, said

from archive.database.engine import open_database
from archive.texts.search.query import parse
from archive.texts.search.snippet import snippet

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
def test_any_string_is_a_valid_query(words: str) -> None:
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
    """Scan a text naively: whole words, Chinese characters anywhere, adjacent words of phrases."""
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
    """Return whether the stretch has the runs of the term, separated nowhere else."""
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


def test_title_words_count_more_and_equal_results_are_newest_first(shelf: Library) -> None:
    shelf.keep(
        said("quantum or not", "https://example.org/body"),
        said("nothing of it", "https://example.org/title", title="Quantum"),
        said("quantum or not", "https://example.org/newer", minute=5),
        said("some other thing", "https://example.org/other"),
    )

    assert shelf.found("quantum") == [f"https://example.org/{name}" for name in ("title", "newer", "body")]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=14), st.integers(1, 5))
def test_the_pages_of_a_search_contain_each_result_once(made: list[tuple[int, int]], limit: int) -> None:
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
def test_an_invalid_cursor_is_refused(shelf: Library, cursor: str) -> None:
    with pytest.raises(ValueError, match="invalid cursor"):
        shelf.archive.search("a", cursor=cursor)


# --- snippets ---------------------------------------------------------------------------------------------------------


def test_a_snippet_marks_words_in_the_original_text() -> None:
    pieces = snippet("The Café\nof 量子计算机 and ＡＢＣ.", parse("cafe 子计 abc"))

    assert [piece.text for piece in pieces if piece.marked] == ["Café", "子计", "ＡＢＣ"]
    assert "".join(piece.text for piece in pieces) == "The Café of 量子计算机 and ＡＢＣ."


def test_a_match_across_a_line_end_is_shown_in_one_line() -> None:
    assert [(piece.text, piece.marked) for piece in snippet("leap\n子", parse("leap子"))] == [("leap 子", True)]


def test_a_snippet_is_where_the_most_words_are() -> None:
    text = f"leap {'x ' * 400} leap to the quantum fox {'y ' * 400}"
    pieces = snippet(text, parse("quantum leap fox"))

    assert {piece.text for piece in pieces if piece.marked} == {"leap", "quantum", "fox"}
    assert (pieces[0].text, pieces[-1].text) == ("…", "…")
    assert len("".join(piece.text for piece in pieces)) < 250


@given(_pieces, _terms)
def test_a_snippet_is_a_part_of_the_text(text: str, terms: list[str]) -> None:
    pieces = snippet(text, parse(" ".join(terms)), 1000)

    assert "".join(piece.text for piece in pieces) == text.replace("\n", " ")
    if any(contains(text, term) for term in terms):
        assert any(piece.marked for piece in pieces)
    else:
        assert not any(piece.marked for piece in pieces)
