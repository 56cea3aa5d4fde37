"""What is in the bodies of many posts is left out: buttons, ranks, signatures. What people write stays."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from extractor.forums.repeated_parts import repeated_parts

SAID = ("The gauge is broken.", "So it is mended now.", "Who paid for that?", "The office did.")
ANN = ["ann", "bob", "ann", "ann"]


def left(ends: list[str], authors: list[str | None]) -> list[str]:
    """Return the texts of four bodies without their repeated parts."""
    bodies = [
        LexborHTMLParser(f"<body><div><div>{said}</div>{end}</div>").css_first("div")
        for said, end in zip(SAID, ends, strict=True)
    ]
    found = [body for body in bodies if body is not None]
    for body, dropped in zip(found, repeated_parts(found, authors, ()), strict=True):
        for node in [node for node in body.css("*") if node.mem_id in dropped]:
            node.decompose()
    return [" ".join(body.text(separator=" ").split()) for body in found]


def test_buttons_and_ranks_are_left_out() -> None:
    ends = [f"<ul><li><a href=#>Quote</a></li><li>Posts: {number}</li></ul>" for number in (1, 22, 3, 3)]

    assert left(ends, [None] * 4) == list(SAID)


def test_the_signature_of_an_author_with_three_posts_is_left_out() -> None:
    sign = "<div>Seen from the north dome.</div>"

    assert left([sign, "", sign, sign], [*ANN]) == list(SAID)


@pytest.mark.parametrize(
    "ends",
    [
        ["<p>Hello</p>"] * 4,
        ["<div>Seen from the north dome.</div>", "", "<div>Seen from the north dome.</div>", ""],
        ["as <a href=/x>it says</a> there"] * 4,
        ["<div>Yes.</div>", "<div>Yes.</div>", "", ""],
    ],
    ids=["a paragraph", "twice only", "in a sentence", "in half of the posts"],
)
def test_what_people_may_have_written_stays(ends: list[str]) -> None:
    assert sum(len(text) for text in left(ends, [*ANN])) > sum(map(len, SAID))


def test_posts_of_nothing_else_stay() -> None:
    bodies = [LexborHTMLParser("<body><div><span>Yes.</span></div>").css_first("div") for _ in range(4)]

    assert repeated_parts([body for body in bodies if body is not None], [None] * 4, ()) == [set()] * 4
