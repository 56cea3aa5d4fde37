"""E-mails for tests, as programs send them: in many encodings, with images inside."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from zlib import crc32

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)
"""An image of one pixel."""
SENT = datetime(2026, 1, 31, 9, 30, tzinfo=timezone(timedelta(hours=8)))
_PARAGRAPHS = (
    "The harbour was closed on Friday after a storm had moved the sand bank at its mouth by forty metres.",
    "Two ferries waited outside until the tide was high enough, and forty passengers were taken off by boat.",
    "The ministry says that dredging will begin on Monday and will take at least three weeks.",
)


def article(*, image: str = "", extra: str = "") -> str:
    """Return the HTML of a letter with three paragraphs."""
    paragraphs = "".join(f"<p>{one}</p>" for one in _PARAGRAPHS)
    return f"<html><body><h1>Harbour closed</h1>{image}{paragraphs}{extra}</body></html>"


def letter(
    subject: str = "Harbour closed",
    *,
    html: str | None = None,
    plain: str = "The harbour was closed on Friday.\n",
    images: int = 0,
    sender: str = "The Daily <daily@example.org>",
    more: dict[str, str] | None = None,
) -> bytes:
    """Return a letter with CRLF line ends. Its images have the Content-IDs `image1@example.org` and so on."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "Ann Reader <ann@reader.example>"
    message["Subject"] = subject
    message["Date"] = format_datetime(SENT)
    message["Message-ID"] = f"<{crc32(subject.encode()):08x}@example.org>"
    message["List-Unsubscribe"] = "<https://example.org/unsubscribe?token=c0ffee>"
    for name, value in (more or {}).items():
        message[name] = value
    message.set_content(plain)
    if html is not None:
        message.add_alternative(html, subtype="html")
        page = message.get_payload(1)
        assert isinstance(page, EmailMessage)
        for number in range(1, images + 1):
            page.add_related(PNG + bytes([number]), "image", "png", cid=f"<image{number}@example.org>")
    return message.as_bytes(policy=message.policy.clone(linesep="\r\n"))


def chinese() -> bytes:
    """Return a letter in GB18030, with a subject that is cut inside a character, as mailers of China send it."""
    subject = Header("港口因风暴关闭：两艘渡轮在外等候了整整一夜才得以进港靠岸", "gb18030", maxlinelen=60).encode()
    text = "港口周五因风暴关闭，沙洲移动了四十米。两艘渡轮在外等候，直到潮水足够高。交通部表示，疏浚工程将于周一开始。"
    html = f"<html><head><meta charset=gb2312></head><body><h1>港口关闭</h1><p>{text}</p><p>{text}</p></body></html>"
    return (
        b"From: =?gb18030?B?" + _b64("每日新闻") + b"?= <daily@example.cn>\r\n"
        b"Subject: " + subject.replace("\n", "\r\n").encode() + b"\r\n"
        b"Date: Sat, 31 Jan 2026 09:30:00 +0800\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n\r\n" + _b64(html)
    )


def japanese() -> bytes:
    """Return a letter in ISO-2022-JP, whose bytes are all below 128."""
    text = "港は金曜日に嵐のため閉鎖されました。".encode("iso-2022-jp")
    return (
        b"From: daily@example.jp\r\nSubject: =?ISO-2022-JP?B?" + _b64("港の閉鎖", "iso-2022-jp") + b"?=\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n\r\n" + text + b"\r\n"
    )


def _b64(text: str, encoding: str = "gb18030") -> bytes:
    from base64 import b64encode

    return b64encode(text.encode(encoding))
