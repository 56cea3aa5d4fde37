"""A post's body in its three forms."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.forums.bodies import Body, read_body
from extractor.html.page import parse
from extractor.values.urls import Resolver

RESOLVER = Resolver("https://forum.example/t/1")


def body(html: str, *, quotes: str = "blockquote", dropped: str = "") -> Body:
    tree = parse(f"<div id=b>{html}</div>")
    root = tree.css_first("#b")
    assert isinstance(root, LexborNode)
    gone = {node.mem_id for node in root.css(dropped)} if dropped else set()
    return read_body(root, RESOLVER, {node.mem_id for node in root.css(quotes)}, gone)


def test_paragraphs_and_breaks_are_lines() -> None:
    assert body("<p>One\n two</p>three<br>four").text == "One two\nthree\nfour"


def test_a_quotation_is_in_its_place_and_not_in_the_own_words() -> None:
    read = body("<blockquote><p>Where?</p></blockquote><p>Here.</p>")

    assert read.text == "Where?\nHere."
    assert read.own == "Here."
    assert read.markdown == "> Where?\n\nHere."


def test_dropped_elements_are_in_no_form() -> None:
    read = body("<p>Hello</p><div class=signature>Bob of York</div>", dropped=".signature")

    assert (read.text, read.own, read.markdown) == ("Hello", "Hello", "Hello")


def test_markup_becomes_markdown() -> None:
    read = body(
        "<h2>Steps</h2><ol><li>Press <b>Start</b><li>Read <a href=/doc#x>the *doc*</a></ol><pre>a\n  *b*</pre>"
        "<p>Use <code>a_b</code> <img src=i.png alt=plan></p>"
    )

    assert read.markdown == (
        "## Steps\n\n1. Press **Start**\n2. Read [the \\*doc\\*](https://forum.example/doc)\n\n```\na\n  *b*\n```\n\n"
        "Use `a_b` ![plan](https://forum.example/t/i.png)"
    )
    assert read.text == "Steps\nPress Start\nRead the *doc*\na\n  *b*\nUse a_b"


def test_hidden_elements_are_skipped() -> None:
    assert (
        body("<script>x()</script><style>a{}</style>Yes<button>Like</button><select><option>1</select>").text == "Yes"
    )


def test_deeply_nested_elements_are_read() -> None:
    assert body("<blockquote>" * 3000 + "deep" + "</blockquote>" * 3000).text == "deep"


def test_an_empty_body_is_empty() -> None:
    assert body("") == Body("", "", "")


def test_a_body_that_is_a_blockquote_is_not_a_quotation() -> None:
    root = parse("<blockquote>one<blockquote>two</blockquote>three</blockquote>").css_first("blockquote")
    assert root is not None

    assert read_body(root, RESOLVER) == Body("one\ntwo\nthree", "one\n> two\n\nthree", "one\nthree")
