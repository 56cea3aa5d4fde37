"""Spirit (`comment/_render_list.html`, `topic/_render_list.html`, `core/_paginator.html`)."""

from __future__ import annotations

import re

from extractor.forums.element_text import first
from extractor.forums.engine import Engine
from extractor.html.page import Page


class _Spirit(Engine):
    def _numbers(self, page: Page) -> tuple[int | None, int | None]:
        """Parse ``Page 2 of 7``, or a pager with numbers."""
        said = re.findall(r"\d{1,6}", first(page.tree, (".paginator__pages",)) or "")
        return (int(said[0]), int(said[1])) if len(said) == 2 else super()._numbers(page)


SPIRIT = _Spirit(
    name="spirit",
    sign=".comments_list .js-comment-text,.layout__topics .topic__link,.layout__topics > .topic__title",
    post=".comments_list__comment.js-comment",
    body=(".js-comment-text", ".comment__text"),
    author=(".comment__info__username__link > span", ".comment__info__username__link"),
    time=(".comment__info__date > li[title]", ".comment__info__date > li:last-child"),
    id=("@data-pk",),
    title=("h1.headline",),
    board=(".breadcrumb_nav a",),
    pager=".comments__footer_menu__paginator .paginator,.paginator",
    current=(".paginator__button > span",),
    next=".paginator__button a:has(.fa-chevron-right)",
    later=((r"([?&])page=\d+&?", r"\1"), (r"[?&]$", "")),
    row=".layout__topics__topic",
    thread_link="a.topic__link",
    replies=(".topic__comments",),
    last_post=(".topic__date",),
    board_link=".layout__categories a,.categories__category a",
)
