"""The index of a tree has what a query for each thing would find."""

from __future__ import annotations

import pytest

from extractor.html.notation.readable import make_readable
from extractor.html.page import parse
from extractor.html.shared_queries import TreeIndex

PAGE = """<html><body><div role=grid><div role=row><span role=cell>a</span></div></div>
<a rel="nofollow NEXT" href=/2>2</a><a rel=next>none</a><a rel="nexts" href=/3>no</a><link rel=next href=/2>
<a rel="author me" href=/ann>Ann</a><a rel=Author>Bo</a><a rel=coauthor>no</a><img alt=x><input type=CheckBox></body>"""


def test_links_by_their_relation_and_rows_are_those_of_a_query() -> None:
    tree = parse(PAGE)
    index = TreeIndex(tree)

    assert [node.mem_id for node in index.next] == [node.mem_id for node in tree.css("[rel~=next i][href]")] != []
    assert [node.mem_id for node in index.writers] == [node.mem_id for node in tree.css("[rel~=author]")] != []
    assert index.rows
    assert not TreeIndex(parse(PAGE.replace("role=row", "role=rowgroup"))).rows


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("<p>I <img alt=&hearts;> it</p>", "I ♥ it"),
        ("<ul><li><input type=CHECKBOX disabled checked> done</ul>", "[x] done"),
        (
            "<div role=table><div role=row><b role=cell>a</b></div><div role=row><b role=cell>b</b></div></div>"
            "<p>and <img alt=➜> more</p>",
            "and ➜ more",
        ),
    ],
)
def test_what_the_index_shows_is_written_into_the_page(markup: str, said: str) -> None:
    tree = parse(f"<body>{markup}</body>")

    make_readable(tree, markup.encode(), TreeIndex(tree))

    assert said in " ".join((tree.body.text() if tree.body is not None else "").split())
