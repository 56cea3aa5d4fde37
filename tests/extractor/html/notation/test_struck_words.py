from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from extractor.html.notation.struck_words import write_struck


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>held <s>40</s> 45 t</p>", "held ~~40~~ 45 t"),
        ("<p>held <del>40</del><ins>45</ins> t</p>", "held ~~40~~ 45 t"),
        ("<p>gr<s>e</s>ay</p>", "gr~~e~~ay"),
        ("<p>held <s> </s>45 t</p>", "held  45 t"),
        ("<pre>a <s>b</s></pre>", "a b"),
        ("<div><s><p>one</p><p>two</p></s></div>", "onetwo"),
    ],
)
def test_struck_words_are_enclosed_if_they_are_words_within_a_line(html: str, expected: str) -> None:
    tree = LexborHTMLParser(f"<body>{html}</body>")
    write_struck(tree, {"s", "del"})

    assert tree.body is not None and tree.body.text() == expected


def test_a_page_without_such_tags_is_not_searched() -> None:
    tree = LexborHTMLParser("<body><p>held <s>40</s> t</p></body>")
    write_struck(tree, {"p"})

    assert "~~" not in (tree.html or "")
