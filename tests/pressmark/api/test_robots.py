"""What search engines may index of the archive itself."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import pytest
from services.retrieving import HOME, Retrieving, retrieving

from config.groups.service import Indexing
from pressmark.http.hidden.crawlers import NOT_INDEXED

STAMP = "20260131120000"
ARCHIVED = (
    f"/snapshot/{STAMP}/{HOME}",
    f"/view/text/{STAMP}/{HOME}",
    f"/api/v1/snapshots/{STAMP}/text/{HOME}",
    f"/web/{STAMP}id_/{HOME}",
    f"/all/{STAMP}id_/{HOME}",
    f"/default/{STAMP}id_/{HOME}",
    f"/captures?url={HOME}",
    f"/cdx/search/cdx?url={HOME}",
    f"/default/nothing/{HOME}",
)
OWN = ("/", "/sources", "/search?q=harbour", "/collections", "/docs", "/robots.txt")


@pytest.mark.parametrize(
    ("indexing", "kept_out"),
    [("own-pages", ARCHIVED), ("nothing", (*ARCHIVED, *OWN)), ("everything", ())],
)
def test_what_is_not_to_be_indexed_says_so(tmp_path: Path, indexing: Indexing, kept_out: tuple[str, ...]) -> None:
    with retrieving(tmp_path / "home", http={"indexing": indexing}) as asked:
        told = {path: asked.get(path)[1]["X-Robots-Tag"] for path in (*ARCHIVED, *OWN)}

    assert told == {path: NOT_INDEXED if path in kept_out else None for path in (*ARCHIVED, *OWN)}


def test_robots_txt_forbids_archived_pages_and_allows_our_own(tmp_path: Path) -> None:
    with retrieving(tmp_path / "home") as asked:
        status, headers, body = asked.get("/robots.txt")
    rules = body.decode().splitlines()

    assert (status, headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert rules[0] == "User-agent: *"
    assert {"Disallow: /*/http:", "Disallow: /*/https:", "Disallow: /api/", "Disallow: /captures"} <= set(rules)
    assert "Disallow: /" not in rules


@pytest.mark.parametrize(("indexing", "may"), [("nothing", False), ("everything", True)])
def test_robots_txt_forbids_or_allows_everything(tmp_path: Path, indexing: Indexing, may: bool) -> None:
    with retrieving(tmp_path / "home", http={"indexing": indexing}) as asked:
        parser = RobotFileParser()
        parser.parse(asked.text("/robots.txt").splitlines())

    assert [parser.can_fetch("any", path) for path in (*ARCHIVED, *OWN)] == [may] * len((*ARCHIVED, *OWN))


def test_replay_is_never_indexed(tmp_path: Path) -> None:
    with retrieving(tmp_path / "home", http={"indexing": "everything"}) as asked:
        assert asked.stage is not None
        address = asked.stage.address(asked.url, HOME, STAMP, language="en")
        origin = Retrieving(f"http://{urlsplit(address).netloc}", asked.service, [])
        shown, robots = origin.get(address.partition(origin.url)[2]), origin.get("/robots.txt")

    assert (shown[0], shown[1]["X-Robots-Tag"]) == (200, NOT_INDEXED)
    assert robots[2] == b"User-agent: *\nDisallow: /\n"
