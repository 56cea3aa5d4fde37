"""What a theme writes around an article of two paragraphs is not its text."""

from __future__ import annotations

import pytest

from extractor.html.page import Page
from extractor.reading import extract

SAID = (
    "The bell that hung in the lighthouse until 1961 returned to the island on Friday, on the boat with the flour.",
    "It was found in the cellar of a museum on the mainland. Nobody knows yet who will ring it, or when, or why.",
)
COMMENTS = (
    ("Ida Berg", "I took this ferry every winter as a child, and the crew always had tea for us. I hope it stays."),
    ("Tom Lind", "The figures for last year are wrong: there were twenty-six passengers on an average night."),
    ("Runa Falk", "Thank you for writing this down. My father kept the gauge for thirty years, every morning."),
)


def text_of(body: str) -> str:
    html = (
        f"<!DOCTYPE html><html lang=en><head><title>The bell</title></head><body class=single-post>{body}</body></html>"
    )
    found = extract(Page("https://harbour.example/the-bell", html.encode(), "text/html; charset=utf-8"))
    return found.text if found else ""


def article(above: str = "", below: str = "") -> str:
    said = "".join(f"<p>{line}</p>" for line in SAID)
    content = f"<div class=entry-content>{above}{said}</div>"
    return f"<main><article><h1 class=entry-title>The bell</h1>{content}</article>{below}</main>"


@pytest.mark.parametrize("named", ["comment-content entry-content", "comment-content", "ct-comment-content e-content"])
def test_the_content_of_a_comment_is_not_the_content_of_the_page(named: str) -> None:
    comments = "".join(
        f"<div id=comment-{number} class='comment depth-1'><article class=comment-body><footer class=comment-meta>"
        f"<span class=fn>{name}</span><time datetime=2026-05-1{number}>{number} May</time></footer>"
        f"<div class='{named}'><p>{said}</p></div></article></div>"
        for number, (name, said) in enumerate(COMMENTS, 1)
    )

    assert text_of(article(below=f"<div class=comments id=comments>{comments}</div>")) == "\n".join(SAID)


def test_the_only_content_is_the_text_even_if_its_class_names_comments() -> None:
    said = "".join(f"<p>{line}</p>" for line in SAID * 3)

    assert text_of(f"<div class='entry-content comments-open'>{said}</div>").startswith(SAID[0])


@pytest.mark.parametrize(
    "notice",
    [
        "This post was last changed 200 days ago. Some of it may be out of date.",
        "This article was published more than 3 years ago, and some of its content may be outdated.",
        "本文最后更新于 200 天前，其中的信息可能已经有所发展或是发生改变。",
        "本文发布于 1200 天前，内容可能已经过时。",
        "この記事は200日以上前に書かれました。内容が古い可能性があります。",
        "Dieser Beitrag wurde vor mehr als 2 Jahren veröffentlicht. Er ist möglicherweise nicht mehr aktuell.",
    ],
)
def test_a_notice_of_the_age_of_a_text_is_left_out(notice: str) -> None:
    assert text_of(article(f"<div class='post-outdate-info alert'>{notice}</div>")) == "\n".join(SAID)


@pytest.mark.parametrize(
    "line",
    [
        "This article was published 50 years ago in a journal of the coast, and nobody has read it since that day.",
        "This post was written about the accident of 30 years ago, which is no longer discussed.",
        "本文回顾发表 10 年前的算法为何失效。",
        "本文作者三十年前曾在这座灯塔工作，后来他离开了岛，去了大陆，再也没有回来看过那口钟。",
        "This page was updated on Friday: the bell is back, and the keeper of the museum says that it may stay here.",
    ],
)
def test_a_first_sentence_about_an_article_stays(line: str) -> None:
    assert text_of(article(f"<p>{line}</p>")).split("\n")[0] == line
