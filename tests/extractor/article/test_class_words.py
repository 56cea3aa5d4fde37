# ruff: noqa: E501 - texts, and lines of markup
"""A class word alone never excludes most of a page's text: it is evidence, and what it names is elsewhere, too."""

from __future__ import annotations

from collections import Counter

import pytest
from conftest import figure
from services.calls import calls

from extractor.article.blocks import blocks_of
from extractor.html.page import Page
from extractor.html.regions import APPARATUS_BEGINNINGS, APPARATUS_WORDS, COMMENT_WORDS, DATELINE
from extractor.reading import extract

TEXT = (
    "The harbour office has kept a gauge on the north pier since the spring of 1921, and its keeper reads it every day.",
    "In the first years he wrote the height into a book with a pencil, because ink froze, and pilots had to read it.",
    "The book of 1954 is lost: maybe the storm of that January took it, or it was thrown away when the office moved.",
    "Since 1988 a float with a magnet does the work, but the keeper still walks to the pier and compares the two.",
    "On an ordinary day they differ by a centimetre, and on the day of the great ice they differed by forty.",
    "The figures are sent to the institute on the mainland, which puts them into a table that anyone may read.",
    "Three engineers proposed to close the gauge, and after they had read the books, none proposed it a second time.",
    "What the books show is more than the tide: they name the ships, the weather, and the prices of herring.",
)
ASIDE = "Nine singers have learnt the fog signal by heart, and they sing it on the mole when the mist comes in."
WORDS = sorted(
    {*APPARATUS_WORDS, *COMMENT_WORDS, *DATELINE, *APPARATUS_BEGINNINGS, "comment", "comments", "teaser", "card", "widget"}
    | {"sidebar-grid__content", "post-list", "wp-block-query", "wp-block-latest-posts", "paywall-overlay", "author-box"}
)  # fmt: skip
PLACES = {
    "each paragraph": "<article><h1>The gauge</h1>{paragraphs}</article>",
    "each section": "<article><h1>The gauge</h1><section class='{word} s'>{first}</section><div class='s {word}'>{second}</div></article>",
    "all": "<div class={word}><article class={word}><h1 class={word}>The gauge</h1><div class={word}>{paragraphs}</div></article></div>",
}  # fmt: skip


def page(place: str, word: str, aside: str = "") -> Page:
    half = len(TEXT) // 2
    first, second = ("".join(f"<p>{text}</p>" for text in part) for part in (TEXT[:half], TEXT[half:]))
    paragraphs = "".join(f'<p class="{word} p-{number}">{text}</p>' for number, text in enumerate(TEXT))
    body = PLACES[place].format(word=word, paragraphs=paragraphs, first=first, second=second)
    menu = "<nav><a href=/>Home</a> <a href=/news>News</a></nav>"
    return Page("https://h.example/a", f"<body>{menu}{body}{aside}<footer>Copyright 2026</footer>".encode())


def share(place: str, word: str) -> float:
    """Return the share of the words of the text that are read, between 0 and 1."""
    found = extract(page(place, word))
    gold = Counter(" ".join(TEXT).split())
    return (Counter((found.text if found else "").split()) & gold).total() / gold.total()


@pytest.mark.parametrize("place", PLACES)
def test_an_article_whose_elements_have_one_class_word_is_read_whole(place: str) -> None:
    lost = {word: kept for word in WORDS[:: figure(4, 1, 1)] if (kept := share(place, word)) < 0.9}

    assert lost == {}


@pytest.mark.parametrize(
    "beside",
    [
        ("<ul class='{word} list'>" + f"<li><a href=/1>{ASIDE}</a></li>" * 8 + "</ul>") * 2,
        f"<div class={{word}}><p>{ASIDE} Cookies!</p><button>Accept</button></div>" * 12,
        f"</article><div class={{word}}><h3><a href=/1>Also</a></h3><p>{ASIDE}</p><a href=/1>More</a></div>" * 16,
    ],
    ids=["links", "consent", "teasers"],
)
def test_links_and_dialogs_with_the_word_are_no_text_however_long(beside: str) -> None:
    found = blocks_of(page("each paragraph", "text", beside.format(word="promo"))).texts

    assert not any(ASIDE in text for text in found)
    assert TEXT[0] in found


def test_names_above_the_heading_do_not_count() -> None:
    bars = f"<div><p class=promo-bar__text>{ASIDE}</p></div>" * 12
    body = bars.encode() + page("each paragraph", "text").body

    assert ASIDE not in blocks_of(Page("https://h.example/a", body)).texts


@pytest.mark.parametrize("word", ["sidebar", "related", "promo", "post-list"])
def test_what_has_the_word_and_little_of_the_text_is_still_excluded(word: str) -> None:
    beside = f"<div class={word}><h3>Also</h3><p>{ASIDE}</p></div>" * 2

    assert ASIDE not in blocks_of(page("each paragraph", "text", beside)).texts


BRIEF = "".join(f"<p>{text}</p>" for text in TEXT[:3])
BESIDE = {
    "blocks": "".join("<div class={word}><p>" + text + "</p></div>" for text in TEXT[3:]),
    "paragraphs": "<div>" + "".join("<p class={word}>" + text + "</p>" for text in TEXT[3:]) + "</div>",
    "cards": "".join("<div class={word}><h3><a href=/2>Also</a></h3><p>" + text + "</p></div>" for text in TEXT[3:]),
}  # fmt: skip


@pytest.mark.parametrize("frame", ["main", "no-sidebar", "promo"])
@pytest.mark.parametrize("form", BESIDE)
def test_more_text_beside_a_brief_one_is_still_excluded(form: str, frame: str) -> None:
    beside = BESIDE[form].format(word="related")
    body = f"<div class={frame}><article><h1>The gauge</h1>{BRIEF}</article>{beside}</div>"

    found = extract(Page("https://h.example/a", f"<title>The gauge</title>{body}".encode()))

    assert found is not None
    assert [text in found.text for text in TEXT] == [True] * 3 + [False] * 5


def test_names_of_elements_in_each_other_take_linear_time() -> None:
    def nested(many: int) -> str:
        names = ("-".join(f"{number:b}".replace("0", "a").replace("1", "b")) for number in range(many))
        return "".join(f"<div class=promo-{name}><p class=related>{TEXT[0]}</p>" for name in names)

    def cost(many: int) -> int:
        page = Page("https://h.example/a", nested(many).encode())
        return calls(lambda: blocks_of(page))

    assert cost(1_000) <= 3 * cost(500)
