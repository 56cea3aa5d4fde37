"""What KaTeX draws becomes MathML in time and size linear in the page, also if it is nested on purpose."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from extractor.html.notation.katex_glyphs import glyphs_as_mathml

NESTED = {
    "tables": "<i class=mtable><i class=col-align-c><i class=vlist><i style='top:-1em'>{}</i></i></i></i>",
    "columns": "<i class=mtable><i class=col-align-c><i class=vlist><i style='top:-1em'><i class=col-align-c>"
    "<i class=vlist><i style='top:-1em'>{}</i></i></i></i></i></i></i>",
    "roots": "<i class=sqrt><i class=root><i class=svg-align>{}</i></i></i>",
    "roots beside": "<i class=sqrt><i class=root>3</i><i class=svg-align><i class=root>{}</i></i></i>",
    "scripts": "<i class=msupsub><i class=vlist><i style='top:-1em'>{}</i></i></i>",
    "fractions": "<i class=mfrac><i class=vlist><i style='top:1em'>2</i><i style='top:-1em'>{}</i></i></i>",
    "limits": "<i class=op-limits><i class=vlist><i style='top:1em'>2</i><i style='top:-1em'><i>{}</i></i></i></i>",
    "accents": "<i class=accent><i class=vlist><i style='top:1em'>{}</i>"
    "<i style='top:-1em'><i class=accent-body>^</i></i></i></i>",
}
"""Kinds of parts → one with a place for the next in it."""


def nested(part: str, levels: int) -> str:
    inner = "<i class=mord>7</i>"
    for _ in range(levels):
        inner = part.format(inner)
    return inner


def table(cells: list[tuple[int, int]]) -> str:
    """Return a table of cells, one in each column, with the numbers of the column and of the row."""
    columns = "".join(
        f"<i class=col-align-c><i class=vlist><i style='top:{row}em'>{column}</i></i></i>" for column, row in cells
    )
    return f"<i class=mtable>{columns}</i>"


def mathml(drawn: str) -> str:
    node = LexborHTMLParser(f"<body><i class=katex-html>{drawn}</i>").css_first(".katex-html")
    assert node is not None
    return glyphs_as_mathml(node)


@pytest.mark.parametrize("kind", NESTED)
def test_the_part_in_nested_parts_is_written_once(kind: str) -> None:
    drawn = nested(NESTED[kind], 8)
    written = mathml(drawn)

    assert written.count("<mn>7</mn>") == 1
    assert len(written) < 2 * len(drawn)


def test_a_part_that_each_level_writes_twice_would_be_found() -> None:
    written = "<mn>7</mn>"
    for _ in range(8):
        written = f"<mrow>{written}{written}</mrow>"

    assert len(written) > max(2 * len(nested(part, 8)) for part in NESTED.values())


def test_cells_of_one_row_stay_in_their_columns() -> None:
    assert mathml(table([(0, 1), (1, 1)])).count("<mtr>") == 1
    assert "<mtd><mn>0</mn></mtd><mtd><mn>1</mn></mtd>" in mathml(table([(0, 1), (1, 1)]))


@pytest.mark.parametrize("rows", [[0, 1], [*range(3_000)]], ids=["two rows", "as many rows as columns"])
def test_a_table_is_not_read_as_a_formula_if_a_row_lacks_its_first_cell(rows: list[int]) -> None:
    """KaTeX draws each cell before the last of a row, also an empty one."""
    assert mathml(table([*enumerate(rows)])) == ""
