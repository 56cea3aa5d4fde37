"""Public channels of Telegram on a local site: their pages for the web, and the page of each post.

The markup is that of Telegram's widgets (https://core.telegram.org/widgets/post) with our own texts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import parse_qs, urlsplit

from crawling.site import NOT_FOUND, Asked, Reply, Site

BEGAN = datetime(2026, 11, 1, 8, tzinfo=UTC)
A_PAGE = 20


@dataclass
class Message:
    text: str
    picture: str | None = None
    forwarded: tuple[str, str] | None = None
    """The name and the address of where it is from."""
    answers: int | None = None
    edited: bool = False


@dataclass
class Channel:
    """The page of the channel shows the latest posts, the newest last, with a link to the ones before."""

    site: Site
    name: str = "harbour_news"
    messages: dict[int, Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.site.otherwise = self.answer

    def post(self, text: str, **more: object) -> int:
        number = max(self.messages, default=0) + 1
        self.messages[number] = Message(text, **more)  # type: ignore[arg-type]
        return number

    def answer(self, asked: Asked) -> Reply:
        parts = urlsplit(asked.path)
        query = parse_qs(parts.query)
        match [part for part in parts.path.split("/") if part]:
            case ["s", name] if name == self.name:
                return Reply(body=self._page(int(query.get("before", [str(1 << 60)])[0])))
            case [name, number] if name == self.name and "embed" in query:
                return Reply(body=self._widget(int(number)))
            case ["file", _]:
                return Reply(body=b"picture", type="image/jpeg")
        return NOT_FOUND

    def _page(self, before: int) -> str:
        numbers = [number for number in sorted(self.messages) if number < before]
        shown = numbers[-A_PAGE:]
        older = (
            f'<div class="tgme_widget_message_centered js-messages_more_wrap"><a data-before="{shown[0]}"'
            f' class="tme_messages_more js-messages_more" href="/s/{self.name}?before={shown[0]}"></a></div>'
            if len(numbers) > len(shown)
            else ""
        )
        messages = "".join(
            f'<div class="tgme_widget_message_wrap js-widget_message_wrap">{self._message(number)}</div>'
            for number in shown
        )
        return _html(
            '<header class="tgme_header"><div class="tgme_channel_info_header_title">Harbour</div></header>'
            f'<main class="tgme_main"><section class="tgme_channel_history js-message_history">{older}{messages}'
            "</section></main>"
        )

    def _widget(self, number: int) -> str:
        if number not in self.messages:
            return _html('<div class="tgme_widget_message_error">Post not found</div>')
        return _html(self._message(number))

    def _message(self, number: int) -> str:
        message, at = self.messages[number], BEGAN + timedelta(hours=number)
        address, channel = f"{self.site.url}/{self.name}/{number}", f"{self.site.url}/{self.name}"
        return (
            '<div class="tgme_widget_message text_not_supported_wrap js-widget_message"'
            f' data-post="{self.name}/{number}"><div class="tgme_widget_message_bubble">'
            '<div class="tgme_widget_message_author accent_color">'
            f'<a class="tgme_widget_message_owner_name" href="{channel}"><span dir="auto">Harbour news</span></a></div>'
            f"{_forwarded(message)}{_reply(message, channel)}{_photo(message, address)}{_text(message)}"
            '<div class="tgme_widget_message_footer compact js-message_footer"><div class="tgme_widget_message_info">'
            f'<span class="tgme_widget_message_views">{number}.4K</span><span class="tgme_widget_message_meta">'
            f"{'edited' if message.edited else ''}"
            f'<a class="tgme_widget_message_date" href="{address}">'
            f'<time datetime="{at:%Y-%m-%dT%H:%M:%S+00:00}" class="time">{at:%H:%M}</time></a></span>'
            "</div></div></div></div>"
        )


def _forwarded(message: Message) -> str:
    if message.forwarded is None:
        return ""
    name, link = message.forwarded
    return (
        '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from '
        f'<a class="tgme_widget_message_forwarded_from_name" href="{link}"><span dir="auto">{name}</span></a></div>'
    )


def _reply(message: Message, channel: str) -> str:
    if message.answers is None:
        return ""
    return (
        f'<a class="tgme_widget_message_reply user-color-default" href="{channel}/{message.answers}">'
        '<div class="tgme_widget_message_author accent_color">'
        '<span class="tgme_widget_message_author_name">Harbour</span></div>'
        '<div class="tgme_widget_message_text js-message_reply_text" dir="auto">Beginning …</div></a>'
    )


def _photo(message: Message, address: str) -> str:
    if message.picture is None:
        return ""
    return (
        f'<a class="tgme_widget_message_photo_wrap 5199 1210" href="{address}" style="width:600px;'
        f'background-image:url(\'{message.picture}\')"><div class="tgme_widget_message_photo"></div></a>'
    )


def _text(message: Message) -> str:
    if not message.text:
        return ""
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{escape(message.text)}</div>'


def _html(body: str) -> str:
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Telegram Widget</title></head>'
        f'<body class="widget_frame_base tgme_webpreview emoji_default">{body}</body></html>'
    )
