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


CARDS: dict[str, Callable[[str, str, str], str]] = {
    "headings in divs": lambda url, name, said: f"<div class=card><h3><a href={url}>{name}</a></h3><p>{said}</p></div>",
    "cloudscape": lambda url, name, said: f"<div class=card-inner><div class=header><a href={url}>{name}</a></div><div><div>{said}</div></div></div>",
    "docusaurus": lambda url, name, said: f"<article class=col><a class='card padding--lg' href={url}><h2 class=cardTitle>{name}</h2><p class=cardDescription>{said}</p></a></article>",
    "mintlify": lambda url, name, said: f"<a class='card block' href={url}><div class=px-6><h2 class=not-prose>{name}</h2><div class=prose><p>{said}</p></div></div></a>",
    "tiles": lambda url, name, said: f"<section class='widget tile'><h3><a href={url}>{name}</a></h3><p>{said}</p></section>",
}  # fmt: skip
INTRODUCTION = "All that you need to keep a tide gauge, from the first bolt to the last reading."


@pytest.mark.parametrize("shape", CARDS)
@pytest.mark.parametrize("introduced", [False, True])
def test_a_grid_of_cards_is_text_as_a_whole(shape: str, introduced: bool) -> None:
    said = TEASERS * 2
    cards = "".join(CARDS[shape](f"/n/{number}", *teaser) for number, teaser in enumerate(said))

    found = read(f"{f'<p>{INTRODUCTION}</p>' if introduced else ''}<div class='row grid'>{cards}</div>").text

    assert all(found.count(part) == 2 for teaser in said for part in teaser)
    assert (INTRODUCTION in found) is introduced


def test_cards_below_a_longer_text_or_beside_it_are_other_pages() -> None:
    cards = "".join(CARDS["mintlify"](f"/n/{number}", *teaser) for number, teaser in enumerate(TEASERS))

    for around in (PARAGRAPHS, f"<div><p>{INTRODUCTION}</p></div>"):
        assert "mole turns them" not in read(f"<article>{around}<div class=grid>{cards}</div></article>").text


DATED: dict[str, tuple[str, str]] = {
    "day behind": ("<li><a href={0}>{1}</a> <span>{2}</span></li>", "<ul>{}</ul>"),
    "day before": ("<li><span class=date>{2}</span><a href={0}>{1}</a></li>", "<ul class=list>{}</ul>"),
    "time": ("<li><time datetime={2}>{2}</time> <a href={0}>{1}</a></li>", "<ul class=post-list>{}</ul>"),
    "office": ("<li><a href={0}>{1}</a><span>[{2}]</span></li>", "<ul class=news_list>{}</ul>"),
    "paragraphs": ("<p>{2} <a href={0}>{1}</a></p>", "<div>{}</div>"),
    "archive": ("<article class=archive-item><a href={0}>{1}</a><span class=archive-item-date>{2}</span></article>", "<div>{}</div>"),
    "headings": ("<div class=item><h3><a href={0}>{1}</a></h3><span class=date>{2}</span></div>", "<div>{}</div>"),
    "hentry": ("<article class=post><header><h2><a href={0}>{1}</a></h2><div class=entry-meta><time>{2}</time></div></header></article>", "{}"),
    "rows": ("<tr><td>{2}</td><td><a href={0}>{1}</a></td></tr>", "<table>{}</table>"),
}  # fmt: skip


@pytest.mark.parametrize("shape", DATED)
@pytest.mark.parametrize("many", [4, 12])
def test_a_list_of_titles_and_days_gives_all_its_lines(shape: str, many: int) -> None:
    item, around = DATED[shape]
    listed = [
        (f"/n/{number}", f"{TEASERS[number % 3][0]} {number}", f"2026-03-{number + 1:02}") for number in range(many)
    ]

    found = read(around.format("".join(item.format(*entry) for entry in listed)))

    assert found.origins["text"] == LIST_OF_LINKS
    assert all(found.text.count(title) >= 1 and found.text.count(day) == 1 for _, title, day in listed)
    assert found.text.splitlines()[0] != "Harbour notes"


def test_an_article_with_its_author_and_day_in_a_line_is_not() -> None:
    meta = "<p class=entry-meta>2026-03-02 <a href=/author/ada>Ada Quist</a></p>"

    found = read(f"<article>{meta}{PARAGRAPHS}</article>")

    assert found.origins["text"] == ENGINE
    assert "2026-03-02" not in found.text
    assert read(f"<article>{meta}<p>{INTRODUCTION}</p></article>").text == INTRODUCTION
