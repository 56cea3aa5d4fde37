"""References are linked to their notes, in the text and in Markdown."""

from __future__ import annotations

import pytest

from benchmarks.reading.shapes import made_pages
from benchmarks.reading.structure import linked, placed
from extractor.article.blocks import blocks_of
from extractor.article.blocks_as_markdown import markdown
from extractor.article.rendering import lines
from extractor.html.page import Page
from extractor.reading import extract
from extractor.values.urls import Resolver

NOTE = '<ol><li id=fn1>A <i>note</i>. <a href="#ref1">↩</a></li></ol>'


def read(html: str) -> tuple[list[str], list[str]]:
    blocks = blocks_of(Page("", f"<body>{html}</body>".encode()))
    there = list(lines(blocks, range(len(blocks.texts))))
    return [line.text for line in there], markdown(blocks, there, Resolver("https://e.org/")).split("\n")


@pytest.mark.parametrize(
    "reference",
    [
        "<sup><a href=#fn1>1</a></sup>",
        "<a href=#fn1><sup>1</sup></a>",
        "<a href=#fn1>[1]</a>",
        "<a href=#fn1 class=footnote-ref>1</a>",
        "<a href=#fn1 role=doc-noteref>1</a>",
        "<sup><a href=#fn1><span>[</span>1<span>]</span></a></sup>",
        "<sup class=footnote>[<a class=footnote href=#fn1>1</a>]</sup>",
    ],
)
def test_a_reference_has_the_label_of_its_note(reference: str) -> None:
    assert read(f"<p>It rained{reference} a lot.</p>{NOTE}") == (
        ["It rained[1] a lot.", "[1] A note."],
        ["It rained[^1] a lot.", "", "[^1]: A *note*."],
    )


@pytest.mark.parametrize(
    "html",
    [
        f"<p>See part <a href=#fn1>1</a>.</p>{NOTE}",
        f"<p>It rained<sup><a href=#fn9>1</a></sup>.</p>{NOTE}",
        f"<p>It rained<sup><a href=/x#fn1>1</a></sup>.</p>{NOTE}",
        "<p>See<sup><a href=#fn1>1</a></sup>.</p><h2 id=fn1>Part</h2>",
        f"{NOTE}<p>See<sup><a href=#fn1>1</a></sup>.</p>",
    ],
)
def test_other_links_are_not_references(html: str) -> None:
    assert "[^" not in "".join(read(html)[1])


@pytest.mark.parametrize("stop", [". ", ") ", ": "])
def test_the_sign_after_the_label_of_a_note_is_left_out_with_it(stop: str) -> None:
    note = f"<div class=footnote id=fn1><a href=#ref1>1</a>{stop}A note. It is short.</div>"

    assert read(f"<p>It rained<sup><a id=ref1 href=#fn1>1</a></sup> a lot.</p>{note}") == (
        ["It rained[1] a lot.", "[1] A note. It is short."],
        ["It rained[^1] a lot.", "", "[^1]: A note. It is short."],
    )


def test_a_note_inside_its_sentence_is_read_after_the_text() -> None:
    mark = "<sup class=ltx_note_mark>1</sup>"
    note = (
        f"<span class='ltx_note ltx_role_footnote'>{mark}<span class=ltx_note_outer><span class=ltx_note_content>{mark}"
        "<span class='ltx_tag ltx_tag_note'>1</span>A <i>note</i>.</span></span></span>"
    )

    assert read(f"<article class=ltx_document><p>It rained{note} a lot.</p><p>It snowed.</p></article>") == (
        ["It rained[1] a lot.", "It snowed.", "[1] A note."],
        ["It rained[^1] a lot.", "", "It snowed.", "", "[^1]: A *note*."],
    )


def test_a_note_that_is_referred_to_twice_is_one() -> None:
    reference = "<sup><a href=#fn1>1</a></sup>"

    _, marked = read(f"<p>It rained{reference} and snowed{reference}.</p>{NOTE}")

    assert marked == ["It rained[^1] and snowed[^1].", "", "[^1]: A *note*."]


def test_on_made_pages_cells_are_in_their_places_and_notes_are_linked() -> None:
    for made in made_pages():
        text = extract(Page("https://made.example/1", made.html.encode()))
        assert text is not None
        for grid in made.tables:
            right, of = placed(grid, text.text)
            assert right == of, made.name
            assert placed(grid, text.text.replace("\t\t", "\t"))[0] < of or "\t\t" not in text.text
        if made.notes:
            assert linked(made.notes, text.markdown or "") == len(made.notes), made.name


def test_the_arrow_before_the_links_back_of_a_wiki_is_left_out() -> None:
    back = (
        "<span class=mw-cite-backlink>^ <a href=#r1><sup><i>a</i></sup></a> <a href=#r2><sup><i>b</i></sup></a></span>"
    )
    text, _ = read(f"<p>It rained<sup><a href=#n1>[1]</a></sup> a lot.</p><ol><li id=n1>{back} <i>Ada</i>, 1999.</ol>")

    assert text == ["It rained[1] a lot.", "[1] Ada, 1999."]


def test_a_work_that_is_cited_has_its_label() -> None:
    work = "<span class=label>[<a role=doc-backlink href=#r1>Ada99</a>]</span><p>A book of the year 1999.</p>"
    text, marked = read(
        "<p>It rained <a class='reference internal' href=#ada><span>[Ada99]</span></a> a lot.</p>"
        f"<div class=citation id=ada role=doc-biblioentry>{work}</div>"
    )

    assert text == ["It rained [Ada99] a lot.", "[Ada99] A book of the year 1999."]
    assert "[^Ada99]: A book of the year 1999." in marked
