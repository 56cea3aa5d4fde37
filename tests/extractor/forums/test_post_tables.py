# ruff: noqa: E501 - lines of markup
"""Tables in posts are written as those in articles are, also those in cells of others."""

from __future__ import annotations

from itertools import count
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs.nested_tables import DATA, NESTED, Made, html_of
from services.calls import calls

from extractor.article.blocks import blocks_of
from extractor.article.rendering import lines
from extractor.article.table_reading import tables_of
from extractor.article.table_writing import marked_as_html
from extractor.forums.bodies import Body, read_body
from extractor.html.page import Page, parse
from extractor.reading import extract
from extractor.values.table import table_json
from extractor.values.urls import Resolver

BASE = "https://forum.example/t/1"
INNER = "<table><tr><td>Spring<td>4</tr><tr><td>Autumn<td>7</tr></table>"
OUTER = "<table><tr><th>Land<th>Visits<th>Sum<tr><td>Chad<td>By season{0}<td>11<tr><td>Peru<td>3<td>3</table>"


def body(html: str, dropped: str = "") -> Body:
    tree = parse(f"<div id=b>{html}</div>")
    root = tree.css_first("#b")
    assert root is not None
    gone = {node.mem_id for node in root.css(dropped)} if dropped else ()
    return read_body(root, Resolver(BASE), (), gone)


def grids(marked: str) -> list[list[list[str]]]:
    return [[list(row) for row in table.grid] for table in tables_of(marked)]


def test_a_table_of_data_in_a_cell_is_a_table_of_its_own_in_text_markdown_and_data() -> None:
    read = body(OUTER.format(INNER))

    assert read.text == read.own == "Land\tVisits\tSum\nChad\tBy season\t11\nPeru\t3\t3\nSpring\t4\nAutumn\t7"
    assert read.markdown.split("\n") == [
        "<table>", "<thead>", "<tr><th>Land</th><th>Visits</th><th>Sum</th></tr>", "</thead>",
        "<tr><td>Chad</td><td>By season<table><tr><td>Spring</td><td>4</td></tr><tr><td>Autumn</td><td>7</td></tr></table></td>"
        "<td>11</td></tr>",
        "<tr><td>Peru</td><td>3</td><td>3</td></tr>", "</table>",
    ]  # fmt: skip
    assert grids(read.markdown) == [
        [["Land", "Visits", "Sum"], ["Chad", "By season", "11"], ["Peru", "3", "3"]],
        [["Spring", "4"], ["Autumn", "7"]],
    ]
    assert [table_json(table)["in"] for table in tables_of(read.markdown)] == [
        None, {"table": 0, "row": 1, "column": 1},
    ]  # fmt: skip


@settings(max_examples=25)
@given(st.one_of(NESTED, DATA))
def test_a_table_is_the_same_in_a_post_and_in_an_article(made: Made) -> None:
    html = html_of(made, count(1))
    blocks = blocks_of(Page(BASE, f"<body>{html}</body>".encode()))
    if blocks.table.count(-1) < len(blocks.table):  # it is data; of layout, posts and articles have other lines
        article = "\n".join(line.text for line in lines(blocks, range(len(blocks.texts))))

        assert body(html).text == article


def test_dropped_parts_of_cells_are_in_no_table() -> None:
    read = body(OUTER.format(f"<div class=signature>Bob{INNER}</div>"), ".signature")

    assert read.text == "Land\tVisits\tSum\nChad\tBy season\t11\nPeru\t3\t3"


def test_links_and_emphasis_stay_in_a_table_with_spans_or_tables() -> None:
    cell = "See <a href=/doc#x>the *doc*</a>, <b>not</b> <code>a&lt;b</code> or [x]"
    read = body(f"<table><tr><th>Land<th>Note<tr><td rowspan=2>Chad<td>{cell}<tr><td>5 &amp;lt; 6</table>")

    assert (
        '<td>See <a href="https://forum.example/doc">the *doc*</a>, <strong>not</strong> <code>a&lt;b</code> or [x]</td>'
        in read.markdown
    )
    assert grids(read.markdown) == [[["Land", "Note"], ["Chad", "See the *doc*, not a<b or [x]"], ["Chad", "5 &lt; 6"]]]


@pytest.mark.parametrize(
    ("marked", "html"),
    [
        ("a & b \\[x\\] 5\\*3 \\<b>", "a &amp; b [x] 5*3 &lt;b&gt;"),
        ("*em [l](http://x/)* a\\`b", '<em>em <a href="http://x/">l</a></em> a`b'),
        ("a\\``b`", "a`<code>b</code>"),
        ("``a`b`` $a_{[1]}$", "<code>a`b</code> $a_{[1]}$"),
        ("![plan](http://x/i.png) x [", "x ["),
    ],
)
def test_a_line_of_markdown_is_the_same_in_html(marked: str, html: str) -> None:
    assert marked_as_html(marked) == html


@pytest.mark.parametrize("sign", ["![", "`"])
def test_a_line_of_one_sign_takes_linear_time(sign: str) -> None:
    started = process_time()
    marked_as_html(sign * 32_000)

    assert process_time() - started < 20  # it took minutes


def test_nested_tables_take_linear_time() -> None:
    def cost(depth: int) -> int:
        html = "<table><tr><th>a <th>b<tr><td>c<td>" * depth + " d" + "</table>" * depth
        assert body(html).text.endswith("d")
        return calls(lambda: body(html))

    assert cost(80) < 2.2 * cost(40)


def test_a_table_in_a_cell_of_a_post_of_a_thread_is_data() -> None:
    posts = "".join(
        f'<article class="message message--post js-post" data-author="user{n}" data-content="post-{n}" id="js-post-{n}">'
        f'<div class="message-body"><div class="bbWrapper">The figures of the spring, as asked for by you.{OUTER.format(INNER) if n == 2 else ""}</div></div>'
        f'<time class="u-dt" datetime="2026-05-0{n}T10:00:00+0000">May {n}, 2026</time></article>'
        for n in (1, 2, 3)
    )
    html = f"<!doctype html><html id=XF data-template=thread_view lang=en><body><h1 class=p-title-value>Visits</h1>{posts}</body></html>"

    found = extract(Page(BASE, html.encode(), "text/html; charset=utf-8"))

    assert found is not None and found.thread is not None
    assert grids(found.thread.posts[1].markdown)[1] == [["Spring", "4"], ["Autumn", "7"]]
