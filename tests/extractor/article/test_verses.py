"""Lines between single line breaks stay together in Markdown."""

from __future__ import annotations

import pytest
from programs.small_articles import read

VERSES = ("The tide comes in", "The tide goes out", "And nobody knows")
BROKEN = "The tide comes in\\\nThe tide goes out\\\nAnd nobody knows"


def test_verses_are_lines_of_one_paragraph() -> None:
    text, marked = read("<p>The tide comes in<br>The tide goes out<br/>\nAnd nobody knows</p><p>What it is about</p>")

    assert "\n".join(VERSES) in text
    assert f"\n{BROKEN}\n\nWhat it is about" in marked


@pytest.mark.parametrize(
    "html, marked",
    [
        ("<p><em>It rains<br>again</em></p>", "*It rains*\\\n*again*"),
        ("<ul><li>The harbour<br>of the north</li></ul>", "- The harbour\\\n  of the north"),
        ("<blockquote><p>It rains<br>again</p></blockquote>", "> It rains\\\n> again"),
        ("<p>It rains<br># again</p>", "It rains\\\n\\# again"),
    ],
)
def test_verses_keep_the_marks_around_them(html: str, marked: str) -> None:
    assert f"\n{marked}" in read(html)[1]


@pytest.mark.parametrize("breaks", ["<br><br>", "<br>\n<br/>", "<br>&nbsp;<br>", "<br><b></b><br>"])
def test_two_line_breaks_begin_a_paragraph(breaks: str) -> None:
    _, marked = read(f"<p>The tide comes in{breaks}The tide goes out</p>")

    assert "The tide comes in\n\nThe tide goes out" in marked


def test_long_lines_are_paragraphs() -> None:
    line = "The office publishes its readings each evening as well, and it compares them with those of all other years."

    _, marked = read(f"<p>{line}<br>{line} Twice.</p>")

    assert f"{line}\n\n{line} Twice." in marked
