"""Video and audio of pages: on the page of the snapshot, in the API, and hidden with their page."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from crawling.site import Reply, Site, serving
from journeys.household import Household, gazette

FILES = Path(__file__).parents[1] / "specimens" / "media"
CLIP = (FILES / "clip.webm").read_bytes()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        kinds = {
            ".webm": "video/webm",
            ".m3u8": "application/vnd.apple.mpegurl",
            ".mp4": "video/mp4",
            ".m4s": "video/mp4",
        }
        site.routes |= {
            "/robots.txt": Reply(404),
            "/": Reply(body="<!doctype html><title>The lecture</title><p>Watch it.</p><video src=/clip.webm></video>"
                            "<video><source src=/stream.m3u8 type=application/x-mpegURL></video>"),
            **{f"/{file.name}": Reply(body=file.read_bytes(), type=kinds[file.suffix])
               for file in FILES.iterdir() if file.suffix in kinds},
        }  # fmt: skip
        yield site


class _Players(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("video", "audio"):
            self.found.append(dict(attrs)["src"] or "")


def test_the_page_of_a_snapshot_plays_the_archived_files_and_a_take_down_hides_them(
    household: Household, site: Site
) -> None:
    household.source("gazette", gazette(f"{site.url}/", walk="page", more="keep: {media: all}\n"))
    household.run("run", "gazette")
    shape = household.look("snapshot", "get", f"{site.url}/", "--json").json

    with household.serving() as served:
        page = served.get(f"/snapshot/latest/{site.url}/")
        clip, stream = _Players(page.text).found
        whole, part = served.get(clip), served.get(clip, Range="bytes=100-199")
        beyond = served.get(clip, Range="bytes=999999-")
        pieces = served.get(stream, Range="bytes=1370-1379")
        household.run("takedown", "add", f"{site.url}/", "--reason", "law")
        hidden = [
            served.get(address).status for address in (clip, stream, f"/api/v1/snapshots/latest/json/{site.url}/")
        ]

    made = b"".join((FILES / name).read_bytes() for name in ("init.mp4", "stream0.m4s", "stream1.m4s"))
    assert [(one["state"], one["files"][0]["mime"], one["files"][0]["pieces"]) for one in shape["media"]] == [
        ("kept", "video/webm", 1),
        ("kept", "video/mp4", 3),
    ]
    assert "media-src 'self'" in page.headers["content-security-policy"]
    assert (whole.status, whole.headers["content-type"], whole.body) == (200, "video/webm", CLIP)
    assert (part.status, part.headers["content-range"], part.body) == (
        206, f"bytes 100-199/{len(CLIP)}", CLIP[100:200],
    )  # fmt: skip
    assert (beyond.status, pieces.status, pieces.body) == (416, 206, made[1370:1380])
    assert "sandbox" in whole.headers["content-security-policy"]
    assert hidden == [451, 451, 451]
