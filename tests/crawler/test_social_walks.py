"""Accounts and channels of social networks: first all of their posts, and then only what is new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.bluesky import AppView
from crawling.crawls import Run, remembering, source
from crawling.mastodon import Mastodon
from crawling.site import Site
from crawling.telegram import Channel

STATUS = "/api/v1/statuses/"


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with remembering(tmp_path) as run:
        yield run


@pytest.fixture
def mastodon(site: Site) -> Mastodon:
    """An account with ninety posts, on three pages of its list; another one answers the newest."""
    server = Mastodon(site)
    for number in range(90):
        server.post(f"The tide of day {number} was high.")
    server.post("Was it?", by="bob@other.example", in_reply_to_id=server.statuses[-1]["id"])
    return server


def listed(server: Mastodon) -> str:
    return f"{server.site.url}/api/v1/accounts/{server.account('alice')['id']}/statuses?limit=40"


def statuses(site: Site) -> list[str]:
    return [path.removeprefix(STATUS) for path in site.paths if path.startswith(STATUS)]


def test_all_posts_of_an_account_are_fetched_once_with_the_replies_to_them(
    site: Site, run: Run, mastodon: Mastodon
) -> None:
    outcome = run(source(listed(mastodon), walk="forum"))

    own = [status["id"] for status in mastodon.statuses if status["account"]["acct"] == "alice"]
    answered = f"{own[-1]}/context"
    assert sorted(statuses(site)) == sorted([*own, answered])
    assert len([path for path in site.paths if "/accounts/" in path]) == 4  # the last one is empty
    assert (outcome.outcome, outcome.failures) == ("done", 0)


def test_a_second_run_fetches_only_new_edited_and_answered_posts(site: Site, run: Run, mastodon: Mastodon) -> None:
    run(source(listed(mastodon), walk="forum"))
    site.asked.clear()
    nothing_new = run(source(listed(mastodon), walk="forum"))
    quiet = list(site.paths)
    site.asked.clear()
    new = mastodon.post("A ship came in.")
    mastodon.edit(mastodon.statuses[85], "The tide of day 85 was low.")
    mastodon.post("Which ship?", by="bob@other.example", in_reply_to_id=mastodon.statuses[88]["id"])

    run(source(listed(mastodon), walk="forum"))

    edited, answered = mastodon.statuses[85]["id"], mastodon.statuses[88]["id"]
    assert [path for path in quiet if path.startswith(STATUS)] == []
    assert nothing_new.outcome == "unchanged"
    assert sorted(statuses(site)) == sorted([new["id"], edited, f"{edited}/history", answered, f"{answered}/context"])


def test_a_deleted_post_is_requested_once_more(site: Site, run: Run, mastodon: Mastodon) -> None:
    run(source(listed(mastodon), walk="forum"))
    site.asked.clear()
    gone = mastodon.statuses[80]
    mastodon.delete(gone)

    run(source(listed(mastodon), walk="forum"))

    assert statuses(site) == [gone["id"]]


def test_pictures_of_posts_are_archived_as_requisites(site: Site, run: Run) -> None:
    server = Mastodon(site)
    picture = {"id": "1", "type": "image", "url": f"{site.url}/media/quay.png", "description": "The quay"}
    server.post("Look!", media_attachments=[picture])

    run(source(listed(server), walk="forum", keep={"requisites": True}))

    assert "/media/quay.png" in site.paths


def test_a_rate_limit_of_mastodon_is_waited_for(site: Site, run: Run, mastodon: Mastodon) -> None:
    mastodon.refused = 1

    outcome = run(source(listed(mastodon), walk="forum"))

    refused, again = [asked for asked in site.asked if asked.path.startswith("/api/v1/accounts/")][:2]
    assert refused.path == again.path
    assert again.at - refused.at >= 0.25
    assert outcome.failures == 0


def test_a_run_of_an_account_without_posts_does_not_fail(site: Site, run: Run) -> None:
    server = Mastodon(site)

    assert run(source(listed(server), walk="forum")).outcome == "done"


def test_all_posts_of_a_profile_of_bluesky_are_fetched_once_and_then_only_new_and_answered_ones(
    site: Site, run: Run
) -> None:
    view = AppView(site, a_page=20)
    for number in range(50):
        view.post(f"The tide of day {number} was high.")
    profile = source(f"{site.url}/xrpc/app.bsky.feed.getAuthorFeed?actor=alice.example&limit=100", walk="forum")
    outcome = run(profile)
    first = [path for path in site.paths if "getPostThread" in path]
    site.asked.clear()
    unchanged = run(profile)
    quiet = [path for path in site.paths if "getPostThread" in path]
    view.post("Which tide?", by="bob.example", answers=view.posts[49])
    view.post("A ship came in.")
    site.asked.clear()

    run(profile)

    assert len(first) == len(set(first)) == 50
    assert outcome.outcome == "done"
    assert (quiet, unchanged.outcome) == ([], "unchanged")
    again = [path for path in site.paths if "getPostThread" in path]
    assert sorted(path.partition("post%2F")[2][:13] for path in again) == ["3l00000000049", "3l00000000051"]


def test_a_deleted_post_of_bluesky_counts_as_gone_and_not_as_a_failure(site: Site, run: Run) -> None:
    view = AppView(site)
    for number in range(5):
        view.post(f"The tide of day {number} was high.")
    profile = source(f"{site.url}/xrpc/app.bsky.feed.getAuthorFeed?actor=alice.example&limit=100", walk="forum")
    run(profile)
    site.asked.clear()
    gone = view.posts[2]["uri"]
    view.delete(view.posts[2])

    outcome = run(profile)

    assert [path for path in site.paths if gone.rpartition("/")[2] in path]
    assert (outcome.outcome, outcome.failures) == ("done", 0)


def test_all_posts_of_a_channel_of_telegram_are_fetched_once_and_then_only_new_ones(site: Site, run: Run) -> None:
    channel = Channel(site)
    for number in range(1, 46):
        channel.post(f"The tide of day {number} was high.")
    outcome = run(source(f"{site.url}/s/harbour_news", walk="forum"))
    first = list(site.paths)
    site.asked.clear()
    unchanged = run(source(f"{site.url}/s/harbour_news", walk="forum"))
    quiet = list(site.paths)
    channel.post("A ship came in.")
    site.asked.clear()

    run(source(f"{site.url}/s/harbour_news", walk="forum"))

    posts = [path for path in first if "embed=1" in path]
    assert sorted(posts) == sorted(f"/harbour_news/{number}?embed=1&mode=tme" for number in range(1, 46))
    assert [path for path in first if path.startswith("/s/")] == [
        "/s/harbour_news", "/s/harbour_news?before=26", "/s/harbour_news?before=6",
    ]  # fmt: skip
    assert outcome.outcome == "done"
    assert (quiet, unchanged.outcome) == (["/s/harbour_news"], "unchanged")
    assert [path for path in site.paths if "embed=1" in path] == ["/harbour_news/46?embed=1&mode=tme"]
