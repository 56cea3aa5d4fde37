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


def test_a_label_that_is_written_into_the_code_is_removed() -> None:
    label = "<span class=copy-code-btn>复制代码</span>"
    code = "<pre><code><span class=hljs-title>copy</span>(<span class=copy>it</span>)\n{}</code></pre>"

    assert "copy(it)" in read(f"<p>Start it like this, as all of us do here:</p>{code.format(label)}")[0].split("\n")
    assert "复制代码" not in read(f"<p>Start it like this, as all of us do:</p>{code.format(label)}")[0]


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


CODE = "def f(x):\n    return x\n\nf(1)"
LINES = CODE.split("\n")
CRAYON = (
    "<div class='crayon-syntax'><div class='crayon-toolbar'><span class='crayon-language'>Python</span></div><div class='crayon-plain-wrap'>"
    f"<textarea class='crayon-plain'>{CODE}</textarea></div><div class='crayon-main'><table class='crayon-table'><tr class='crayon-row'><td"
    " class='crayon-nums'>{numbers}</td><td class='crayon-code'><div class='crayon-pre'>{lines}</div></td></tr></table></div></div>"
).format(
    numbers="".join(f"<div class='crayon-num'>{number}</div>" for number in range(1, 5)),
    lines="".join(f"<div class='crayon-line'>{line.replace(' ', '&nbsp;') or '&nbsp;'}</div>" for line in LINES),
)
CNBLOGS = "<div class='cnblogs_code'><pre>{}</pre></div>".format(
    "\n".join(f"<span style='color: #008080'>{number}</span> {line}" for number, line in enumerate(LINES, 1))
)


@pytest.mark.parametrize("html", [CRAYON, CNBLOGS], ids=["Crayon", "cnblogs"])
def test_numbers_beside_lines_of_code_are_not_code(html: str) -> None:
    text, marked = read(f"<p>Start it like this, as all of us do here:</p>{html}")

    assert f"here:\n{CODE}" in text
    assert "Python" not in text
    assert f"```\n{CODE}\n```" in marked


def test_numbers_at_the_start_of_lines_that_no_highlighter_wrote_stay() -> None:
    assert "\n1 a\n2 b" in read("<p>Start it like this, as all do:</p><pre><b>1</b> a\n<b>2</b> b</pre>")[0]


def test_a_table_of_numbers_keeps_them() -> None:
    table = "<table><tr><td class='ln'>1</td><td>7.5</td></tr><tr><td class='ln'>2</td><td>7.6</td></tr></table>"

    assert "1\t7.5" in read(f"<p>The readings of the week were these, in metres above the zero:</p>{table}")[0]
