"""Pages in the shapes of WordPress themes: each shows what a reader has to find."""

from __future__ import annotations

from itertools import islice

import pytest
from jinja2 import UndefinedError

from benchmarks.reading.programs.marks import mark
from benchmarks.reading.programs.program import BuiltPage
from benchmarks.reading.programs.wordpress_themes import APART, SHAPES, THEMES, themed_pages
from benchmarks.reading.programs.written import texts
from extractor.html.page import Page


def pages(language: str) -> list[BuiltPage]:
    return list(themed_pages([text for text in texts() if text.name == f"{language}-ferry"]))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_shape_shows_the_text_its_author_its_day_and_the_comments(language: str) -> None:
    found = pages(language)

    assert [page.program.theme for page in found] == list(THEMES)
    assert sum(page.program.apart for page in found) == len(APART) >= len(THEMES) / 10
    for page in found:
        shown = Page(page.url, page.html).words
        assert all(line in shown for block in page.text.blocks for line in block.lines), page.program.theme
        assert page.text.title in shown and page.author in page.html.decode(), page.program.theme
        assert all(post["body"] in shown and post["author"] in shown for post in page.posts), page.program.theme


NO_POSTS = {"puock"}
"""Themes whose comments have neither the names nor the ids of WordPress."""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_reader_finds_them_in_each_known_shape(language: str) -> None:
    known = [page for page in pages(language) if not page.program.apart]
    found = {page.program.theme: mark(page) for page in known}

    wrong = {
        theme: figure
        for theme, one in found.items()
        for figure, value in one.right.items()
        if value < 1 and not (theme in NO_POSTS and figure in ("posts", "date", "author"))
    }
    assert wrong == {}
    assert {theme for theme, one in found.items() if one.text.f1 < 0.97} == set()


def test_a_shape_with_a_name_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="autor"):
        SHAPES.from_string("<b>{{ autor }}</b>").render(author="Ada Holm")


def test_a_page_without_its_comments_has_a_mark_of_zero_for_them() -> None:
    page = next(islice(themed_pages(texts(), ["twentytwelve", "generatepress"]), 1))
    bare = page.html.replace(b'id="comment-', b'id="x-').replace(b"comment", b"box")

    assert mark(page).right["posts"] == 1.0
    assert mark(BuiltPage(page.program, page.text, bare, page.author, page.posts)).right["posts"] == 0.0
