"""Items of lists have the numbers or letters that the page shows."""

from __future__ import annotations

import pytest
from programs.small_articles import read

ONE, TWO, THREE = "<li>Open the box on its side.", "<li>Take out the frame.", "<li>Fix the feet to it."


def lines(html: str) -> list[str]:
    return [
        line.partition(" ")[0] for line in read(html)[0].split("\n") if line.endswith((" side.", " frame.", " it."))
    ]


@pytest.mark.parametrize(
    ("opening", "markers"),
    [
        ("<ol>", ["1.", "2.", "3."]),
        ("<ol start=4>", ["4.", "5.", "6."]),
        ("<ol reversed>", ["3.", "2.", "1."]),
        ("<ol type=a>", ["a.", "b.", "c."]),
        ("<ol type=I start=9>", ["IX.", "X.", "XI."]),
        ("<ol type=A start=26>", ["Z.", "AA.", "AB."]),
        ("<ol start=-1>", ["-1.", "0.", "1."]),
        ("<ol start=many>", ["1.", "2.", "3."]),
        ("<ol start='5th'>", ["5.", "6.", "7."]),
        ("<ol start=' +9.'>", ["9.", "10.", "11."]),
        ("<ol style='list-style: none'>", ["-", "-", "-"]),
        ("<ul>", ["-", "-", "-"]),
    ],
)
def test_an_item_begins_with_what_the_page_shows(opening: str, markers: list[str]) -> None:
    assert lines(f"{opening}{ONE}{TWO}{THREE}</{opening[1:3]}>") == markers


def test_a_value_counts_from_there() -> None:
    assert lines(f"<ol>{ONE}<li value=7>{TWO[4:]}{THREE}</ol>") == ["1.", "7.", "8."]


def test_an_item_that_is_not_read_is_counted() -> None:
    html = f"<ol>{ONE}<li><button>Share</button>{THREE}</ol>"

    assert lines(html) == ["1.", "3."]
    assert "\n3. Fix the feet" in read(html)[1]


def test_a_number_that_the_words_begin_with_is_not_written_twice() -> None:
    assert "\n- 1) Open the box" in read(f"<ol><li>1) {ONE[4:]}<li>2) {TWO[4:]}</ol>")[0]


def test_lists_in_lists_have_their_own_numbers() -> None:
    assert lines(f"<ol>{ONE}<ol type=a>{TWO}</ol></li>{THREE}</ol>") == ["1.", "a.", "2."]


def test_words_that_begin_with_a_figure_or_a_letter_keep_the_number_before_them() -> None:
    said = read("<ol><li>1.5 litres of water go in.<li>C: is the drive to open.<li>1、先加水，再等一小时。</ol>")[0]

    assert "\n1. 1.5 litres of water go in.\n2. C: is the drive to open.\n- 1、先加水" in said
