"""The pieces of a text among which matches are looked for."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.texts.search.tokens import UNSPACED, PiecesLike, fold, pieces, rows_and_words, runs, runs_of

_LETTERS = st.sampled_from("aABbkKſıIİé\u0301ßﬁ_09 .,’-\n中文かなｶ한กK")
texts = st.text(_LETTERS, max_size=40)
words = st.text(_LETTERS, min_size=1, max_size=3).flatmap(
    lambda text: st.sampled_from([run.text for run in runs(text) if not run.unspaced] or ["ab"])
)


def spans(found: object) -> set[tuple[int, int]]:
    return {piece.span() for piece in found}  # type: ignore[attr-defined]


def matching(text: str, alike: list[str], begun: list[str]) -> set[tuple[int, int]]:
    """Return what examining every piece finds."""

    def is_wanted(piece: re.Match[str]) -> bool:
        return any(run.unspaced or run.text in alike or run.text.startswith(tuple(begun)) for run in runs_of(piece[0]))

    return spans(piece for piece in pieces(text) if is_wanted(piece))


@given(texts, st.lists(words, max_size=3), st.lists(words, max_size=2))
@example("a_ab Ab ab’s xab abx", ["ab"], [])
@example("Kelvin K", ["k"], ["kel"])
@example("ı ſo Kk", ["so", "k"], ["ı"])
@example("ae\u0301 a\u0301 中ab中", ["a", "ab"], [])
def test_no_matching_piece_is_skipped_and_each_is_found_whole(text: str, alike: list[str], begun: list[str]) -> None:
    found = spans(PiecesLike(alike, begun).among(text))

    assert matching(text, alike, begun) <= found <= spans(pieces(text))


@pytest.mark.parametrize("text", ["The word and other words. ", "The word’s “and” other words. "])
def test_most_pieces_are_skipped(text: str) -> None:
    found = [piece[0] for piece in PiecesLike(["word"], []).among(text * 100)]

    assert set(found) == {"word"}
    assert len(found) == 100 < len(list(pieces(text * 100))) / 4


def test_runs_of_usual_letters_are_those_that_a_look_at_each_character_finds() -> None:
    each = re.compile(rf"((?:(?!\W)[{UNSPACED}])+)|([^\W_{UNSPACED}]+)")
    text = "".join(map(chr, range(0xD800))) + "中文，かな。한국 กข a中b"

    assert rows_and_words(text) == each.findall(fold(text))
