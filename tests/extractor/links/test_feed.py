"""Feeds of three formats, intact and damaged."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.links.feed import Feed, Item, posts_of_wordpress, read_feed

URL = "https://e.org/news/feed"
TEN = datetime(2026, 11, 24, 10, tzinfo=UTC)

RSS = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Harbour &amp; Sea</title>
<atom:link rel="next" href="?page=2"/>
<item><title>The ferry
  waits</title><link>/news/1?a=1&amp;b=2</link><pubDate>Tue, 24 Nov 2026 18:00:00 +0800</pubDate></item>
<item><title>Without a date</title><link> https://e.org/news/2 </link></item>
<item><title>Twice</title><link>/news/1?a=1&amp;b=2</link></item>
<item><title>By guid</title><guid>https://e.org/news/3</guid></item>
<item><title>No link</title></item>
<item><title>No page</title><link>mailto:desk@e.org</link></item>
</channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>潮位</title>
<entry><title type="html">A &lt;b&gt;bold&lt;/b&gt; tide</title><link rel="alternate" href="1"/>
<published>2026-11-24T10:00:00Z</published><updated>2026-11-24T12:00:00+02:00</updated></entry></feed>""".encode()
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Harbour",
        "next_url": "/feed?2",
        "items": [
            {"id": "1", "url": "/news/1", "title": "The ferry waits", "date_published": "2026-11-24T18:00:00+08:00"},
            {"id": "https://e.org/news/2", "date_modified": "2026-11-24T10:00:00Z"},
            {"id": "3"},
            "nonsense",
        ],
    }
).encode()

WORDPRESS = b"""{"body":[{"date_gmt":"2026-11-24T10:00:00","modified_gmt":"2026-11-25T10:00:00",
"link":"https:\\/\\/e.org\\/2026\\/11\\/the-ferry-waits\\/","title":{"rendered":"The ferry&#8217;s harbour &amp; sea"}},
{"date_gmt":null,"modified_gmt":"0000-00-00T00:00:00","link":"https:\\/\\/e.org\\/2024\\/10\\/%e5%86%b0\\/",
"title":{"rendered":"\\u51b0"}}],"status":200,"headers":{"X-WP-Total":12,"X-WP-TotalPages":6,"Allow":"GET"}}"""
"""As WordPress 6.8 writes it."""


def test_rss_lists_its_items_once() -> None:
    assert read_feed(RSS, URL) == Feed(
        "Harbour & Sea",
        (
            Item("https://e.org/news/1?a=1&b=2", "The ferry waits", TEN),
            Item("https://e.org/news/2", "Without a date"),
            Item("https://e.org/news/3", "By guid"),
        ),
        next="https://e.org/news/feed?page=2",
    )


def test_published_and_updated_are_distinguished_in_atom() -> None:
    feed = read_feed(ATOM, URL)

    assert feed.title == "潮位"
    assert [(item.url, item.published, item.updated) for item in feed.items] == [("https://e.org/news/1", TEN, TEN)]


def test_json_feed_is_read_too() -> None:
    feed = read_feed(JSON_FEED, URL)

    assert (feed.title, feed.next) == ("Harbour", "https://e.org/feed?2")
    assert feed.items[0] == Item("https://e.org/news/1", "The ferry waits", TEN)
    assert feed.items[1] == Item("https://e.org/news/2", None, None, TEN)
    assert feed.items[2].url == "https://e.org/news/3"
    assert len(feed.items) == 3


def test_the_posts_that_wordpress_lists_are_read_with_the_time_of_their_last_change() -> None:
    url = posts_of_wordpress("https://e.org/wp-json/")
    feed = read_feed(WORDPRESS, url)

    assert feed.items == (
        Item("https://e.org/2026/11/the-ferry-waits/", "The ferry’s harbour & sea", TEN, TEN + timedelta(days=1)),
        Item("https://e.org/2024/10/%e5%86%b0/", "冰"),
    )
    assert feed.next == f"{url}&page=2"
    assert read_feed(WORDPRESS, f"{url}&page=5").next == f"{url}&page=6"
    assert read_feed(WORDPRESS, f"{url}&page=6").next is None


def test_a_list_of_posts_without_a_number_of_pages_continues_while_it_is_full() -> None:
    bare = json.dumps(json.loads(WORDPRESS)["body"]).encode()

    assert read_feed(bare, "https://e.org/?rest_route=/wp/v2/posts&per_page=2&page=3").next == (
        "https://e.org/?rest_route=/wp/v2/posts&per_page=2&page=4"
    )
    assert read_feed(bare, "https://e.org/wp-json/wp/v2/posts").next is None
    assert len(read_feed(bare, "https://e.org/wp-json/wp/v2/posts").items) == 2
    beyond = b'{"body":{"code":"rest_post_invalid_page_number","data":{"status":400}},"status":400,"headers":{}}'
    assert read_feed(beyond, posts_of_wordpress("https://e.org/?rest_route=/")) == Feed(None, ())


def test_a_damaged_feed_gives_what_can_be_read() -> None:
    assert [item.url for item in read_feed(RSS[:500], URL).items][:2] == [
        "https://e.org/news/1?a=1&b=2",
        "https://e.org/news/2",
    ]


@pytest.mark.parametrize("body", [b"", b"<html><body>No feed</body></html>", b"{", b"[]", b"{}", b"\xff\xfe", b"plain"])
def test_other_content_has_no_items(body: bytes) -> None:
    assert read_feed(body, URL).items == ()


def test_a_feed_in_another_encoding_is_read() -> None:
    body = '<?xml version="1.0" encoding="gb2312"?><rss version="2.0"><channel><item>'
    body += "<title>潮位数据</title><link>/1</link></item></channel></rss>"

    assert read_feed(body.encode("gbk"), URL).items == (Item("https://e.org/1", "潮位数据"),)


def test_a_body_that_is_a_file_name_is_never_opened(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(RSS)

    assert read_feed(str(file).encode(), URL).items == ()


def test_expansion_of_entities_is_limited() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE r [<!ENTITY e0 "x">{levels}]><rss version="2.0"><channel><title>&e9;</title></channel></rss>'

    assert len(read_feed(bomb.encode(), URL).title or "") < 100_000


@given(st.integers(0, len(RSS)), st.binary(max_size=20), st.integers(0, 40))
def test_no_feed_makes_reading_raise(place: int, piece: bytes, gone: int) -> None:
    read_feed(RSS[:place] + piece + RSS[place + gone :], URL)
    read_feed(JSON_FEED[:place] + piece + JSON_FEED[place + gone :], URL)
    read_feed(WORDPRESS[:place] + piece + WORDPRESS[place + gone :], URL)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(st.sampled_from(["items", "url", "id", "title", "next_url", "date_published"]), x)
        ),
        max_leaves=12,
    )
)
def test_no_json_makes_reading_raise(value: object) -> None:
    read_feed(json.dumps({"items": [value, {"url": value, "title": value}], "title": value}).encode(), URL)
    posts = [value, {"link": "/1", "title": value, "date_gmt": value}]
    read_feed(json.dumps({"body": posts, "headers": value}).encode(), URL)
    read_feed(json.dumps(posts).encode(), URL)
