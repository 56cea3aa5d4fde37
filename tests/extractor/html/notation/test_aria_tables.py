"""Tables by role are tables in the text, and no word inside them is lost."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programs.small_articles import read

from extractor.article.blocks import blocks_of
from extractor.html.page import Page

ROWS = "".join(f"<div role=row><div role=cell>left {n}</div><div role=cell>right {n}</div></div>" for n in range(3))
NOTE = "<p>The gauges stand in the river, and the office reads each of them twice a day.</p>"
TAGS = ("div", "span", "section", "ul")
LEVELS = {"cell": "table", "row": "cell", "rowgroup": "row", "table": "rowgroup"}


def words(html: str) -> list[str]:
    """Return the words of all blocks of a body."""
    page = Page("https://example.org/readings/1", f"<body><p>Start</p>{html}<p>End</p>".encode(), "text/html")
    return " ".join(blocks_of(page).texts).split()


def markup(draw: st.DrawFn, numbers: count[int], level: str, depth: int) -> str:
    """Draw an element of a table by role: words with their numbers stand between its parts."""
    role = draw(
        st.sampled_from({"cell": ("cell", "gridcell", "rowheader"), "table": ("table", "grid")}.get(level, (level,)))
    )
    parts: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            parts.append(draw(st.sampled_from(("w{} ", "<p>w{}</p>", "<b>w{}</b> "))).format(next(numbers)))
        inner = LEVELS[level]
        if depth > 0 and (level != "cell" or draw(st.integers(0, 3)) == 0):
            parts.append(markup(draw, numbers, inner, depth - 1))
    parts.append(f" w{next(numbers)} ")
    tag = draw(st.sampled_from(TAGS))
    return f"<{tag} role={role}>{''.join(parts)}</{tag}>"


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, int]:
    """Draw a table by role, with words inside and outside its cells; return it with the number of its words."""
    numbers = count()
    html = markup(draw, numbers, "table", draw(st.integers(3, 7)))
    return html, next(numbers)


@given(tables())
def test_each_word_of_a_table_by_role_is_in_the_text_once(made: tuple[str, int]) -> None:
    html, number = made
    text = words(html)

    assert sorted(text) == sorted(["Start", *(f"w{n}" for n in range(number)), "End"])
    assert (text[0], text[-1]) == ("Start", "End")


@pytest.mark.parametrize("group", ["{}", "<div role=rowgroup>{}</div>"])
def test_what_stands_around_the_rows_of_a_table_by_role_stays_there(group: str) -> None:
    html = f"<div role=grid><div>Table 1. Levels.</div>{NOTE}{group.format(ROWS)}<p>After the rows.</p>And bare.</div>"

    text, marked = read(html)

    parts = (
        "Table 1. Levels.",
        "The gauges stand",
        "left 0\tright 0\nleft 1\tright 1\nleft 2\tright 2",
        "After the rows.",
        "And bare.",
    )
    places = [text.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)
    assert "| left 1 | right 1 |" in marked


def test_what_stands_between_rows_comes_after_the_table_in_order() -> None:
    row = "<div role=row>b{0} m{0}<span role=cell>l{0}</span>n{0} <span role=cell>r{0}</span>a{0}</div> x{0} "
    said = words(f"<div role=table>first {row.format(1)}{row.format(2)}last</div>")

    assert " ".join(said) == "Start first l1 r1 l2 r2 b1 m1 n1 a1 x1 b2 m2 n2 a2 x2 last End"


def test_a_table_by_role_inside_a_row_is_a_table_of_its_own() -> None:
    outer = "".join(f"<div role=row><div role=cell>out {n}</div><div role=table>{ROWS}</div></div>" for n in range(2))

    text, _ = read(f"<div role=table>{outer}</div>")

    assert "out 0\nout 1\nleft 0\tright 0\nleft 1\tright 1\nleft 2\tright 2\n" in text
    assert text.count("left 0\tright 0") == 2


def test_a_table_by_role_inside_a_cell_stays_in_that_cell() -> None:
    row = f"<div role=row><div role=cell>a</div><div role=cell>b <div role=table>{ROWS}</div></div></div>"

    assert words(f"<div role=table>{row}{row}</div>") == ["Start", *words(f"{row}{row}")[1:-1], "End"]


def test_a_list_of_rows_leaves_no_empty_items() -> None:
    item = "<li role=row><span role=cell>l{0}</span> <span role=cell>r{0}</span></li>"

    _, marked = read(f"<ul role=table>{''.join(item.format(n) for n in range(3))}</ul>")

    assert "| l1 | r1 |" in marked
    assert not any(line.strip() in ("-", "*") for line in marked.splitlines())
