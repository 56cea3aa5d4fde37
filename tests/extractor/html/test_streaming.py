"""Pages that React streams in parts. tests/extractor/cases has the output of its own renderer."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.html.page import Page, parse
from extractor.html.streaming import is_streamed, place_parts

SAID = re.compile(r"w\d+")


def placed(html: str) -> str:
    """Return the words of a page in order, without scripts, after its parts are placed."""
    body = Page("https://news.example/", f"<html><body>{html}".encode()).tree.body
    assert body is not None
    for script in body.css("script"):
        script.decompose()
    return " ".join(SAID.findall(body.text(separator=" ")))


def test_a_part_replaces_its_placeholder() -> None:
    late = '<div hidden id="S:0"><p>w2</p></div><script>$RC("B:0","S:0")</script>'
    shown = '<p>w1</p><!--$?--><template id="B:0"></template><p>w9<!--$-->w8<!--/$--></p>w7<!--/$--><p>w3</p>'

    assert placed(shown + late) == "w1 w2 w3"


def test_a_part_of_a_part_replaces_only_its_template() -> None:
    late = '<div hidden id="S:1">w2</div><script>$RS("S:1","P:1")</script><script>$RC("B:0","S:0")</script>'

    assert placed(f'<p>w1</p><template id="P:1"></template><p>w3</p><p>w4</p>{late}') == "w1 w2 w3 w4"


@pytest.mark.parametrize(
    "html",
    [
        'w1<div hidden id="S:0">w2</div>',
        'w1<div hidden id="S:0">w2</div><script>$RC("B:0","S:0")</script>',
        'w1<!--$?--><template id="B:0"></template>w2<!--/$--><script>$RC("B:0","S:0")</script>',
        'w1<div hidden id="S:0"><template id="B:0"></template>w2</div><script>$RC("B:0","S:0")</script>',
        'w1<template id="B:0"></template><div id="S:0">w2</div><script>$RC("B:0","S:0")</script>',
    ],
)
def test_a_part_without_a_place_and_a_visible_part_stay_unchanged(html: str) -> None:
    assert placed(html) == "w1 w2"


MARKS = st.sampled_from(
    ["<!--$?-->", "<!--$-->", "<!--/$-->", "<!--&-->", "<!--/&-->", "</div>", "<p>", "<b>", "w1", "w22"]
)
NUMBERS = st.integers(0, 3)
PIECES = st.one_of(
    MARKS,
    NUMBERS.map('<template id="B:{}"></template>'.format),
    NUMBERS.map('<template id="P:{}"></template>'.format),
    NUMBERS.map('<div hidden id="S:{}">'.format),
    st.tuples(NUMBERS, NUMBERS).map(lambda pair: f'<script>$RC("B:{pair[0]}","S:{pair[1]}")</script>'),
    st.tuples(NUMBERS, NUMBERS).map(lambda pair: f'<script>$RS("S:{pair[0]}","P:{pair[1]}")</script>'),
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_page_stays_a_tree_without_repeated_text(html: str) -> None:
    tree = parse(html)
    before = len(SAID.findall(tree.text()))
    place_parts(tree, html)

    assert len(SAID.findall(tree.text())) <= before
    assert tree.body is not None
    seen = [node.mem_id for node in tree.body.traverse(include_text=True)]
    assert len(seen) == len(set(seen))


@given(st.text(alphabet='$RCS("B:0,)<>', max_size=40))
def test_only_pages_with_an_instruction_are_searched(html: str) -> None:
    assert is_streamed(html.encode()) == ("$RC(" in html)
