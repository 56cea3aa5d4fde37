"""Every engine has valid selectors, and no page makes it raise."""

from __future__ import annotations

from dataclasses import fields

import pytest

from extractor.forums.engine import Engine
from extractor.forums.registry import COMMENTS, FORUMS, Forum, forum_links, forum_of, read_thread
from extractor.html.page import Page, parse

PLACES = (
    "zone",
    "pager",
    "next",
    "row",
    "sign",
    "post",
    "dropped",
    "quote",
    "quote_label",
    "attachment",
    "tags",
    "thread_link",
    "thread_title",
    "board_link",
)
"""Fields that hold one selector; the others that hold texts hold places."""
ENGINES = FORUMS + COMMENTS
NO_PLACES = ("name", "id_pattern", "quoted_post", "later")


def selectors(engine: Engine) -> list[str]:
    found = []
    for field in fields(engine):
        value = getattr(engine, field.name)
        if field.name in PLACES:
            found.append(value)
        elif field.name not in NO_PLACES:
            found += [place.partition("@")[0] for place in value]
    return [selector for selector in found if selector]


@pytest.mark.parametrize("forum", ENGINES, ids=lambda forum: forum.name)
def test_each_selector_is_valid(forum: Forum) -> None:
    tree = parse("<p>nothing</p>")

    assert isinstance(forum, Engine)
    for selector in selectors(forum):
        tree.css(selector)


def test_an_invalid_selector_would_be_noticed() -> None:
    with pytest.raises(Exception, match="selector"):
        parse("<p>").css("a[")


def test_each_engine_has_a_unique_name() -> None:
    assert len({forum.name for forum in ENGINES}) == len(ENGINES)


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"post_stream": {"posts": [1, {"cooked": 3}]}}', b"<html>", b"\xff\x00<a"]
)
@pytest.mark.parametrize("forum", ENGINES, ids=lambda forum: forum.name)
def test_an_empty_page_is_not_a_thread(forum: Forum, body: bytes) -> None:
    page = Page("https://forum.example/x", body)

    thread = forum.thread(page)
    links = forum.links(page)

    assert thread is None or [post.text for post in thread.posts] == [""]
    assert links.threads == links.boards == ()


def test_a_page_of_an_unknown_engine_is_not_recognized() -> None:
    page = Page("https://news.example/1", b"<article><h1>News</h1><p>It rained.</p></article>")

    assert forum_of(page) is None
    assert forum_links(page) is None
    assert read_thread(page) is None
