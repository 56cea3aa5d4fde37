"""Telegram: the pages of public channels (`t.me/s/CHANNEL`), and the page of one post (`?embed=1`).

Source: the markup of Telegram's widgets, https://core.telegram.org/widgets/post.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import first, name_at
from extractor.forums.engine import Engine
from extractor.forums.social.json_pages import title_of
from extractor.html.page import Page
from extractor.values.thread import ForumLinks, Post, Quote, Thread, ThreadLink
from extractor.values.urls import Resolver

_CHANNEL = ".tgme_channel_history"
_MESSAGE = ".tgme_widget_message[data-post]"
_POST = re.compile(r"[\w-]+/\d+")
_PICTURE = re.compile(r"background-image:\s*url\(['\"]?([^'\")]+)", re.IGNORECASE)
_FORWARDED = "tgme_widget_message_forwarded_from"


class _Telegram(Engine):
    def has_posts(self, page: Page) -> bool:
        return bool(list(self._posts(page)))

    def home(self, page: Page) -> str:
        return page.url

    def thread(self, page: Page, at: datetime | None = None) -> Thread | None:
        """Return the post of a page. The page of a channel is a list of posts, each with a page of its own."""
        thread = super().thread(page, at)
        return thread and replace(thread, title=title_of(thread.posts[0].text), page=1, pages=1, next=None)

    def links(self, page: Page, at: datetime | None = None) -> ForumLinks:
        if page.tree.css_first(_CHANNEL) is None:
            return ForumLinks(home=page.url, page=1, pages=1)
        resolver = Resolver(page.url)
        older = first(page.tree, ("a.tme_messages_more[data-before]@href", "link[rel=prev]@href"))
        return ForumLinks(
            threads=tuple(reversed(list(self._threads(page, resolver, at)))),
            next=resolver(older) if older else None,
        )

    def _threads(self, page: Page, resolver: Resolver, at: datetime | None) -> Iterator[ThreadLink]:
        """Yield the posts of a page of a channel, in its order: the newest is the last."""
        messages = [node for node in page.tree.css(f"{_CHANNEL} {_MESSAGE}") if _POST.fullmatch(_name(node))]
        dates = self._times([self.time_of(node) for node in messages], page, at)
        for node, date in zip(messages, dates, strict=True):
            if url := resolver(f"/{_name(node)}?embed=1&mode=tme"):
                yield ThreadLink(url, title_of(first(node, self.body[:1]) or "") or "", None, date)

    def _posts(self, page: Page) -> Iterator[tuple[LexborNode, LexborNode]]:
        return super()._posts(page) if page.tree.css_first(_CHANNEL) is None else iter(())

    def _post(self, node: LexborNode, body: LexborNode, date: str | None, resolver: Resolver) -> Post:
        """Read a post. What was forwarded is a quotation of the channel or person that it is from."""
        post = super()._post(node, body, date, resolver)
        source = name_at(node, (f".{_FORWARDED}_name",))
        if not source:
            return post
        cited = Quote(post.text, author=source, url=resolver(first(node, (f".{_FORWARDED}_name@href",)) or ""))
        return replace(post, quotes=(cited, *post.quotes), own="")

    def address_of(self, attachment: LexborNode) -> str | None:
        """Return the address of a picture, which is in the style of its link, or that of a film or sound."""
        styled = _PICTURE.search(attachment.attrs.get("style") or "")
        return styled[1] if styled else attachment.attrs.get("src")

    def file_name_of(self, attachment: LexborNode) -> str | None:
        return None


def _name(message: LexborNode) -> str:
    """Return ``channel/number``."""
    return message.attrs.get("data-post") or ""


TELEGRAM = _Telegram(
    name="telegram",
    sign=_MESSAGE,
    post=_MESSAGE,
    body=(".tgme_widget_message_text.js-message_text", ".tgme_widget_message_bubble"),
    author=(".tgme_widget_message_from_author", ".tgme_widget_message_owner_name"),
    time=(".tgme_widget_message_date time", "time[datetime]"),
    id=("@data-post",),
    id_pattern=r"\d+$",
    permalink=(".tgme_widget_message_date@href",),
    dropped=".tgme_widget_message_author,.tgme_widget_message_footer,.tgme_widget_message_reply,"
    f".{_FORWARDED},.tgme_widget_message_inline_keyboard,.message_media_not_supported_wrap",
    attachment=".tgme_widget_message_photo_wrap,.tgme_widget_message_video_thumb,.tgme_widget_message_video,"
    ".tgme_widget_message_roundvideo,.tgme_widget_message_voice",
    answers=(".tgme_widget_message_reply@href",),
    board=(".tgme_widget_message_owner_name",),
)
