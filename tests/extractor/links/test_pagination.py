"""The next page of a series, by the numbers of its pager alone."""

from __future__ import annotations

import pytest

from extractor.forums.registry import forum_links
from extractor.html.page import Page
from extractor.links.pagination import next_page, numbers
from extractor.values.urls import Resolver

AT = "https://forum.example/t/7"


def linked(*shown: int, current: str = "") -> str:
    """Return linked page numbers, after the current one."""
    return f"{current} " + " ".join(f'<a href="{AT}?page={number}">{number}</a>' for number in shown)


FIRST = [
    "<div class=pagination><strong>1</strong>" + linked(2, 3) + " … " + linked(7) + "</div>",
    "<div class=pager>1 " + linked(2, 3) + " … " + linked(7) + "</div>",
    "<p>1 " + linked(2, 3) + " … " + linked(7) + "</p>",
    "<ul class=pages><li>1</li><li>" + linked(2) + "</li><li>" + linked(3) + "</li><li>" + linked(7) + "</li></ul>",
    f"<div class=pager><a href='{AT}'>1</a> " + linked(2, 3) + " … " + linked(7) + "</div>",
    "<div class=pager>[1], " + linked(2, 3) + " ... " + linked(7) + "</div>",
    "<nav><ul><li><a href='/tag/1'>Tags</a></li></ul></nav><div class=pager>1 " + linked(2, 3, 7) + "</div>",
]


def page(body: str, url: str = AT) -> Page:
    return Page(url, f"<!doctype html><title>t</title><body>{body}</body>".encode(), "text/html; charset=utf-8")


@pytest.mark.parametrize("pager", FIRST)
def test_the_next_page_is_found_by_numbers_without_an_arrow(pager: str) -> None:
    assert next_page(page(pager), Resolver(AT)) == f"{AT}?page=2"
    assert numbers(page(pager), Resolver(AT)) == (1, 7)


@pytest.mark.parametrize(
    "body",
    [
        "<div class=pager>" + linked(1, 2, 3) + " 4</div>",
        "<div class=pager>" + linked(1, 2, 3) + "</div>",  # the current one is not known
        "<p>12 posts, 3 of them new. " + linked(5, 9) + "</p>",
        "<p>The 7 seas</p>",
    ],
)
def test_the_last_page_and_other_numbers_have_no_next_page(body: str) -> None:
    assert next_page(page(body), Resolver(AT)) is None


PHPBB = (
    '<body id="phpbb"><h2 class="topic-title"><a href="/viewtopic.php?t=7">T</a></h2>'
    '<div class="pagination"><ul>{}</ul></div>'
    '<div class="post" id="p1"><div class="postbody"><p class="author"><a class="username" href="/u">ann</a></p>'
    '<div class="content">Said.</div></div></div>'
)


def phpbb(start: int, of: int) -> str:
    items = (
        f'<li class="active"><span>{number}</span></li>'
        if number == start
        else f'<li><a href="/viewtopic.php?t=7&amp;start={5 * (number - 1)}">{number}</a></li>'
        for number in range(1, of + 1)
        if number in (1, start - 1, start, start + 1, of)
    )
    return PHPBB.format("".join(items))


def test_the_next_page_of_a_known_engine_is_found_by_numbers() -> None:
    pages = [page(phpbb(number, 7), f"https://forum.example/viewtopic.php?t=7&start={number}") for number in (1, 3, 7)]

    found = [forum_links(one) for one in pages]

    assert [links and (links.page, links.pages) for links in found] == [(1, 7), (3, 7), (7, 7)]
    assert [links and links.next for links in found] == [
        "https://forum.example/viewtopic.php?t=7&start=5",
        "https://forum.example/viewtopic.php?t=7&start=15",
        None,
    ]
