"""Pages of known programs with other class names: posts are found by what repeats, and by the ids that are left."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.reading.renamed_classes import renamed
from extractor.forums.registry import read_thread
from extractor.html.page import Page

CASES = Path(__file__).parent / "cases"
AT = datetime(2026, 11, 24, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("case", "authors"),
    [
        ("discuz", ["ada", "boris", None, None, "ada"]),  # by links to people, as a theme keeps addresses and some ids
        ("flarum", ["ada", "boris", "chiyo", "ada"]),  # by its JSON
        ("lemmy", ["boris@far.example", "chiyo", "dana", "ada", "emil@far.example"]),  # its opener is like an article
        ("wordpress_program", ["chiyo", "chiyo", "farah", "boris", "boris"]),  # and none of the related articles
    ],
)
def test_the_authors_of_posts_are_read_without_class_names(case: str, authors: list[str | None]) -> None:
    url = json.loads((CASES / case / "expected.json").read_text("utf-8"))["url"]
    page = Page(url, (CASES / case / "page.html").read_bytes(), at=AT)

    thread = read_thread(replace(page, body=renamed(page.text).encode()))

    assert thread is not None
    assert [post.author for post in thread.posts] == authors


def test_entries_of_another_list_count_if_they_have_names() -> None:
    """Only an entry without number, name and a place among the posts is none: an opener may lack a number alone."""
    posts = "".join(
        f"<li id=post-{number}><a href=/user/p{number}>p{number}</a> <time>2024-03-0{number} 10:00</time>"
        f"<p>What the writer {number} says of the tide, at some length.</p></li>"
        for number in range(1, 5)
    )
    opener = posts.partition("</li>")[0].replace(" id=post-1", "") + "</li>"
    page = f"<h1>The tide</h1><ul>{opener}</ul><ul>{posts.partition('</li>')[2]}</ul>"

    thread = read_thread(Page("https://forum.example/topic/1", page.encode(), at=AT))

    assert thread is not None
    assert [post.author for post in thread.posts] == ["p1", "p2", "p3", "p4"]
