"""Laws of comparison: nothing is lost, nothing is invented, and noise hides no word."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.retrieval.difference.lines import Row, compare
from archive.retrieval.difference.sequences import Budget, matches
from archive.retrieval.difference.words import pieces, words
from extractor.links import noise
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
    """Return the two texts of rows."""
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
def test_a_change_is_shown_exactly_if_the_gists_of_the_texts_differ(old: str, new: str) -> None:
    assert bool(changes(compare(old, new))) == (gist(old) != gist(new))


@given(prose, st.lists(st.sampled_from(NOISE), max_size=6), st.integers(0), st.integers(0), st.randoms())
def test_removing_noise_never_hides_another_word(
    said: list[str], noise: list[str], line: int, word: int, where: random.Random
) -> None:
    """With any amount of noise in between, a replaced word is shown."""
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


def test_a_hidden_word_would_be_noticed() -> None:
    folded = [row for row in compare("It ticks on.", "It ticks off.") if row.kind in ("same", "noise")]

    assert folded == []


@given(texts)
def test_the_words_of_a_text_cover_all_of_it(text: str) -> None:
    assert "".join(words(text)) == text


def test_chinese_is_compared_character_by_character() -> None:
    [row] = compare("误差率降低了一半。", "误差率降低了三成。")

    assert [(piece.kind, piece.text) for piece in row.pieces] == [
        ("same", "误差率降低了"),
        ("deleted", "一半"),
        ("inserted", "三成"),
        ("same", "。"),
    ]


def test_relative_times_counters_and_links_are_noise_and_can_be_shown() -> None:
    old = "The clock is right.\n3 hours ago\n12 comments\nRelated articles\nThe tower falls"
    new = "The clock is right.\n5 hours ago\n13 comments\nRelated articles\nA bell is found"

    rows = compare(old, new)

    assert changes(rows) == []
    assert {row.kind for row in rows} == {"same", "noise"}
    assert [piece.text for row in rows for piece in row.pieces if piece.kind == "inserted"][:2] == ["5", "13"]


def test_a_slightly_changed_line_is_one_row_and_different_lines_are_two() -> None:
    rows = compare(
        "The clock of the tower is right.\nGone.", "The clock of the tower is wrong.\nCome at last, all of you!"
    )

    assert [row.kind for row in rows] == ["changed", "deleted", "inserted"]


@pytest.mark.parametrize("vocabulary", [2, 1000, 10**9])
def test_texts_too_long_for_line_comparison_still_give_a_correct_result(vocabulary: int) -> None:
    """For twenty thousand unordered lines, as much is compared as the budget allows, and nothing is wrong."""
    chance = random.Random(7)
    old, new = ("\n".join(f"line {chance.randrange(vocabulary)}" for _ in range(20_000)) for _ in range(2))

    assert sides(compare(old, new, Budget(1 << 20, 1 << 10))) == (old, new)


@given(st.lists(st.integers(0, 5), max_size=40), st.lists(st.integers(0, 5), max_size=40), tight)
def test_matches_are_in_order_and_correct(old: list[int], new: list[int], budget: Budget) -> None:
    at_old = at_new = 0
    for match in matches(old, new, budget):
        assert match.old >= at_old and match.new >= at_new and match.length > 0
        at_old, at_new = match.old + match.length, match.new + match.length
        assert old[match.old : at_old] == new[match.new : at_new]


def test_beyond_the_budget_unique_common_items_align_the_rest() -> None:
    old, new = [*"abXcdYef"], [*"ghXijYkl"]

    assert [old[match.old] for match in matches(old, new, Budget(0, 0))] == ["X", "Y"]


@given(st.from_regex(noise._AGO))
def test_no_relative_time_is_left_whatever_words_are_looked_for_first(text: str) -> None:
    assert all(noise._AGO.search(line.key) is None for line in noise.lines(text))


def test_a_relative_time_in_any_case_is_noise() -> None:
    assert gist("It was posted 3 HOURS AGO.") == gist("It was posted 4 Hours ago.") == "It was posted #."
    assert gist("JUST NOW he said it") == "# he said it"


@pytest.mark.parametrize("space", [one for one in map(chr, range(0x3001)) if one.isspace() and one != "\n"])
def test_any_white_space_counts_as_one_space(space: str) -> None:
    assert gist(f"a{space}b\nc") == gist(f"a{space} b\nc") == gist(f"{space}a b\n {space}c{space}") == "a b\nc"
