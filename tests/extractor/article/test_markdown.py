"""The Markdown of a page has the words of the plain text, and nothing active."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from programs.inert_markdown import html_block, is_inert, tokens_of

from extractor.article.blocks import blocks_of
from extractor.article.blocks_as_markdown import markdown
from extractor.article.markdown import address, code, escape, escape_start, image, joined, link, paragraphs
from extractor.article.rendering import lines
from extractor.forums.bodies import read_body
from extractor.html.page import Page, parse
from extractor.reading import extract
from extractor.values.urls import Resolver

CASES = sorted(path for path in (Path(__file__).parents[1] / "cases").iterdir() if path.is_dir())
BASE = "https://example.org/news/1"
HOSTILE = (
    "<script>alert(1)</script>", "](javascript:alert(1))", "[x](javascript:alert(1))", "![", "`", "``", "```", "~~~",
    "*", "**", "_", "__", "***", "# ", "#", "- ", "+ ", "> ", "1. ", "2) ", "---", "===", "|", "\\", "\\|", "&lt;",
    "&", "<", ">", "<!--", "-->", "<https://a.org>", "a", "b c", "量子", "“引”", "。", "!", "\xa0", "\n", "\t", "\x01",
    "    ",     "[1]: http://a.org", "[^1]", "$$", ":::", "<b>", "</div>", "{", "\u2028", "http://a.org/)",
)  # fmt: skip
words = st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=6).map("".join)
addresses = st.sampled_from(
    ("/a", "javascript:alert(1)", "data:text/html,<b>", "/a)[x](javascript:alert(1)", "?a=`&lt;", "/<b>", "\\", " ", "")
)


def html_of(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def inline() -> st.SearchStrategy[str]:
    plain = words.map(html_of)
    return st.recursive(
        plain,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(("b", "i", "code", "span", "em")), inner).map(
                lambda x: f"<{x[0]}>{x[1]}</{x[0]}>"
            ),
            st.tuples(addresses, inner).map(lambda x: f'<a href="{html_of(x[0])}">{x[1]}</a>'),
            st.lists(inner, min_size=2, max_size=3).map("".join),
        ),
        max_leaves=5,
    )


def parts() -> st.SearchStrategy[str]:
    leaf = st.tuples(st.sampled_from(("p", "h2", "h3", "pre", "div", "dd")), inline()).map(
        lambda x: f"<{x[0]}>{x[1]}</{x[0]}>"
    )
    cells = st.sampled_from(("td", "th", "td colspan=2", "td rowspan=2"))
    cell = st.tuples(cells, inline()).map(lambda x: f"<{x[0]}>{x[1]}</{x[0][:2]}>")
    row = st.lists(cell, min_size=2, max_size=3).map(lambda cells: f"<tr>{''.join(cells)}")
    table = st.lists(row, min_size=1, max_size=3).map(lambda rows: f"<table>{''.join(rows)}</table>")
    return st.recursive(
        st.one_of(leaf, table),
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(("ul", "ol", 'ol start="7"')), st.lists(inner, min_size=1, max_size=3)).map(
                lambda x: f"<{x[0]}>{''.join(f'<li>{i}</li>' for i in x[1])}</{x[0][:2]}>"
            ),
            st.lists(inner, min_size=1, max_size=3).map(lambda x: f"<blockquote>{''.join(x)}</blockquote>"),
        ),
        max_leaves=8,
    )


MARKER = re.compile(r"^(?:-|\d+\.) ")


def said(marked: str) -> str:
    """Return the words of Markdown, without white space."""
    words = (
        html_block(token.content) if token.type == "html_block" else token.content
        for token in tokens_of(marked)
        if token.type in ("text", "code_inline", "fence", "html_block")
    )
    return "".join("".join(words).split())


def folded(texts: list[str]) -> str:
    return "".join("".join(texts).split()).replace("\x01", "")


@given(st.lists(parts(), min_size=1, max_size=4).map("".join))
def test_markdown_without_its_marks_is_the_plain_text(html: str) -> None:
    blocks = blocks_of(Page("", f"<html><body>{html}</body></html>".encode()))
    there = list(lines(blocks, range(len(blocks.texts))))

    marked = markdown(blocks, there, Resolver(BASE))

    assert said(marked) == folded([blocks.texts[block] for line in there for block in line.blocks])
    assert is_inert(marked)


@given(inline(), st.sampled_from(("p", "li", "pre", "blockquote", "h1", "div")))
def test_the_markdown_of_a_post_is_inert(html: str, tag: str) -> None:
    tree = parse(f"<html><body><{tag}>{html}</{tag}></body></html>")
    assert tree.body is not None

    assert is_inert(read_body(tree.body, Resolver(BASE)).markdown)


@given(st.lists(words, max_size=5).map("\n".join))
@example("\x01- <script>")
def test_plain_lines_become_markdown_with_the_same_words(text: str) -> None:
    marked = paragraphs(text)
    wanted = [line.strip().removeprefix("- ") for line in text.replace("\x01", "").splitlines()]

    assert said(marked) == folded(wanted)
    assert is_inert(marked)


@given(words, words)
def test_no_caption_or_label_ends_its_element(one: str, other: str) -> None:
    url = Resolver(BASE)(f"/{other.strip()}") or BASE

    marked = joined([image(one, url), link(escape(" ".join(one.split())), url), code(other)])

    assert is_inert(marked)
    assert len([token for token in tokens_of(marked) if token.type in ("image", "link_open")]) == 2


def test_without_escapes_the_same_checks_find_html_and_a_script() -> None:
    assert not is_inert("a <script>alert(1)</script>")
    assert not is_inert("[x](javascript:alert(1))")
    assert not is_inert("<table>\n<tr><td onclick='alert(1)'>a</td></tr>\n</table>")
    assert not is_inert('<table>\n<tr><td><a href="javascript:alert(1)">a</a></td></tr>\n</table>')
    assert said("# a") != "#a"


def test_a_line_that_begins_like_markup_is_escaped() -> None:
    for line in ("# a", "- a", "+ a", "1. a", "2) a", "> a", "---", "***", "___", "==="):
        assert next(token.type for token in tokens_of(escape_start(escape(line)))) == "paragraph_open"


def test_an_address_stays_unchanged() -> None:
    assert address("https://example.org/a(b)?q=1&copy;=2") == "https://example.org/a%28b%29?q=1&amp;copy;=2"


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_markdown_of_saved_pages_has_the_words_of_the_text(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))

    text = extract(Page(expected["url"], (folder / "page.html").read_bytes(), expected.get("content_type")))

    if text is not None and text.markdown is not None:
        assert is_inert(text.markdown)
        assert said(text.markdown).strip("|-") == folded([MARKER.sub("", line) for line in text.text.split("\n")])


def test_headings_lists_tables_quotes_code_links_and_emphasis_are_marked() -> None:
    html = """<h2>Clocks</h2><p>A <b>new</b> clock, <a href="/c">see <i>here</i></a>, runs <code>tick()</code>.</p>
        <ul><li>one<ol start="3"><li>inner</li></ol></li><li>two</li></ul>
        <blockquote><p>said</p></blockquote><pre>a = 1\n  b</pre>
        <table><tr><th>x</th><th>y</th></tr><tr><td>1</td><td>2|3</td></tr></table>"""
    blocks = blocks_of(Page("", f"<html><body>{html}</body></html>".encode()))

    marked = markdown(blocks, list(lines(blocks, range(len(blocks.texts)))), Resolver(BASE))

    assert marked.split("\n") == [
        "## Clocks", "",
        "A **new** clock, [see *here*](https://example.org/c), runs `tick()`.", "",
        "- one", "", "  3. inner", "", "- two", "",
        "> said", "",
        "```", "a = 1", "  b", "```", "",
        "| x | y |", "| --- | --- |", "| 1 | 2\\|3 |",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("html", "fence"),
    [
        ("<pre>{}</pre>", "```"),
        ("<pre><code class='language-python hljs'>{}</code></pre>", "```python"),
        ("<pre><code class='hljs python'>{}</code></pre>", "```python"),
        (
            "<figure class='highlight python'><table><tr><td class=code><pre>{}</pre></td></tr></table></figure>",
            "```python",
        ),
        ("<pre class='language-C++'>{}</pre>", "```c++"),
        ("<div class='highlight highlight-source-shell'><pre>{}</pre></div>", "```shell"),
        ("<div class='highlight-python3 notranslate'><div class=highlight><pre>{}</pre></div></div>", "```python3"),
        ("<pre class='brush: js; title: x'>{}</pre>", "```js"),
        ("<pre class='sourceCode haskell'>{}</pre>", "```haskell"),
        ("<pre><code data-lang=go>{}</code></pre>", "```go"),
        ("<pre><code class=lang-rust>{}</code></pre>", "```rust"),
        ("<div class=language-ruby><pre><code class=language-erb>{}</code></pre></div>", "```erb"),
        ("<div class='lang lang-fr'><pre>{}</pre></div>", "```"),
        ("<div class='highlight-box'><pre>{}</pre></div>", "```"),
        ("<pre class='language-none'>{}</pre>", "```"),
        ("<pre><code class='language-`x`'>{}</code></pre>", "```"),
        ("<pre><code data-lang='a b&#10;c'>{}</code></pre>", "```"),
    ],
)
def test_the_language_of_code_is_at_its_fence(html: str, fence: str) -> None:
    blocks = blocks_of(Page("", html.format("a = 1\n  b").encode()))

    marked = markdown(blocks, list(lines(blocks, range(len(blocks.texts)))), Resolver(BASE))

    assert marked == f"{fence}\na = 1\n  b\n```"
