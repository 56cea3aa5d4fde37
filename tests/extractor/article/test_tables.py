# ruff: noqa: E501 - lines of markup
"""Tables keep their shape in the text, in Markdown and as data: each cell is at its row and column."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.article.blocks import blocks_of
from extractor.article.blocks_as_markdown import markdown
from extractor.article.rendering import lines
from extractor.article.table_reading import tables_of
from extractor.article.whole_tables import with_whole_tables
from extractor.html.page import Page
from extractor.values.table import Table, table_json
from extractor.values.urls import Resolver

BASE = "https://example.org/news/1"
WORDS = (
    "Spain",
    "25",
    "1,4",
    "a|b",
    "x\\",
    "\\|",
    "`",
    "<b>",
    "&amp;",
    "*",
    "**",
    "[1]",
    "](",
    "–",
    "量子",
    "_",
    "~",
    "$",
    "#",
    "|",
)


def html_of(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


@dataclass
class Made:
    """A cell as it is made: its text, its markup, and the slots that it takes."""

    text: str
    html: str
    rows: int
    columns: int


def inline() -> st.SearchStrategy[tuple[str, str]]:
    """Return a text with its markup."""
    plain_words = st.sampled_from(WORDS).map(lambda word: (word, html_of(word)))
    return st.recursive(
        plain_words,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(("b", "i", "code", "span", "em", 'a href="/x"', "time", "p", "div")), inner).map(
                lambda pair: (pair[1][0], f"<{pair[0]}>{pair[1][1]}</{pair[0].split()[0]}>")
            ),
            st.tuples(inner, inner).map(lambda pair: (f"{pair[0][0]} {pair[1][0]}", f"{pair[0][1]} {pair[1][1]}")),
            st.tuples(inner, inner).map(lambda pair: (f"{pair[0][0]} {pair[1][0]}", f"{pair[0][1]}<br>{pair[1][1]}")),
            inner.map(lambda pair: (pair[0], f'<span style="display:none">0001</span>{pair[1]}')),
        ),
        max_leaves=4,
    )


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[list[str]], int]:
    """Draw a table: its HTML, the text of each slot, and the rows of its head."""
    height, width = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    heads = draw(st.integers(0, min(2, height - 1)))
    grid: list[list[Made | None]] = [[None] * width for _ in range(height)]
    parts: list[str] = []
    for row in range(height):
        named = False
        parts.append("<thead><tr>" if heads and row == 0 else "<tbody><tr>" if row == heads else "<tr>")
        for column in range(width):
            if grid[row][column] is not None:
                continue
            last = heads if row < heads else height
            rows = draw(st.integers(1, last - row)) if draw(st.booleans()) else 1
            columns = 1
            most = draw(st.sampled_from((1, 1, 2, 3)))
            while columns < most and column + columns < width and grid[row][column + columns] is None:
                columns += 1
            text, html = draw(st.one_of(st.just(("", "")), inline(), inline()))
            made = Made(text, html, rows, columns)
            for below in range(row, row + rows):
                for beside in range(column, column + columns):
                    grid[below][beside] = made
            name = not named and draw(st.integers(0, 5)) == 0  # several names in a row may begin another table
            named = named or name
            tag = "th" if row < heads or name else "td"
            span = f' rowspan="{rows}"' if rows > 1 else ""
            span += f' colspan="{columns}"' if columns > 1 else ""
            parts.append(f"<{tag}{span}>{html}</{tag}>")
        parts.append("</tr></thead>" if row == heads - 1 else "</tr>")
    texts = [[" ".join(made.text.split()) if made else "" for made in row] for row in grid]
    begun = [
        {id(made) for made in row} - {id(made) for before in grid[:number] for made in before}
        for number, row in enumerate(grid)
    ]
    filled = [any(made and made.text and id(made) in begun[number] for made in row) for number, row in enumerate(grid)]
    kept = [row for row, has in zip(texts, filled, strict=True) if has]
    shown = [row for row, has in zip(grid, filled, strict=True) if has]
    starts = {column for row in shown for column, made in enumerate(row) if column == 0 or row[column - 1] is not made}
    cut = [[row[column] for column in sorted(starts)] for row in kept]
    return f"<table><caption>Of all</caption>{''.join(parts)}</table>", cut, sum(filled[:heads])


def read(html: str) -> tuple[str, str]:
    """Return the text and the Markdown of a part of a page."""
    blocks = blocks_of(Page(BASE, f"<body>{html}</body>".encode()))
    there = list(lines(blocks, range(len(blocks.texts))))
    return "\n".join(line.text for line in there), markdown(blocks, there, Resolver(BASE))


def data(html: str) -> list[Table]:
    return list(tables_of(read(html)[1]))


def in_text(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.split("\n")]


def whole(row: list[str]) -> list[str]:
    return [row[0]] if len(row) > 1 and row[0] and set(row) == {row[0]} else row


@given(tables())
def test_each_cell_is_at_its_row_and_column_in_text_markdown_and_data(made: tuple[str, list[list[str]], int]) -> None:
    html, grid, heads = made

    text, marked = read(html)

    if not grid or len(re.findall("<t[dh][ >]", html)) < 2:  # one cell is layout
        return
    assert [whole(row) for row in in_text(text)[1:]] == [whole(row) for row in grid]
    (table,) = tables_of(marked)
    assert [list(row) for row in table.grid] == grid
    assert (table.caption, table_json(table)["rows"]) == ("Of all", grid)
    if 0 < heads < len(grid):
        assert table.heads == heads


@given(inline())
def test_markdown_of_a_cell_reads_back_as_its_text(cell: tuple[str, str]) -> None:
    (table,) = data(
        f"<table><caption>x</caption><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>{cell[1]}</td></tr></table>"
    )

    assert table.grid[1][1] == " ".join(cell[0].split())


def test_a_cell_that_is_moved_is_noticed_by_these_laws() -> None:
    text, _ = read("<table><tr><th>a</th><th>b</th></tr><tr><td></td><td>25</td></tr></table>")

    assert in_text(text) == [["a", "b"], ["", "25"]]
    assert in_text(text.replace("\t25", "25")) != [["a", "b"], ["", "25"]]


LAYOUT = [
    "<table role=presentation><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table>",
    "<table><tr><td>a</td><td>b</td></tr></table>",
    "<table><tr><td>a</td><td><form>x</form></td></tr><tr><td>c</td><td>d</td></tr></table>",
    "<table><tr><td>a</td><td><table><tr><td>x</td></tr></table></td></tr><tr><td>c</td><td>d</td></tr></table>",
    "<table class=rouge-table><tr><td class=gutter>1</td><td>a</td></tr><tr><td>2</td><td>b</td></tr></table>",
    f"<table><tr><td>a</td><td>{'long ' * 100}</td></tr><tr><td>c</td><td>d</td></tr></table>",
]
DATA = [
    "<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table>",
    "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>",
    "<table><caption>a</caption><tr><td>c</td><td>d</td></tr></table>",
    "<table summary=a><tr><td>c</td><td>d</td></tr></table>",
    "<table role=grid><tr><td>c</td><td>d</td></tr></table>",
]


@pytest.mark.parametrize("html", LAYOUT)
def test_a_table_for_layout_is_unwrapped(html: str) -> None:
    text, _ = read(html)

    assert "\t" not in text
    assert not data(html)


@pytest.mark.parametrize("html", DATA)
def test_a_table_of_data_keeps_its_rows(html: str) -> None:
    assert "c\td" in read(html)[0]
    assert len(data(html)) == 1


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("<span class=sortkey>0001</span>1", "1"),
        ("<span style='display:none'>0001</span>1", "1"),
        ("<span class='d-md-none'>Price: </span>1", "1"),
        ("<b class=tablesaw-cell-label>Price</b>1", "1"),
        ("<span class='d-none d-md-inline'>1</span>", "1"),
        ("<time>2020</time>", "2020"),
        ("<a href=/x>1</a>", "1"),
        ("<ul><li>1<li>2</ul>", "1 2"),
        ("<pre>a\n  b</pre>", "a b"),
    ],
)
def test_of_a_cell_all_that_is_shown_is_read_and_nothing_else(cell: str, said: str) -> None:
    head = "<tr><th>a</th><th><button>b</button></th><th>c</th></tr>"
    html = f"<table>{head}<tr><td></td><td>{cell}</td><td>z</td></tr></table>"

    assert in_text(read(html)[0]) == [["a", "b", "c"], ["", said, "z"]]
    assert data(html)[0].grid == (("a", "b", "c"), ("", said, "z"))


def test_a_hidden_cell_takes_no_column() -> None:
    assert in_text(read("<table><tr><th>a<th hidden>b<th>c<tr><td>1<td hidden>2<td>3</table>")[0]) == [
        ["a", "c"],
        ["1", "3"],
    ]


@pytest.mark.parametrize(
    ("first", "heads"),
    [
        ("<tr><td>Name</td><td>2023年</td></tr>", 1),
        ("<tr><td><b>Name</b></td><td><b>Use</b></td></tr>", 1),
        ("<tr><td>Oslo</td><td>7</td></tr>", 0),
        ("<tr><th>Oslo</th><td>7</td></tr>", 0),
    ],
)
def test_the_head_is_the_row_that_names_the_columns(first: str, heads: int) -> None:
    html = f"<table>{first}<tr><td>Bergen</td><td>25</td></tr><tr><td>Lima</td><td></td></tr></table>"

    assert data(html)[0].heads == heads


def test_a_table_with_spans_is_html_and_says_them() -> None:
    html = "<table><caption>Of all</caption><tr><th rowspan=2>a<th colspan=2>b<tr><th>c<th>d<tr><td>1<td><td>3</table>"

    assert read(html)[1].split("\n") == [
        "<table>", "<caption>Of all</caption>", "<thead>",
        '<tr><th rowspan="2">a</th><th colspan="2">b</th></tr>', "<tr><th>c</th><th>d</th></tr>", "</thead>",
        "<tr><td>1</td><td></td><td>3</td></tr>", "</table>",
    ]  # fmt: skip
    assert table_json(data(html)[0]) == {
        "caption": "Of all",
        "in": None,
        "heads": 2,
        "rows": [["a", "b", "b"], ["a", "c", "d"], ["1", "", "3"]],
        "spans": [{"row": 0, "column": 0, "rows": 2, "columns": 1}, {"row": 0, "column": 1, "rows": 1, "columns": 2}],
    }


def test_a_table_in_code_is_not_a_table() -> None:
    assert not data("<pre>| a | b |\n| --- | --- |\n| 1 | 2 |</pre>")


def grids(html: str) -> list[list[list[str]]]:
    return [[list(row) for row in table.grid] for table in data(html)]


def test_no_cell_is_lost_after_one_that_spans_a_thousand_columns() -> None:
    html = "<table><caption>x</caption><tr><th colspan=1000>a<th>b<tr><td>1<td colspan=1000>2<td>3</table>"

    assert grids(html) == [[["a", "a", "b", ""], ["1", "2", "2", "3"]]]


@pytest.mark.parametrize("written", ["2", " 2", "2%", "2px", "+2"])
def test_a_span_is_read_as_browsers_read_it(written: str) -> None:
    html = f"<table><tr><th colspan='{written}'>a<th>b<tr><td>1<td>2<td>3</table>"

    assert grids(html) == [[["a", "a", "b"], ["1", "2", "3"]]]


def test_a_value_never_stands_under_the_head_of_other_rows() -> None:
    first, second = ("<tr><th>Land<th>Gold", "<tr><td>Chad<td>4"), ("<tr><th>Year<th>Crew", "<tr><td>2020<td>77")
    html = f"<table><caption>x</caption><thead>{first[0]}<tbody>{first[1]}<thead>{second[0]}<tbody>{second[1]}</table>"

    text, marked = read(html)

    assert in_text(text) == [["x"], ["Land", "Gold"], ["Chad", "4"], ["Year", "Crew"], ["2020", "77"]]
    assert grids(html) == [[["Land", "Gold"], ["Chad", "4"]], [["Year", "Crew"], ["2020", "77"]]]
    assert grids(f"<table>{''.join((*first, *second))}</table>") == grids(html)
    assert marked.count("| --- | --- |") == 2


@pytest.mark.parametrize(
    "row", ["<tr><th>Sum<th>11", "<tr><th>Land<th>Gold", "<tr><th colspan=2>South", "<tr><th>Oman<td>5"]
)
def test_a_sum_a_repeated_head_and_the_name_of_a_group_begin_no_other_table(row: str) -> None:
    html = f"<table><tr><th>Land<th>Gold<tr><td>Chad<td>4{row}<tr><td>Peru<td>7</table>"

    assert len(grids(html)) == 1


def test_a_row_of_names_below_a_row_without_text_begins_no_other_table() -> None:
    html = "<table><tr><th><th><tr><td colspan=2>South<tr><th>Land<th>Gold<tr><td>Chad<td>4</table>"

    assert grids(html) == [[["South", "South"], ["Land", "Gold"], ["Chad", "4"]]]


GRID = (
    "<div role=table><div role=rowgroup><div role=row><span role=columnheader>Land</span><span role=columnheader>Gold</span></div></div>"
    "<div role=rowgroup><div role=row><div role=cell></div><div role=gridcell>4</div></div>"
    "<div role=row><div role=rowheader aria-colspan=2>Sum</div></div></div></div>"
)


def test_elements_with_the_roles_of_a_table_are_one() -> None:
    assert grids(GRID) == [[["Land", "Gold"], ["", "4"], ["Sum", "Sum"]]]
    assert not data(GRID.replace("role=row>", "role=list>"))


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("<img src=y.png alt=Yes>", "Yes"), ("<a href=/x><img alt=' Not  yet '></a>", "Not yet"),
        ("<img alt=Spain> Spain", "Spain"), ("<img alt=''>", ""), (f"<img alt='{'a long description ' * 4}'>", ""),
    ],
)  # fmt: skip
def test_a_picture_that_is_all_of_a_cell_is_its_value(cell: str, said: str) -> None:
    html = f"<table><tr><th>Land<th>Has<th>Of<tr><td>Chad<td>{cell}<td>1<tr><td>Peru<td>No<td>2</table>"

    assert grids(html)[0][1] == ["Chad", said, "1"]


def test_the_caption_of_a_figure_stays_with_the_table_in_it() -> None:
    table = "<div><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table></div>"
    blocks = blocks_of(Page(BASE, f"<body><p>a</p><figure>{table}<figcaption>Sums</figcaption></figure>".encode()))

    assert blocks.texts[-1] == "Sums"
    assert with_whole_tables(blocks, (0, 1, 2, 3), frozenset((0, 1, 2, 3))) == (0, 1, 2, 3, 4, 5)
    assert with_whole_tables(blocks, (0,), frozenset((0,))) == (0,)


@pytest.mark.parametrize("span", ["65534", "0", "1000000000", "-1", "x", ""])
def test_hostile_spans_cost_little(span: str) -> None:
    row = f"<tr><td rowspan='{span}' colspan='{span}'>a</td><td>b</td></tr>"

    (table,) = data(f"<table><caption>x</caption>{row * 300}</table>")

    assert len(table.grid) == 300
    assert len(table.grid[0]) <= 1_000


def test_tables_in_tables_take_linear_time() -> None:
    html = "<table><tr><td>x" * 3_000

    assert "x" in read(html)[0]


def test_a_long_cell_that_spans_others_is_said_once_in_the_text_and_in_each_slot_of_the_data() -> None:
    long = "Choose any two days of the week that do not follow each other"
    html = f"<table><tr><th>a<th>b<th>c<tr><th>Strength<td colspan=2>{long}<tr><th>Rest<td>1<td>2</table>"

    assert in_text(read(html)[0])[1] == ["Strength", long, ""]
    assert data(html)[0].grid[1] == ("Strength", long, long)
