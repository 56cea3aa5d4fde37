from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from extractor.html.notation.notes_in_place import move_notes

NAMES = frozenset({"ltx_role_footnote"})
NOTE = (
    '<span class="ltx_note ltx_role_footnote"><sup class="ltx_note_mark">3</sup>'
    '<span class="ltx_note_content"><sup class="ltx_note_mark">3</sup>It was <i>measured</i>.</span></span>'
)


def test_a_note_leaves_its_sentence_for_the_end_and_a_link_takes_its_place() -> None:
    tree = LexborHTMLParser(f"<body><p>The level{NOTE} rose.</p></body>")

    assert move_notes(tree, NAMES)
    [link], [note], [line] = (tree.css(part) for part in ("p sup a", "section[role=doc-endnotes] li", "p"))
    assert (link.attributes["href"], link.text()) == (f"#{note.attributes['id']}", "3")
    assert (line.text(), note.text()) == ("The level3 rose.", "It was measured.")
    assert note.css_first("i") is not None


def test_a_page_without_such_notes_stays_as_it_is() -> None:
    tree = LexborHTMLParser(f"<body><p>The level{NOTE} rose.</p></body>")
    before = tree.html

    assert not move_notes(tree, frozenset({"footnote"}))
    assert tree.html == before


def test_a_note_without_content_stays_in_its_place() -> None:
    tree = LexborHTMLParser('<body><p>A<span class="ltx_note ltx_role_footnote">3</span></p></body>')

    assert not move_notes(tree, NAMES)
    assert tree.css_first("section") is None


def test_a_note_at_the_side_is_not_joined_to_its_sentence() -> None:
    note = '<label class="margin-toggle sidenote-number"></label><input type="checkbox"><span class="{}">{}</span>'
    one, two = note.format("sidenote", "At noon."), note.format("marginnote", "By the sea.")
    tree = LexborHTMLParser(f"<body><article><p>The level{one} rose{two}.</p></article><p>Foot</p></body>")

    assert move_notes(tree, frozenset({"sidenote"}))
    assert [link.text() for link in tree.css("p sup a")] == ["1", "*"]
    assert [note.text() for note in tree.css("article > section li")] == ["At noon.", "By the sea."]
    assert tree.css_first("label,input") is None


def test_an_element_of_that_name_outside_a_sentence_stays() -> None:
    tree = LexborHTMLParser("<body><div><span class=sidenote>At noon.</span></div></body>")

    assert not move_notes(tree, frozenset({"sidenote"}))
