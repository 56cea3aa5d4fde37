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


def test_one_pass_finds_what_a_query_for_each_tag_attribute_and_style_finds() -> None:
    tree = parse(
        "<!doctype html><p class='A b' id=C>x<span style='Position: relative'>1</span><s style=color:red>2</s>"
        "<b aria-hidden=true>−</b><i aria-hidden=false>a</i><svg class=d><linearGradient id=E /></svg>"
        "<ul role=tablist><li role=tabpanel itemprop=name><u style=vertical-align:super>3</u><time datetime=2026></ul>"
    )
    index = TreeIndex(tree)
    styled = ":is([style*='line-through'],[style*='vertical-align'],[style*='relative'])"
    wanted = {"svg": index.all("svg"), "time": index.all("time"), "[itemprop]": index.properties, styled: index.styled}

    for selector, found in (wanted | {"[aria-hidden=true]": index.unspoken}).items():
        assert [node.mem_id for node in found] == [node.mem_id for node in tree.css(selector)] != []
    assert index.tags == {node.tag for node in tree.css("*")}
    assert index.names == {"a", "b", "c", "d", "e"}
    assert index.panels and not index.rows
    assert not TreeIndex(parse("<p role=tab>")).panels


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
