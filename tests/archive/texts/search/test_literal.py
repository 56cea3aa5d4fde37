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
_PLAIN = st.sampled_from(
    ["a", "b", "K", "5", " ", "_", "’", ".", "\n", "\x7f", "中", "文", "量", "㐀", "，", "、", "…"]
)
_texts = (st.lists(_SOME | _ROWS, max_size=30) | st.lists(_PLAIN, max_size=30)).map("".join)
_words = st.lists(
    _texts.filter(lambda text: '"' not in text)
    | st.sampled_from(
        ["a*", '"a b"', '"a a"', "中", "量", "k", '"中 文"', '"中 a 文"', '"文 b"', '"中 中 文"', '"a 中"*']
    ),
    max_size=3,
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
@example("部长说更多。部长说，更多", '"部长说 更"')
@example("a cafe, a café, a vote", "café vote")
@example("a a a", '"a a"')
@example("中，中，文，中中文", '"中 中 文"')
@example("量ำ子", "子")
def test_the_literal_places_are_those_that_examining_every_piece_finds(text: str, words: str) -> None:
    query = parse(words)
    if query.is_empty:
        return
    every = {(at, number) for at, _, number in _hits(text, query)}

    found = literals(query).among(text)

    if found is not None:
        there = list(found)
        assert there == sorted(there)
        assert set(there) == every


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("word", "The word’s “and” other words. "),
        ("量子", "中国的量子计算机，和 coffee。"),
        ('"量子 计算"', "中国的量子，计算机。"),
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


FILLER = "预算会议在港口举行。" * 60


@pytest.mark.parametrize(
    ("words", "text", "marked"),
    [
        ('"部长说 更"', f"部长说更多{FILLER}部长说，更多的人来了。{FILLER}", ["部长说，更"]),
        ("café vote", f"A cafe. {'x ' * 300}The café owners vote today. {'y ' * 300}", ["café", "vote"]),
    ],
)
def test_the_place_with_the_words_is_shown_and_marked(words: str, text: str, marked: list[str]) -> None:
    assert [piece.text for piece in snippet(text, parse(words)) if piece.marked] == marked
