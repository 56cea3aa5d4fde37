"""Laws of comparing: nothing is lost, nothing is made up, and noise hides no word."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.retrieval.difference.lines import Row, compare
from archive.retrieval.difference.sequences import Budget, matches
from archive.retrieval.difference.words import pieces, words
from extractor.links.noise import gist

NOISE = ("3 hours ago", "12 comments", "Views: 1,024", "阅读 (1203)", "2026-11-24 10:00", "", "Updated: 10:31")
SAID = (
    "The clock of the tower is right.",
    "Nobody has wound it since.",
    "量子计算机的误差率降低了。",
    "It ticks on.",
    "A bell rings.",
)

texts = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from((*NOISE, *SAID)), max_size=12).map("\n".join),
)
prose = st.lists(st.sampled_from(SAID), min_size=1, max_size=8)
tight = st.sampled_from([Budget(0, 0), Budget(1 << 28, 0), Budget(0, 1 << 15), Budget()])


def sides(rows: tuple[Row, ...]) -> tuple[str, str]:
    """The two texts that rows are of."""
    old = "\n".join(row.old for row in rows if row.old is not None)
    return old, "\n".join(row.new for row in rows if row.new is not None)


def changes(rows: tuple[Row, ...]) -> list[Row]:
    return [row for row in rows if row.kind not in ("same", "noise")]


@given(texts, texts, st.booleans())
def test_the_rows_applied_to_the_old_text_give_the_new_one(old: str, new: str, spent: bool) -> None:
    rows = compare(old, new, Budget(0, 0) if spent else None)

    assert sides(rows) == (old, new)
    for row in rows:
        if row.pieces:
            assert "".join(piece.text for piece in row.pieces if piece.kind != "inserted") == row.old
            assert "".join(piece.text for piece in row.pieces if piece.kind != "deleted") == row.new
        assert row.kind != "same" or row.old == row.new


@given(texts)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert {row.kind for row in compare(text, text)} <= {"same"}
    assert all(piece.kind == "same" for piece in pieces(text, text, Budget()))


@given(texts, texts)
def test_a_change_is_shown_exactly_when_the_gist_of_the_texts_differs(old: str, new: str) -> None:
    assert bool(changes(compare(old, new))) == (gist(old) != gist(new))


@given(prose, st.lists(st.sampled_from(NOISE), max_size=6), st.integers(0), st.integers(0), st.randoms())
def test_folding_noise_never_hides_another_word(
    said: list[str], noise: list[str], line: int, word: int, where: random.Random
) -> None:
    """However much noise comes in between: one word is put in the place of another, and is shown."""
    line, old, new = line % len(said), list(said), list(said)
    parts = words(new[line])
    spoken = [at for at, part in enumerate(parts) if part.strip() and part.isalnum()]
    parts[spoken[word % len(spoken)]] = "xyzzy"
    new[line] = "".join(parts)
    for one in noise:
        new.insert(where.randint(0, len(new)), one)

    shown = changes(compare("\n".join(old), "\n".join(new)))

    assert "xyzzy" in "".join(row.new or "" for row in shown)
    assert all(row.new is None or "xyzzy" in row.new for row in shown)


def test_a_hidden_word_would_be_seen() -> None:
    folded = [row for row in compare("It ticks on.", "It ticks off.") if row.kind in ("same", "noise")]

    assert folded == []


@given(texts)
def test_the_words_of_a_text_are_all_of_it(text: str) -> None:
    assert "".join(words(text)) == text


def test_chinese_is_compared_character_by_character() -> None:
    [row] = compare("误差率降低了一半。", "误差率降低了三成。")

    assert [(piece.kind, piece.text) for piece in row.pieces] == [
        ("same", "误差率降低了"),
        ("deleted", "一半"),
        ("inserted", "三成"),
        ("same", "。"),
    ]


def test_times_ago_counters_and_links_to_others_are_noise_and_can_be_seen() -> None:
    old = "The clock is right.\n3 hours ago\n12 comments\nRelated articles\nThe tower falls"
    new = "The clock is right.\n5 hours ago\n13 comments\nRelated articles\nA bell is found"

    rows = compare(old, new)

    assert changes(rows) == []
    assert {row.kind for row in rows} == {"same", "noise"}
    assert [piece.text for row in rows for piece in row.pieces if piece.kind == "inserted"][:2] == ["5", "13"]


def test_a_line_that_was_changed_a_little_is_one_line_and_others_are_two() -> None:
    rows = compare(
        "The clock of the tower is right.\nGone.", "The clock of the tower is wrong.\nCome at last, all of you!"
    )

    assert [row.kind for row in rows] == ["changed", "deleted", "inserted"]


@pytest.mark.parametrize("vocabulary", [2, 1000, 10**9])
def test_what_is_too_long_to_be_compared_line_by_line_is_still_told_rightly(vocabulary: int) -> None:
    """Twenty thousand lines without order: as much is compared as the budget allows, and nothing is wrong."""
    chance = random.Random(7)
    old, new = ("\n".join(f"line {chance.randrange(vocabulary)}" for _ in range(20_000)) for _ in range(2))

    assert sides(compare(old, new, Budget(1 << 20, 1 << 10))) == (old, new)


@given(st.lists(st.integers(0, 5), max_size=40), st.lists(st.integers(0, 5), max_size=40), tight)
def test_matches_are_in_order_and_true(old: list[int], new: list[int], budget: Budget) -> None:
    at_old = at_new = 0
    for match in matches(old, new, budget):
        assert match.old >= at_old and match.new >= at_new and match.length > 0
        at_old, at_new = match.old + match.length, match.new + match.length
        assert old[match.old : at_old] == new[match.new : at_new]


def test_past_the_budget_what_both_have_once_holds_the_rest_together() -> None:
    old, new = [*"abXcdYef"], [*"ghXijYkl"]

    assert [old[match.old] for match in matches(old, new, Budget(0, 0))] == ["X", "Y"]
