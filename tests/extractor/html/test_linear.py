# ruff: noqa: E501 - lines of markup
"""Twice the markup takes at most about twice the CPU, however it is nested."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from extractor.html.page import Page
from extractor.reading import extract, load

PROSE = "<p>The office publishes its readings each morning, and compares them with those of the year before.</p>"
SIZE = 200_000
"""Bytes: from about here on, nesting is limited before a page is parsed; below, its cost is limited by the size."""
MOST = 2.6 * 1.25
"""The bound of the law, with a margin for a busy machine; quadratic time is four times as much."""
COMMENT = (
    "<li class='comment' id='comment-{n}'><div class='comment-body'><div class='comment-author vcard'><cite class='fn'>Ada {n}"
    "</cite></div><div class='comment-meta'>May 2, 2024 at 5:00 pm</div><p>The reading number {n} is wrong, I think.</p></div>"
    "<ul class='children'>"
)


def nested(opening: str, size: int) -> str:
    return f"<body><article>{PROSE * 3}{opening * (size // len(opening))}"


def comments(size: int) -> str:
    inner = "".join(COMMENT.format(n=number) for number in range(size // len(COMMENT)))
    return f"<body><article><h1>Tides</h1>{PROSE * 4}</article><div id='comments'><ol class='comment-list'>{inner}"


def replies(size: int) -> str:
    one = "<div>The reading number {n} is wrong, says the office of the harbour.</div><span>Reply</span><div></div>"
    inner = "".join(f"<div>{one.format(n=number)}</div>" for number in range(size // len(one)))
    return f"<body><article><h1>Tides</h1>{PROSE * 4}{inner}"


def tasks(size: int) -> str:
    return f"<body><article>{PROSE * 3}<ul><li>{'<input type=checkbox disabled>' * (size // 30)}a b. "


PAGES = {
    "comments": comments,
    "replies": replies,
    "tasks": tasks,
    **{
        opening: lambda size, opening=opening: nested(opening, size)
        for opening in (
            *(
                "<ul><li>a b. ",
                "<div>a b. ",
                "<table><tr><td>a ",
                "<blockquote>a b. ",
                "<span>a ",
                "<b>a ",
                "<sup>a",
                "<q>a",
            ),
            *("<math><mi>x</mi></math> y ", "<math><msup><mi>x</mi>", "<pre>a<br>b</pre>", "<pre>a<div>", "<del>a"),
            *("<span class=katex>", "<script src=mathjax></script>\\( x ", "<code>x</code><div class=gutter>1"),
            "<span class='ltx_note ltx_role_footnote'><sup class=ltx_note_mark>1</sup><span class=ltx_note_content>a ",
            "<div role=table><div role=row><span role=cell>a</span></div><div role=row><span role=cell>b",
            "<span style='text-decoration:line-through'>a",
            "<i class=katex><i class=katex-html><i class=mtable><i class=col-align-c><i class=vlist><i style='top:1em'>a",
            "<div class=cnblogs_code><pre><span style='x'>1</span> a</pre></div><pre>a<sup>1</sup>",
            "<table class=ltx_equation><tr><td><math alttext=x></math>",
            "<mjx-container><svg><g data-mml-node=math><g data-mml-node=msqrt><g data-mml-node=menclose><g><path data-c=78>",
            "<mjx-container><mjx-math><mjx-munderover><mjx-under><mjx-box><mjx-msup><mjx-script><mjx-mi><mjx-c class=mjx-c78>",
            "<i class=katex><i class=katex-html><i class=mord><i class=vlist-t><i class=vlist><i class=svg-align style='top:1em'><line>",
            "<b style='vertical-align:super'>1<p style='text-decoration:line-through'>a",
            "a <span class=sidenote>b<i class=superscript>c",
            "<div class=tabbed-set><div class=tabbed-labels><label>a</label></div><div class=tabbed-content><div>b",
            "a<img class=emoji alt=❤>1<span aria-hidden=true>-</span>2<i class=frac><i class=sr-only>/</i>",
        )
    },
}


def is_linear(page: Callable[[int], str], size: int) -> bool:
    """Return whether twice the markup costs at most about twice: measured again where something else took the time."""
    load()
    small, large = cpu(page(size)), cpu(page(2 * size))
    if large >= MOST * max(small, 0.05):
        small, large = max(small, cpu(page(size))), min(large, cpu(page(2 * size)))
    return large < MOST * max(small, 0.05)


def cpu(html: str) -> float:
    """Return the CPU seconds of a reading."""
    began = time.process_time()
    extract(Page("https://example.org/1", html.encode(), "text/html"))
    return time.process_time() - began


@pytest.mark.parametrize("name", PAGES)
def test_twice_the_page_takes_at_most_twice_the_time(name: str) -> None:
    assert is_linear(PAGES[name], SIZE)


def test_twice_a_long_list_without_ends_takes_at_most_twice_the_time() -> None:
    """Beyond the deepest nesting, the list is one block of many pieces."""
    item = "<ul><li>kettles whistle in harbours "

    assert is_linear(lambda count: item * count, 50_000)


def test_a_quadratic_reader_would_be_found() -> None:
    def quadratic(size: int) -> float:
        began = time.process_time()
        for number in range(size):
            sum(range(number))
        return time.process_time() - began

    assert min(quadratic(8_000) for _ in range(2)) > MOST * min(quadratic(4_000) for _ in range(3))
