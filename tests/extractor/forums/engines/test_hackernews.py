"""Hacker News pages with foreign rows."""

from __future__ import annotations

from extractor.forums.registry import read_thread
from extractor.html.page import Page

URL = "https://news.ycombinator.com/item?id=1"


def row(name: str, indent: int, said: str) -> str:
    cells = f"<td class=ind indent={indent}></td><td><div class=commtext>{said}</div></td>"
    return f"<tr class='athing comtr'{name}>{cells}</tr>"


def test_a_row_without_an_id_is_not_a_post_and_does_not_shift_others() -> None:
    rows = row(" id=2", 0, "The ferry waits.") + row("", 7, "Buy a ferry.") + row(" id=3", 1, "For the tide.")

    thread = read_thread(Page(URL, f"<body id=hnmain><table>{rows}</table></body>".encode()))

    assert thread is not None
    assert [(post.id, post.answers) for post in thread.posts] == [("2", None), ("3", "2")]
