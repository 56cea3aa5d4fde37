"""The threads of a board or an index are its own, at the address of the page that shows them."""

from __future__ import annotations

import json

import pytest

from extractor.forums.registry import forum_links
from extractor.html.page import Page

INDEX = (
    "<div id=punindex class=pun><div class=blocktable><table><tr class=rowodd><td class=tcl><div class=tclcon>"
    "<h3><a href='viewforum.php?id=1'>General</a></h3>{0}</div><td class=tc2>10<td class=tcr>"
    "<a href='viewtopic.php?pid=99#p99'>2024-01-02 10:00:00</a></table></div></div>"
)
DESCRIPTION = "<div class=forumdesc>Read the <a href='{0}'>rules of this board</a> first</div>"


def threads_of(url: str, html: str) -> list[str]:
    links = forum_links(Page(url, html.encode(), "text/html; charset=utf-8"))
    assert links is not None
    return [thread.url for thread in links.threads]


@pytest.mark.parametrize(
    "part",
    [
        DESCRIPTION.format("/rules.html"),
        DESCRIPTION.format("viewtopic.php?id=7"),
        "<p class=modlist>(<em>Moderated by</em> <a href='profile.php?id=2'>ada</a>)</p>",
    ],
)
def test_links_beside_a_board_of_fluxbb_are_no_threads(part: str) -> None:
    assert threads_of("https://forum.example/index.php", INDEX.format(part)) == []


def test_other_links_of_a_row_of_fluxbb_are_threads() -> None:
    row = "<a href=topic7.html>Who pays?</a>"

    assert threads_of("https://forum.example/forum1.html", INDEX.format(row)) == ["https://forum.example/topic7.html"]


FLARUM = "<div id=flarum-content>{0}</div><script id=flarum-json-payload type=application/json>{1}</script>"
DISCUSSIONS = {"data": [{"type": "discussions", "id": "7", "attributes": {"slug": "7-who", "title": "Who pays?"}}]}


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ("http://old.example", ""),
        ("http://old.example/", ""),
        ("http://old.example/forum", "/forum"),
        ("http://old.example/forum/", "/forum"),
        ("https://old.example//other.example", "/other.example"),
        ("//other.example/forum", "/forum"),
        ("/forum", "/forum"),
        ("http://[", ""),
        ("javascript:alert(1)", ""),
        (None, ""),
    ],
)
def test_threads_of_flarum_are_on_the_host_of_their_page(said: str | None, path: str) -> None:
    payload = {"resources": [{"attributes": {"baseUrl": said}}], "apiDocument": DISCUSSIONS}

    found = threads_of("https://forum.example/", FLARUM.format("", json.dumps(payload)))

    assert found == [f"https://forum.example{path}/d/7-who"]


@pytest.mark.parametrize("link", ["/forum/d/7-who", "http://old.example/forum/d/7-who", "forum/d/7-who"])
def test_without_a_base_flarum_is_in_the_folder_of_its_links(link: str) -> None:
    html = FLARUM.format(f"<ul><li><a href='{link}'>Who?</a></ul>", json.dumps({"apiDocument": DISCUSSIONS}))

    assert threads_of("https://forum.example/", html) == ["https://forum.example/forum/d/7-who"]
