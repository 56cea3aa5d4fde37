# ruff: noqa: E501 - lines of markup
"""A code block is read exactly, without numbers of its lines and labels beside it."""

from __future__ import annotations

import re

import pytest
from programs.small_articles import read

from benchmarks.reading.formulas_and_code import labels, right_code
from benchmarks.reading.made_code import with_code
from benchmarks.reading.made_page import MadePage
from extractor.html.notation.code_labels import BOXES
from extractor.html.page import Page
from extractor.reading import extract

WITH_CODE = list(with_code())


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
def test_code_is_exact_in_text_and_markdown(page: MadePage) -> None:
    text = extract(Page("https://example.org/readings/1", page.html.encode(), "text/html; charset=utf-8"))

    assert text is not None
    assert right_code(page, text.text, text.markdown or "") == (len(page.code), len(page.code))
    assert labels(page, text.text) == []


def test_code_with_a_line_less_is_not_exact() -> None:
    page = MadePage("", "", code=[("a\n\nb", "c")])

    assert right_code(page, "a\n\nb", "```c\na\n\nb\n```") == (1, 1)
    assert right_code(page, "a\nb", "```\na\n\nb\n```") == (0, 0)


@pytest.mark.parametrize("label", ["Copy", "Code:", "复制代码", "Copy to clipboard"])
@pytest.mark.parametrize("tag", ["div", "span"])
def test_a_label_beside_code_is_not_text(label: str, tag: str) -> None:
    assert tag in BOXES
    html = f"<p>Start it like this, as all of us do here:</p><div class=box><{tag}>{label}</{tag}><pre>go()</pre></div>"

    text, _ = read(html)

    assert label not in text.split("\n")
    assert "go()" in text.split("\n")


@pytest.mark.parametrize(
    "said",
    [
        "<dl><dt>Run</dt><dd>{}</dd></dl>", "<b>Run:</b>{}", "<div>Run</div>{}", "<strong>Copy</strong>{}",
        "<span>Open in new window:</span>{}", "<div>Print</div>{}", "{}<div>Download all</div>", "<div>Edit</div>{}",
        "<dl><dt>Code</dt><dd>{}</dd></dl>",
    ],
)  # fmt: skip
def test_words_of_the_author_beside_code_stay(said: str) -> None:
    text, _ = read(f"<p>Start it like this, as all of us do here:</p>{said.format('<pre>go()</pre>')}")

    words = re.sub("<[^>]*>", "", said.format("")).strip()
    assert any(words in line for line in text.split("\n"))


@pytest.mark.parametrize(
    "label",
    [
        "<div class=toolbar>Run</div>{}", "<a href='#'>Run</a>{}", "<div role=button>View raw</div>{}",
        "<div class=codebox><b>Code:</b>{}</div>", "<dl class=codebox><dt>Code: <a href='#'>Select all</a></dt><dd>{}</dd></dl>",
    ],
)  # fmt: skip
def test_words_of_buttons_beside_code_are_not_text(label: str) -> None:
    text, _ = read(f"<p>Start it like this, as all of us do here:</p>{label.format('<pre>go()</pre>')}")

    assert "go()" in text
    assert not re.search("Run|View|Code|Select", text)


def test_a_paragraph_before_code_stays() -> None:
    text, _ = read("<p>Python:</p><pre>go()</pre><p>And then you wait for a while until the office has seen it.</p>")

    assert "Python:" in text


def test_a_table_of_numbers_keeps_them() -> None:
    table = "<table><tr><td class='ln'>1</td><td>7.5</td></tr><tr><td class='ln'>2</td><td>7.6</td></tr></table>"

    assert "1\t7.5" in read(f"<p>The readings of the week were these, in metres above the zero:</p>{table}")[0]
