"""A table is in the text as a whole, or not at all."""

from __future__ import annotations

from extractor.article.blocks import blocks_of
from extractor.article.whole_tables import with_whole_tables
from extractor.html.page import Page

BASE = "https://example.org/news/1"


def test_a_table_is_in_the_text_as_a_whole_or_not_at_all() -> None:
    blocks = blocks_of(
        Page(BASE, b"<body><p>a</p><table><tr><th>long head</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>")
    )

    assert with_whole_tables(blocks, (0, 1), frozenset((0, 1))) == (0, 1, 2, 3, 4)
    assert with_whole_tables(blocks, (0, 2), frozenset((0, 2))) == (0,)
