"""Where the phrases of a query stand literally: what is found there is what examining every piece finds."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.texts.search.literal import literals
from archive.texts.search.query import parse
from archive.texts.search.snippet import _hits, snippet

_SOME = st.sampled_from(["a", "b", "k", "K", "\u212a", "é", "e\u0301", "ﬁ", "fi", "_", "5", " ", ".", "’", "“", "\n"])
_ROWS = st.sampled_from(["中", "文", "量", "\uf97e", "か", "ｶ", "한", "，", "Ａ", "\u3038", "十", "ß", "İ", "я"])
_texts = st.lists(_SOME | _ROWS, max_size=30).map("".join)
_words = st.lists(
    _texts.filter(lambda text: '"' not in text) | st.sampled_from(["a*", '"a b"', "中", "量", "k"]), max_size=3
)


@given(_texts, _words.map(" ".join))
@example("k \u212a", "k")
@example("a文b", "a b")
@example("éa a’ a", "a")
@example("\uf97e子", "量子")
@example("a “b”", '"a b"')
@example("量 a", '"量 a"')
@example("A. B", '"a b"')
@example("ab b", "b*")
@example("a\ud800b", "b")
def test_a_literal_place_is_one_of_the_phrase_and_no_phrase_without_one_is_in_the_text(text: str, words: str) -> None:
    query = parse(words)
    if query.is_empty:
        return
    every = {(at, number) for at, _, number in _hits(text, query)}

    found = literals(query).among(text)

    if found is not None:
        there = list(found)
        assert there == sorted(there)
        assert set(there) <= every
        assert {number for _, number in there} == {number for _, number in every}


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("word", "The word’s “and” other words. "),
        ("量子", "中国的量子计算机，和 café。"),
        ('"other words"', "The word and other words. "),
        ("absent", "The word’s “and” other words. "),
    ],
)
def test_most_texts_are_not_examined_piece_by_piece(words: str, text: str) -> None:
    assert literals(parse(words)).among(text * 10) is not None


def test_a_word_that_is_only_there_in_another_form_is_shown() -> None:
    pieces = snippet(f"{'x ' * 300} the Café of ＡＢＣ {'y ' * 300}", parse("cafe abc"))

    assert [piece.text for piece in pieces if piece.marked] == ["Café", "ＡＢＣ"]


def test_the_rest_of_a_long_word_is_not_marked() -> None:
    text = f"{'b' * 400}a {'x' * 35} a"

    assert sum(piece.marked for piece in snippet(text, parse("a"))) == 1


def test_a_place_with_all_words_is_taken_before_the_end_of_a_long_text() -> None:
    text = "leap leap quantum " + "leap quantum " * 30_000

    assert next(piece.text for piece in snippet(text, parse("quantum leap"))) == "leap"


def test_all_of_a_short_text_is_shown() -> None:
    assert snippet(f"{'x ' * 60}word", parse("word"))[0].text.startswith("x")
