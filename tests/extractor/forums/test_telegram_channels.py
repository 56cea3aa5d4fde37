"""Posts of public channels of Telegram, from their pages for the web."""

from __future__ import annotations

from crawling.site import Asked, Reply, Site
from crawling.telegram import Channel

from extractor.forums.registry import forum_links, read_thread
from extractor.html.page import Page
from extractor.links.links import links
from extractor.reading import extract

SITE = "https://t.example"


def page_of(channel: Channel, path: str) -> Page:
    reply: Reply = channel.answer(Asked("GET", path, {}, b"", 0.0))
    return Page(f"{SITE}{path}", reply.body.encode() if isinstance(reply.body, str) else reply.body, reply.type)


def test_a_post_is_read_with_its_channel_time_picture_and_the_post_that_it_answers() -> None:
    channel = Channel(Site(SITE))
    channel.post("Beginning of it.")
    channel.post("Is the harbour open?\nYes.", picture=f"{SITE}/file/quay.jpg", answers=1)
    page = page_of(channel, "/harbour_news/2?embed=1&mode=tme")

    thread = read_thread(page)

    assert thread is not None
    (post,) = thread.posts
    assert (post.id, post.author, post.answers) == ("2", "Harbour news", "1")
    assert post.text.split() == ["Is", "the", "harbour", "open?", "Yes."]
    assert post.date == "2026-11-01T10:00:00+00:00"
    assert post.url == f"{SITE}/harbour_news/2"
    assert [one.url for one in post.attachments] == [f"{SITE}/file/quay.jpg"]
    assert f"{SITE}/file/quay.jpg" in links(page).requisites
    read = extract(page)
    assert read is not None
    assert (read.authors, read.origins["text"]) == (("Harbour news",), "posts of telegram")


def test_a_forwarded_post_is_a_quotation_of_where_it_is_from() -> None:
    channel = Channel(Site(SITE))
    channel.post("Fog is coming.", forwarded=("Coast guard", f"{SITE}/coast_guard/55"))

    thread = read_thread(page_of(channel, "/harbour_news/1?embed=1&mode=tme"))

    assert thread is not None
    (post,) = thread.posts
    assert (post.text, post.own, post.author) == ("Fog is coming.", "", "Harbour news")
    assert [(one.text, one.author, one.url) for one in post.quotes] == [
        ("Fog is coming.", "Coast guard", f"{SITE}/coast_guard/55")
    ]


def test_a_page_of_a_channel_lists_its_posts_the_newest_first_and_the_page_before() -> None:
    channel = Channel(Site(SITE))
    for number in range(1, 24):
        channel.post(f"Day {number}")
    page = page_of(channel, "/s/harbour_news")

    found = forum_links(page)

    assert found is not None
    assert [one.url for one in found.threads] == [
        f"{SITE}/harbour_news/{number}?embed=1&mode=tme" for number in range(23, 3, -1)
    ]
    assert found.threads[0].last_post == "2026-11-02T07:00:00+00:00"
    assert found.next == f"{SITE}/s/harbour_news?before=4"
    assert read_thread(page) is None


def test_the_page_of_a_post_that_is_gone_has_no_posts() -> None:
    assert read_thread(page_of(Channel(Site(SITE)), "/harbour_news/9?embed=1&mode=tme")) is None
