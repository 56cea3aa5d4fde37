"""A page of a forum that nobody wrote on is unchanged: tokens, clocks and counters are noise, for each engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extractor.html.page import Page
from extractor.links.signature import signature

HERE = Path(__file__).parent
SAVED = sorted(
    path for kind in ("cases", "boards") for path in (HERE / kind).iterdir() if (path / "page.html").exists()
)
NOISE = (
    '<form action="post.php?formhash={token}"><input type=hidden name=csrf value={token}></form>',
    '<a href="misc.php?action=markread&amp;my_post_key={token}">Mark as read</a>',
    '<meta name="csrf-token" content="{token}"><script>var token = "{token}"; var now = {number};</script>',
    "<p>It is currently {clock}</p>",
    "<p>There are {number} users online: {number} members and {number} guests</p>",
    "<p>在线 {number} 人，浏览 {number} 次，{ago}</p>",
    "<p>Page generated in 0.{number} seconds with {number} queries</p>",
    "<p>Last visit: {day} 10:0{number} pm, {when}</p>",
)
FIRST = {"token": "b3c4d5e6", "number": "3", "clock": "Mon Nov 30, 2026 9:22 pm", "ago": "刚刚"}
FIRST |= {"when": "3 minutes ago", "day": "Today"}
SECOND = {"token": "00ff00ff", "number": "7", "clock": "Tue Dec 01, 2026 10:05 am", "ago": "2 小时前"}
SECOND |= {"when": "2 hours ago", "day": "Yesterday"}


@pytest.mark.parametrize("case", SAVED, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_page_with_other_tokens_clocks_and_counters_is_unchanged_and_with_another_word_is_not(case: Path) -> None:
    url = json.loads((case / "expected.json").read_text("utf-8"))["url"]
    html = (case / "page.html").read_text("utf-8")

    def served(noise: dict[str, str], word: str = "") -> str:
        foot = "".join(NOISE).format(**noise) + word
        return signature(Page(url, html.replace("</body>", f"{foot}</body>").encode(), "text/html; charset=utf-8"))

    assert "</body>" in html
    assert served(FIRST) == served(SECOND)
    assert served(FIRST) != served(SECOND, "<p>glacier")
