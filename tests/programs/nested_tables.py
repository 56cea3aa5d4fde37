"""Tables with tables in their cells, made at random: each word occurs once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import strategies as st


@dataclass(frozen=True, slots=True)
class Made:
    """A table as it is made: with or without a caption, a row of heads if it has some, and rows of cells with words and
    tables.
    """

    captioned: bool
    heads: int
    rows: tuple[tuple[tuple[int, tuple[Made, ...]], ...], ...]


def tables(inner: st.SearchStrategy[Made] | None) -> st.SearchStrategy[Made]:
    within = st.just(()) if inner is None else st.lists(inner, max_size=2).map(tuple)
    row = st.lists(st.tuples(st.sampled_from((1, 1, 1, 0, 2)), within), min_size=2, max_size=3).map(tuple)
    return st.builds(Made, st.booleans(), st.sampled_from((0, 2, 3)), st.lists(row, min_size=2, max_size=3).map(tuple))


FLAT = tables(None)
DATA = FLAT.filter(lambda made: made.captioned or made.heads > 0)
NESTED = tables(st.one_of(FLAT, FLAT, tables(FLAT)))


def html_of(made: Made, words: Iterator[int]) -> str:
    """Return the markup of a table in which each word occurs once."""

    def said(many: int) -> str:
        return " ".join(f"w{next(words)}" for _ in range(many))

    parts = [f"<caption>{said(1)}</caption>" if made.captioned else ""]
    parts += [f"<tr>{''.join(f'<th>{said(1)}</th>' for _ in range(made.heads))}</tr>" if made.heads else ""]
    for row in made.rows:
        parts += [
            "<tr>",
            *(f"<td>{said(many)}{''.join(html_of(table, words) for table in inner)}</td>" for many, inner in row),
            "</tr>",
        ]
    return f"<table>{''.join(parts)}</table>"
