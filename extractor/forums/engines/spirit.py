"""Spirit (`comment/_render_list.html`, `topic/_render_list.html`, `core/_paginator.html`)."""

from __future__ import annotations

import re
from dataclasses import replace

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import first
from extractor.forums.engine import Engine
from extractor.forums.quotations import quoted_name
from extractor.html.lines import in_one_line
from extractor.html.page import Page
from extractor.values.thread import Quote
from extractor.values.urls import Resolver

_SAID = re.compile(r"[^\n:：]{1,40}[:：]")


class _Spirit(Engine):
    def _numbers(self, page: Page) -> tuple[int | None, int | None]:
        """Parse ``Page 2 of 7``, or a pager with numbers."""
        said = re.findall(r"\d{1,6}", first(page.tree, (".paginator__pages",)) or "")
        return (int(said[0]), int(said[1])) if len(said) == 2 else super()._numbers(page)

    def quoted_author(self, quote: LexborNode) -> str | None:
        """Return the author whom the program names at the beginning of a quotation: ``@ann said:``."""
        label = _label_of(quote)
        return quoted_name(in_one_line(label[0])) if label else None

    def _quote(self, quote: LexborNode, resolver: Resolver) -> Quote:
        found = super()._quote(quote, resolver)
        said = "".join(node.text() for node in _label_of(quote)).strip()
        return replace(found, text=found.text.removeprefix(said).lstrip("\n ")) if said else found


def _label_of(quote: LexborNode) -> tuple[LexborNode, ...]:
    """Return the link to a person that begins a quotation, and the text behind it in its line, with a colon."""
    first = quote.css_first("p")
    link = first.first_child if first is not None else None
    after = link.next if link is not None and link.tag == "a" else None
    if link is None or after is None or not after.is_text_node or not link.text().startswith("@"):
        return ()
    written = (after.text_content or "").rstrip()
    return (link, after) if _SAID.fullmatch(written) else ()


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
