"""Section pages: the context distinguishes article links from menus."""

from __future__ import annotations

import pytest

from extractor.html.page import Page
from extractor.links.listing import Article, read_listing

URL = "https://e.org/news/"
HEADLINES = [
    "The ferry now waits for the tide",
    "A clock crosses the bay by ferry",
    "Seagrass is back in the inner harbour",
    "Old cold store to cool the hospital",
]
ARTICLES = tuple(Article(f"https://e.org/news/{number}", title) for number, title in enumerate(HEADLINES))
MENU = '<nav><ul><li><a href="/">Home</a></li><li><a href="/about/us">About us</a></li></ul></nav>'
SIDE = '<div class="sidebar"><ul><li><a href="/most/1">A most read story with a longish title</a></li></ul></div>'
FOOT = '<div id="footer"><a href="/imprint">Imprint and everything that the law wants us to say</a></div>'


def page(content: str) -> Page:
    return Page(URL, f"<html><body>{MENU}<div class=main>{content}</div>{SIDE}{FOOT}</body></html>".encode())


CARDS = "".join(
    f'<div class="card c{n}"><a href="/news/{n}"><img src="/{n}.png"></a><h3><a href="/news/{n}">{title}</a></h3>'
    f'<p>A teaser.</p><a class="more" href="/news/{n}">Read more</a> <a href="/tag/sea">Sea</a></div>'
    for n, title in enumerate(HEADLINES)
)
WHOLE_CARDS = "".join(
    f'<a class="card" href="/news/{n}"><img src="/{n}.png"><h3>{title}</h3><span>A teaser.</span></a>'
    for n, title in enumerate(HEADLINES)
)
PLAIN_LIST = (
    "<ul>" + "".join(f'<li><a href="/news/{n}">{title}</a></li>' for n, title in enumerate(HEADLINES)) + "</ul>"
)
TABLE = (
    "<table>"
    + "".join(f'<tr><td><a href="/news/{n}">{title}</a></td><td>3 May</td></tr>' for n, title in enumerate(HEADLINES))
    + "</table>"
)


@pytest.mark.parametrize("content", [CARDS, WHOLE_CARDS, PLAIN_LIST, TABLE])
def test_the_articles_of_a_section_are_listed_and_its_menus_are_not(content: str) -> None:
    assert read_listing(page(content)).articles == ARTICLES


def test_a_chinese_list_with_dates_is_listed() -> None:
    titles = ["我市召开海洋观测共享工作会议", "渡轮测出高差", "土壤记忆"]
    rows = "".join(
        f'<li><span class="date">11-2{n}</span><a href="./t2026112{n}_1.html">{t}</a></li>'
        for n, t in enumerate(titles)
    )

    assert [article.title for article in read_listing(page(f"<ul class=list>{rows}</ul>")).articles] == titles


def test_two_stories_under_headings_are_a_list() -> None:
    content = "".join(f'<article><h2><a href="/news/{n}">{HEADLINES[n]}</a></h2></article>' for n in range(2))

    assert read_listing(page(content)).articles == ARTICLES[:2]


def test_the_links_of_an_article_are_not_a_list() -> None:
    content = "<h1>One story</h1><p>It mentions <a href='/a'>this</a> and <a href='/b'>that</a>, and ends.</p>"

    assert read_listing(page(content)).articles == ()


NUMBERS = '<a href="/news/">1</a> <span class="current">2</span> <a href="/news/page/3/">3</a>'


@pytest.mark.parametrize(
    ("pager", "expected"),
    [
        ('<link rel="next" href="?page=2">', "https://e.org/news/?page=2"),
        (f'<div class="pagination">{NUMBERS}</div>', "https://e.org/news/page/3/"),
        (f"<p>{NUMBERS}</p>", "https://e.org/news/page/3/"),
        (
            '<div class="nav-links pagination"><a class="next page-numbers" href="/p2">Older</a></div>',
            "https://e.org/p2",
        ),
        ('<div class="pages"><a href="/p0">上一页</a><a href="/p2">下一页</a></div>', "https://e.org/p2"),
        ('<ul class="pager"><li><a href="/p2" aria-label="Next">…</a></li></ul>', "https://e.org/p2"),
        (
            '<div class="pg"><strong>1</strong><a class="nxt" href="f-2-2.html">下一页</a></div>',
            "https://e.org/news/f-2-2.html",
        ),
        ('<div class="pagination"><a href="/news/">1</a> <b>2</b></div>', None),
        ('<p><a href="/news/next">next</a></p>', None),
        ("", None),
    ],
)
def test_the_next_page_is_found(pager: str, expected: str | None) -> None:
    assert read_listing(page(PLAIN_LIST + pager)).next == expected


@pytest.mark.parametrize(
    ("call", "following"),
    [
        ('createPageHTML(25, 0, "index", "html");', "index_1.html"),
        ("createPageHTML(25,7,'index','shtml')", "index_8.shtml"),
        ('createPageHTML(25, 24, "index", "html");', None),
        ('createPageHTML(1, 0, "index", "html");', None),
        ('//createPageHTML(25, 0, "index", "html");', None),
        ("function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt) { }", None),
    ],
)
def test_the_next_page_is_read_from_the_script_call_that_writes_the_pager(call: str, following: str | None) -> None:
    found = read_listing(page(f"<a href=/>首页</a>{PLAIN_LIST}<div class=page><script>{call}</script></div>"))

    assert found.next == (f"{URL}{following}" if following else None)
