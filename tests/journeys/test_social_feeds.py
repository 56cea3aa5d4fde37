"""From the address of an account or a channel to its posts with their former texts, by the commands of a user."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from crawling.bluesky import AppView
from crawling.mastodon import Mastodon
from crawling.site import Reply, serving
from crawling.telegram import Channel
from journeys.household import Household

RSS = (
    "<?xml version='1.0'?><rss version='2.0'><channel><title>Videos</title><link>{0}</link>"
    "<item><title>One</title><link>{0}/video/1</link></item></channel></rss>"
)


def posts_of(household: Household, url: str) -> list[dict[str, Any]]:
    posts: list[dict[str, Any]] = household.look("thread", url, "--json").json["posts"]
    return posts


def test_accounts_and_channels_are_added_archived_and_read_and_edits_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    household = Household(tmp_path / "home")
    with ExitStack() as stack:
        sites = [stack.enter_context(serving()) for _ in range(4)]
        mastodon, bluesky, telegram = Mastodon(sites[0]), AppView(sites[1]), Channel(sites[2])
        hub = sites[3]
        hub.routes = {
            "/videos/7": Reply(body=RSS.format(hub.url), type="application/rss+xml"),
            "/video/1": Reply(
                body="<title>One</title><article><p>A video of the harbour, one hour long.</p></article>"
            ),
        }
        monkeypatch.setenv("PRESSMARK_SOCIAL__BLUESKY", sites[1].url)
        monkeypatch.setenv("PRESSMARK_SOCIAL__RSSHUB", hub.url)
        monkeypatch.setenv("PRESSMARK_ALLOW__PORTS", '["1-65535"]')
        household.environment["PRESSMARK_ALLOW__PORTS"] = '["1-65535"]'
        first = mastodon.post("The harbour is open.", spoiler_text="Ships")
        mastodon.post("Since when?", by="bob@other.example", in_reply_to_id=first["id"])
        post = bluesky.post("The bridge is closed.")
        telegram.post("The ferry is late.")
        ports = [value for site in sites for value in ("--allow-port", site.url.rpartition(":")[2])]
        for address in (
            f"{sites[0].url}/@alice",
            "https://bsky.app/profile/alice.example",
            f"{sites[2].url}/s/harbour_news",
            "rsshub://videos/7",
        ):
            household.look("add", address, "--delay", "0s", "--allow-address", "127.0.0.0/8", *ports, "--json")

        household.run("run")
        mastodon.edit(first, "The harbour is closed.")
        household.run("run")

        status = f"{sites[0].url}/api/v1/statuses/{first['id']}"
        opener, reply = posts_of(household, status)
        assert (opener["author"], reply["author"]) == ("alice@127.0.0.1", "bob@other.example")
        assert opener["text"].split("\n") == ["Ships", "The harbour is closed."]
        assert [edit["text"].split("\n")[-1] for edit in opener["edits"]] == ["The harbour is open."]
        versions = household.look("snapshot", "get", f"{status}/history", "--json").json
        assert versions["text"]["text"].split("\n")[-1] == "The harbour is closed."
        (listed,) = [asked for asked in sites[1].asked if "getAuthorFeed" in asked.path][:1]
        assert listed.path.endswith("actor=alice.example&limit=100")
        thread = next(asked.path for asked in sites[1].asked if "getPostThread" in asked.path)
        assert posts_of(household, f"{sites[1].url}{thread}")[0]["text"] == post["record"]["text"]
        ferry = f"{sites[2].url}/harbour_news/1?embed=1&mode=tme"
        assert posts_of(household, ferry)[0]["text"] == "The ferry is late."
        assert household.look("snapshot", "get", f"{hub.url}/video/1", "--json").json["status"] == 200
        found = household.look("search", "harbour", "--json").json
        assert any(item["url"].startswith(sites[0].url) for item in found["items"])
        sent = sites[0].last(f"/api/v1/statuses/{first['id']}").sent
        assert household.look("snapshot", "get", status, "--raw").out == sent.partition(b"\r\n\r\n")[2].decode()
