"""Addresses of accounts, channels and hashtags become sources that a run can read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from crawling.bluesky import AppView
from crawling.mastodon import Mastodon
from crawling.site import Reply, Site, serving
from crawling.telegram import Channel
from services.inspecting import look_at, proposed

from config.groups.service import Social
from pressmark.discover.inspect import UnfitUrl, start_of
from pressmark.discover.social_feeds import feed_address

SOCIAL = Social(bluesky="https://appview.example/", rsshub="https://rsshub.example")


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("rsshub://bilibili/user/video/2267573", "https://rsshub.example/bilibili/user/video/2267573"),
        ("RSSHub:///github/issue/a/b?limit=3", "https://rsshub.example/github/issue/a/b?limit=3"),
        ("rsshub://", "rsshub://"),
        (
            "https://bsky.app/profile/alice.example",
            "https://appview.example/xrpc/app.bsky.feed.getAuthorFeed?actor=alice.example&limit=100",
        ),
        (
            "bsky.app/profile/did:plc:abc",
            "https://appview.example/xrpc/app.bsky.feed.getAuthorFeed?actor=did:plc:abc&limit=100",
        ),
        ("https://bsky.app/profile/alice.example/post/3l", "https://bsky.app/profile/alice.example/post/3l"),
        ("https://t.me/harbour_news", "https://t.me/s/harbour_news"),
        ("t.me/s/harbour_news", "https://t.me/s/harbour_news"),
        ("https://t.me/harbour_news/7", "https://t.me/harbour_news/7"),
        ("https://news.example/harbour_news", "https://news.example/harbour_news"),
        ("https://[", "https://["),
    ],
)
def test_an_address_for_people_becomes_one_that_a_run_reads(given: str, read: str) -> None:
    assert feed_address(given, SOCIAL) == read


@pytest.mark.parametrize("address", ["/@alice", "/users/alice"])
def test_an_account_of_mastodon_is_found_by_its_name(site: Site, address: str) -> None:
    server = Mastodon(site)
    server.post("The harbour is open.")

    seen = look_at(f"{site.url}{address}")
    found = proposed(seen)

    number = server.account("alice")["id"]
    assert (seen.social, seen.title) == ("mastodon", "@alice")
    assert found.source.seeds == (f"{site.url}/api/v1/accounts/{number}/statuses?limit=40",)
    assert (found.source.walk, found.source.name) == ("forum", "127-0-0-1-alice")
    assert found.reasons["walk"] == "it is a list of posts on Mastodon, with 1 post on its first page"
    assert found.first[1:] == (f"{site.url}/api/v1/statuses/{server.statuses[0]['id']}",)
    assert "whole site" not in found.kept


def test_a_hashtag_of_mastodon_is_found_and_a_page_of_tags_elsewhere_is_none(site: Site) -> None:
    server = Mastodon(site)
    server.post("Open.", tags=[{"name": "harbour", "url": f"{site.url}/tags/harbour"}])
    assert proposed(look_at(f"{site.url}/tags/harbour")).source.seeds == (
        f"{site.url}/api/v1/timelines/tag/harbour?limit=40",
    )
    with serving({"/tags/harbour": Reply(body="<title>Harbour</title><p>Articles about the harbour</p>")}) as other:
        seen = look_at(f"{other.url}/tags/harbour")
    assert (seen.social, seen.url) == (None, f"{other.url}/tags/harbour")


def test_an_account_without_posts_is_found_as_well(site: Site) -> None:
    Mastodon(site)

    assert proposed(look_at(f"{site.url}/@quiet")).source.walk == "forum"


def test_a_server_that_tells_nothing_of_an_account_is_inspected_as_any_other_page(site: Site) -> None:
    Mastodon(site)

    seen = look_at(f"{site.url}/@nobody")

    assert (seen.social, seen.url) == (None, f"{site.url}/@nobody")


def test_a_feed_of_bluesky_is_recognized_at_any_server(site: Site) -> None:
    view = AppView(site)
    view.post("The harbour is open.")
    address = f"{site.url}/xrpc/app.bsky.feed.getAuthorFeed?actor=alice.example&limit=100"

    found = proposed(look_at(address))

    assert (found.source.seeds, found.source.walk) == ((address,), "forum")
    assert found.source.name == "bluesky-alice-example"


def test_a_channel_of_telegram_is_recognized_by_its_page(site: Site) -> None:
    channel = Channel(site)
    channel.post("The harbour is open.")

    seen = look_at(f"{site.url}/s/harbour_news")
    found = proposed(seen)

    assert (seen.social, found.source.walk, found.source.name) == ("telegram", "forum", "telegram-harbour-news")
    assert f"{site.url}/harbour_news/1?embed=1&mode=tme" in found.first


def test_a_name_of_rsshub_without_a_route_says_what_to_write() -> None:
    with pytest.raises(UnfitUrl, match="has no route; write one"):
        start_of(feed_address("rsshub://", SOCIAL))
