"""Kunena, the forum of Joomla, 5 and 6 (`message/item`, `topic/item`, `topic/row`, `category/index` of its layouts)."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import number_in
from extractor.forums.engine import Engine
from extractor.html.lines import own_line
from extractor.html.page import Page


class _Kunena(Engine):
    def title_of(self, page: Page) -> str | None:
        """Return the title, after a label of the kind of topic."""
        heading = page.tree.css_first(".kunena-topic-item > h1")
        return own_line(heading) or None if heading is not None else super().title_of(page)

    def score_of(self, post: LexborNode) -> int | None:
        """Count the named users who thanked, and the number of others."""
        thanks = post.css_first(".kmessage-thankyou")
        if thanks is None:
            return None
        return len(thanks.css("[class*=kwho-]")) + (number_in(thanks.text(deep=False)) or 0)

    def file_name_of(self, attachment: LexborNode) -> str | None:
        return attachment.attrs.get("title") or super().file_name_of(attachment)


KUNENA = _Kunena(
    name="kunena",
    sign=".mykmsg-header,tr[class^=category] a.topictitle,.kfrontend tr[id^=category]",
    post="div.message:has(.mykmsg-header)",
    body=(".mykmsg-header + .kmsg", ".mykmsg-header + * > .kmsg", ":not(.mykmsg-header) > .kmsg"),
    author=(".mykmsg-header [class*=kwho-]", "[class*=profile] [class*=kwho-]", "[class*=profile] strong"),
    time=("small .kdate",),
    id=("small a[id]@id",),
    permalink=(".mykmsg-header a.topictitle@href",),
    quote_author=(".kmsgtext-quote + div > a",),
    quote_label="blockquote > .kmsgtext-quote:empty + div,blockquote > .kmsgtext-quote + div:has(> a > i)",
    quote_link=(".kmsgtext-quote + div > a@href",),
    quoted_post=r"(?:#|mesid=)(\d+)",
    attachment=".kattach .thumbnail a[href]",
    title=("h1",),
    board=(".mod-kunena-breadcrumbs__item:nth-last-child(2) a",),
    pager="ul.pagination",
    current=("ul.pagination .active a",),
    next="link[rel=next],nav.d-none ul.pagination li:nth-last-child(2) a[href]",
    later=((r"([?&])(?:limit)?start=\d+&?", r"\1"), (r"[?&]$", "")),
    row="tr[class^=category]:has(a.topictitle)",
    thread_link="a.topictitle",
    replies=(".repliesnum",),
    last_post=(".datepost",),
    board_link="tr[id^=category] h3 > a,tr[id^=category] .list-inline li > a",
)
