# ruff: noqa: E501 - lines of markup
"""A table of data in a cell of another is a table of its own; a table for layout around tables is unwrapped."""

from __future__ import annotations

import re
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programs.nested_tables import DATA, NESTED, Made, html_of

from extractor.article.blocks import blocks_of
from extractor.article.blocks_as_markdown import markdown
from extractor.article.rendering import lines
from extractor.article.table_reading import tables_of
from extractor.html.page import Page
from extractor.values.table import table_json
from extractor.values.urls import Resolver

WORD = re.compile(r"\bw\d+\b")
BASE = "https://example.org/news/1"
INNER = "<table><tr><td>Spring<td>4</tr><tr><td>Autumn<td>7</tr></table>"


def read(html: str) -> tuple[str, str]:
    """Return the text and the Markdown of a part of a page."""
    blocks = blocks_of(Page(BASE, f"<body>{html}</body>".encode()))
    there = list(lines(blocks, range(len(blocks.texts))))
    return "\n".join(line.text for line in there), markdown(blocks, there, Resolver(BASE))


def grids(html: str) -> list[list[list[str]]]:
    return [[list(row) for row in table.grid] for table in tables_of(read(html)[1])]


@given(NESTED)
def test_each_word_of_nested_tables_is_once_in_text_markdown_and_data(made: Made) -> None:
    words = count(1)
    html = html_of(made, words)
    expected = sorted(f"w{number}" for number in range(1, next(words)))

    text, marked = read(html)

    assert sorted(text.split()) == expected
    assert sorted(WORD.findall(marked)) == expected
    cells = [cell.text for table in tables_of(marked) for row in table.rows for cell in row]
    captions = [table.caption for table in tables_of(marked)]
    said = WORD.findall(" ".join([*cells, *captions]))
    assert len(said) == len(set(said))


@given(st.lists(st.lists(DATA, max_size=2), min_size=2, max_size=4))
def test_tables_in_a_table_with_heads_keep_their_rows_and_say_their_cell(held: list[list[Made]]) -> None:
    words = count(1)
    inner = [[html_of(table, words) for table in tables] for tables in held]
    rows = "".join(f"<tr><td>Land{number}<td>{''.join(tables)}<td>{number}" for number, tables in enumerate(inner))
    alone = [grid for tables in inner for html in tables for grid in grids(html)]

    found = list(tables_of(read(f"<table><tr><th>Land<th>Visits<th>Sum{rows}</table>")[1]))

    assert [list(row) for row in found[0].grid] == [
        ["Land", "Visits", "Sum"], *([f"Land{number}", "", str(number)] for number in range(len(inner)))
    ]  # fmt: skip
    assert [[list(row) for row in table.grid] for table in found[1:]] == alone
    places = [{"table": 0, "row": number + 1, "column": 1} for number, tables in enumerate(inner) for _ in tables]
    assert [table_json(table)["in"] for table in found] == [None, *places]


def test_a_table_of_data_in_a_cell_of_another_is_a_table_of_its_own() -> None:
    html = f"<table><tr><th>Land<th>Visits<th>Sum<tr><td>Chad<td>By season{INNER}<td>11<tr><td>Peru<td>3<td>3</table>"

    text, marked = read(html)

    assert text == "Land\tVisits\tSum\nChad\tBy season\t11\nPeru\t3\t3\nSpring\t4\nAutumn\t7"
    assert marked.split("\n") == [
        "<table>", "<thead>", "<tr><th>Land</th><th>Visits</th><th>Sum</th></tr>", "</thead>",
        "<tr><td>Chad</td><td>By season<table><tr><td>Spring</td><td>4</td></tr><tr><td>Autumn</td><td>7</td></tr></table></td><td>11</td></tr>",
        "<tr><td>Peru</td><td>3</td><td>3</td></tr>", "</table>",
    ]  # fmt: skip
    assert grids(html) == [
        [["Land", "Visits", "Sum"], ["Chad", "By season", "11"], ["Peru", "3", "3"]],
        [["Spring", "4"], ["Autumn", "7"]],
    ]


def test_a_row_with_a_name_and_a_table_is_below_the_heads() -> None:
    html = f"<table><tr><th>Land<th>Visits<tr><th>Chad<td>{INNER}<tr><th>Peru<td>{INNER.replace('4', '5')}</table>"

    assert [table.heads for table in tables_of(read(html)[1])] == [1, 0, 0]
    assert read(html)[0].split("\n")[:3] == ["Land\tVisits", "Chad\t", "Peru\t"]


@pytest.mark.parametrize(
    "html",
    [
        f"<table><tr><td>Menu<td>{INNER}<tr><td>a<td>b</table>",
        f"<table><tr><th>Author<th>Message<tr><td>Ann<td><table><tr><td>At noon<tr><td><hr><tr><td>Hello</table><td>3<tr><td>Bo<td>Hi{INNER}</table>",
        f"<table><tr><th>Land<th>Visits<tr><td>Chad<td><table><tr><th>a<th>b<tr><td>c<td>{INNER}</table><tr><td>e<td>f</table>",
        f"<table><tr><th>Land<th>Visits<tr><td>Chad<td>{INNER.replace('4', '<h2>4</h2>')}<tr><td>e<td>f</table>",
    ],
    ids=["without heads", "posts", "three deep", "a heading inside"],
)
def test_a_table_around_others_is_layout_unless_both_are_data(html: str) -> None:
    assert not any({"Ann", "Menu", "e"} & {*row} for table in grids(html) for row in table)
