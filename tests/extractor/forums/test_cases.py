"""Pages that engines or their templates made from our threads, and their content. Each case is a folder.

`made` says from which templates the page was made, and how; the expected result was written from the content.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from extractor.forums.registry import forum_links, read_comments, read_thread
from extractor.html.page import Page
from extractor.values.thread_json import thread_json

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())
BOARDS = sorted(path for path in (Path(__file__).parent / "boards").iterdir() if path.is_dir())
AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_content_of_a_page_is_read(case: Path) -> None:
    told = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    expected: dict[str, Any] = told["thread"]
    saved = next(case.glob("page.*"))
    kind = "application/json" if saved.suffix == ".json" else "text/html"
    page = Page(told["url"], saved.read_bytes(), f"{kind}; charset=utf-8")

    thread = read_comments(page, AT) if expected["engine"] == "wordpress" else read_thread(page, AT)

    assert thread is not None
    read = json.loads(json.dumps(thread_json(thread)))
    assert [known(post, like) for post, like in zip(read["posts"], expected["posts"], strict=True)] == expected["posts"]
    assert {name: read.get(name) for name in expected if name != "posts"} == {
        name: value for name, value in expected.items() if name != "posts"
    }


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_the_threads_of_a_board_are_listed(board: Path) -> None:
    told = json.loads((board / "expected.json").read_text(encoding="utf-8"))
    page = Page(told["url"], (board / "page.html").read_bytes(), "text/html; charset=utf-8")

    links = forum_links(page, AT)

    assert links is not None
    assert [
        {"url": thread.url, "title": thread.title, "replies": thread.replies, "last_post": thread.last_post}
        for thread in links.threads
    ] == told["threads"]
    assert links.next == told["next"]
    assert list(links.boards) == told.get("boards", [])


def known(post: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a post that are expected. A quotation is compared as far as the page has it."""
    found = {name: post.get(name) for name in like}
    if "at" in found:  # forum software shows minutes, some without a zone
        date = datetime.fromisoformat(post["date"])
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        found["at"] = like["at"] if abs((date - datetime.fromisoformat(like["at"])).total_seconds()) < 60 else date
    if "quotes" in found:
        found["quotes"] = [
            {name: quote.get(name) for name in expected}
            for quote, expected in zip(post["quotes"], like["quotes"], strict=True)
        ]
    return found


def test_each_case_says_how_it_was_made() -> None:
    for case in (*CASES, *BOARDS):
        told = json.loads((case / "expected.json").read_text(encoding="utf-8"))
        assert told["made"] and (told.get("threads") or told.get("boards") or told["thread"]["posts"]), case.name
