# ruff: noqa: E501 - lines of markup
"""A text that is a list of links says so, as does one of all blocks: neither is taken for an article."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from extractor.article.article import ALL_BLOCKS, CONTENT, ENGINE, LIST_OF_LINKS
from extractor.html.page import Page
from extractor.reading import extract
from extractor.values.text import Text

PARAGRAPHS = "".join(
    f"<p>In the year {year} the keeper wrote the height into a book with a pencil, because ink froze, and pilots read it every day.</p>"
    for year in range(1921, 1930)
)
TEASERS = (
    ("The bridge that nobody wanted", "The bridge was planned for six years, and it was never built. A report says who decided it."),
    ("A choir for the fog signal", "Nine singers have learnt the signal by heart, and they sing it when the mist comes in …"),
    ("Where the old nets go", "A workshop on the mole turns them into bags, hammocks and, once, a wedding dress. Read more"),
)  # fmt: skip
SHAPES: dict[str, Callable[[str, str, str], str]] = {
    "articles": lambda url, name, said: f"<article class=post><h2><a href={url}>{name}</a></h2><time>2 March 2026</time><p>{said}</p></article>",
    "cards": lambda url, name, said: f"<div class=c><a href={url}><img src=a.png><h3>{name}</h3></a><p>{said}</p></div>",
    "list": lambda url, name, said: f"<li><a href={url}>{name}</a><p>{said}</p></li>",
    "titles": lambda url, name, said: f"<li><a href={url}>{name}</a></li>",
    "headings": lambda url, name, said: f"<h3><a href={url}>{name}</a></h3><p>{said}</p>",
    "bold": lambda url, name, said: f"<p><strong><a href={url}>{name}</a></strong><br>{said}</p>",
}  # fmt: skip


def teasers(shape: str, rounds: int = 4) -> str:
    return "".join(SHAPES[shape](f"/n/{number}", *TEASERS[number % 3]) for number in range(3 * rounds))


def read(body: str) -> Text:
    page = f"<head><title>Harbour notes</title></head><body><nav><a href=/>Home</a></nav><main><h1>Harbour notes</h1>{body}</main><footer>2026</footer>"
    found = extract(Page("https://h.example/", page.encode()))
    assert found is not None
    return found


@pytest.mark.parametrize("shape", SHAPES)
def test_a_front_page_is_a_list_of_links_and_keeps_its_words(shape: str) -> None:
    found = read(teasers(shape))

    assert found.origins["text"] == LIST_OF_LINKS
    assert ("mole turns them" in found.text) == (shape != "titles")


@pytest.mark.parametrize("shape", SHAPES)
def test_an_article_with_teasers_below_it_is_not(shape: str) -> None:
    assert read(f"<article>{PARAGRAPHS}{teasers(shape, 1)}</article>").origins["text"] == ENGINE


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"<h3>{name}</h3><p>{said}</p>" for name, said in TEASERS * 3),
        "".join(f"<p><a href=/n>{name}</a> is near: {said}</p>" for name, said in TEASERS * 3),
        "".join(
            f"<section><h3><a href=#p{number}>Part {number} of it</a></h3>{PARAGRAPHS}</section>" for number in range(3)
        ),
    ],
    ids=["sections", "links in sentences", "headings that link to themselves"],
)
def test_a_text_with_headings_and_links_is_not(body: str) -> None:
    assert read(f"<article>{body}</article>").origins["text"] == ENGINE


def test_the_text_of_a_page_of_which_the_model_is_unsure_says_so() -> None:
    gates = "<span>Gate 4</span><div><a href=/x>Gate 5</a> <a href=/y>Gate 6</a> open</div>"

    assert read(gates).origins["text"] == ALL_BLOCKS
    assert read(f"<div class=entry-content><p>Closed.</p></div>{gates}").origins["text"] == CONTENT
