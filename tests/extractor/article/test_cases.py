"""Saved pages with the markup of real themes, and the expected results. Each case is a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extractor.article.blocks import blocks_of
from extractor.forums.registry import read_thread
from extractor.html.page import Page
from extractor.metadata.page_facts import known
from extractor.reading import extract
from extractor.values.text import EXTRACTOR, VERSION

CASES = sorted(path for path in (Path(__file__).parents[1] / "cases").iterdir() if path.is_dir())
FIELD = "Please enter your name here"
FORMS = [folder.name for folder in CASES if folder.name.startswith("comment_fields")]


def read_case(folder: Path) -> tuple[Page, dict[str, Any]]:
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return Page(expected["url"], (folder / "page.html").read_bytes(), expected.get("content_type")), expected


@pytest.fixture(params=CASES, ids=lambda folder: folder.name)
def case(request: pytest.FixtureRequest) -> tuple[Page, dict[str, Any]]:
    return read_case(request.param)


def test_a_saved_page_is_read_as_expected(case: tuple[Page, dict[str, Any]]) -> None:
    page, expected = case

    text = extract(page)

    assert text is not None
    assert (text.text.split("\n") if text.text else None) == expected["text"]
    assert (text.title, list(text.authors), text.language) == (
        expected["title"],
        expected["authors"],
        expected["language"],
    )
    assert (text.date, text.modified) == (expected["date"], expected.get("modified"))


def test_each_field_has_its_origin(case: tuple[Page, dict[str, Any]]) -> None:
    page, expected = case

    text = extract(page)

    if text is not None:
        named = {"title", "date", "modified", "language"}
        filled = {name for name in (*named, "text") if getattr(text, name)} | ({"author"} if text.authors else set())
        filled |= {name for name, _ in known(text.about)}
        assert set(text.origins) == filled
        assert expected["origins"].items() <= text.origins.items()


def test_a_text_names_its_extractor_and_version() -> None:
    page, _ = read_case(CASES[0])

    text = extract(page)

    assert text is not None
    assert (text.extractor, text.version.split("+")[0]) == (EXTRACTOR, VERSION)
    assert text.version.split("+")[1].startswith("blocks-")


def test_a_page_without_a_text_still_has_title_author_and_date() -> None:
    head = "<title>The ferry</title><meta name=author content='Ada Quist'><meta name=date content=2026-03-04>"

    text = extract(Page("https://e.org/", f"<html lang=en>{head}<body></body></html>".encode()))

    assert text is not None
    assert (text.title, text.authors, text.date, text.language) == ("The ferry", ("Ada Quist",), "2026-03-04", "en")
    assert (text.text, text.markdown, text.thread, text.version) == ("", None, None, VERSION)


def test_all_of_a_page_except_menus_is_its_text_if_the_model_is_unsure() -> None:
    headlines = [f"The ferry waits for tide number {number}" for number in range(9)]
    listed = "".join(f"<li><a href=/{number}>{line}</a>" for number, line in enumerate(headlines))

    text = extract(Page("https://e.org/", f"<body><nav><a href=/>Home</a></nav><ul>{listed}</ul></body>".encode()))

    assert text is not None
    assert text.text.split("\n") == [f"- {line}" for line in headlines]
    assert text.markdown is not None
    assert text.markdown.startswith(f"- [{headlines[0]}](https://e.org/0)")


def test_a_page_without_text_and_metadata_gives_nothing() -> None:
    assert extract(Page("https://e.org/", b"<html lang=en><body></body></html>")) is None


@pytest.mark.parametrize("name", FORMS)
def test_the_fields_of_a_comment_form_are_not_blocks(name: str) -> None:
    page, _ = read_case(Path(__file__).parents[1] / "cases" / name)

    assert any(FIELD in line for line, _ in page.lines)
    assert not any(FIELD in block for block in blocks_of(page).texts)


def test_posts_under_an_article_are_comments_and_not_its_text() -> None:
    page, expected = read_case(Path(__file__).parents[1] / "cases" / "comments_like_a_thread")

    text, taken_for_a_thread = extract(page), read_thread(page)

    assert taken_for_a_thread is not None
    assert text is not None
    assert text.thread == taken_for_a_thread
    assert text.text.split("\n") == expected["text"]
    assert not any(line in taken_for_a_thread.text for line in expected["text"])


COMMENT = """<li id="comment-{0}" class="comment depth-1">
<time datetime="2026-03-0{1}T08:00:00Z"><a href="#comment-{0}">March {1}</a></time>
<div class="wp-block-comment-author-name">reader{0}</div>
<div class="wp-block-comment-content"><p>The ferry of day {1} came {0} minutes late, and nobody said why.</p></div>
</li>"""
ENTRY = """<!doctype html><meta charset=utf-8><title>The ferry</title><body class="single single-post">
<main><h1>The ferry</h1>
<div class="meta"><p>Written by</p><div class="name"><a href="/author/ada">ada</a></div><p>in</p>
<div><a href="/c/sea" rel="tag">Sea</a></div></div><div class="{called}"><p>{said}</p></div>
<nav aria-label="Post navigation"><a href="/a" rel="prev">An older one 155</a>
<a href="/b" rel="next">A newer one</a></nav>
<div class="wp-block-comments"><h3 id="comments">Responses</h3><ol class="wp-block-comment-template">{listed}</ol></div>
</main><footer><h2>More posts</h2><ul><li><a href="/c">A third one</a></li></ul></footer>"""


def themed(called: str, said: str, comments: int = 0) -> Page:
    """Make a page with a very short entry, as a block theme shows it."""
    listed = "".join(COMMENT.format(number, number % 9 + 1) for number in range(comments))
    return Page("https://a.example/ferry", ENTRY.format(called=called, said=said, listed=listed).encode())


def test_the_marked_content_of_an_entry_is_the_text_if_the_model_is_unsure() -> None:
    said = 'ferry tide &amp; <a href="/x">harbour pilot buoy</a>'
    named, nameless = extract(themed("entry-content wp-block-post-content", said)), extract(themed("box", said))

    assert named is not None
    assert nameless is not None
    assert named.text == "ferry tide & harbour pilot buoy"
    assert nameless.text != named.text


def test_many_comments_under_a_line_do_not_become_the_text() -> None:
    text = extract(themed("entry-content", "tide pilot buoy 论坛 panel", 60))

    assert text is not None
    assert text.text == "tide pilot buoy 论坛 panel"
    assert text.thread is not None
    assert len(text.thread.posts) == 60


def test_reading_twice_gives_the_same_text(case: tuple[Page, dict[str, Any]]) -> None:
    page, _ = case

    assert extract(page) == extract(Page(page.url, page.body, page.content_type))
