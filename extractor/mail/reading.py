"""Read an e-mail as a text: its HTML as an article, or else its plain text."""

from __future__ import annotations

from extractor.html.page import parse
from extractor.mail.message import Mail, Part
from extractor.values.urls import normalise

HTML = "text/html; charset=utf-8"
"""The type of the HTML that `html_of` returns."""


def html_of(mail: Mail) -> bytes | None:
    """Return the HTML of an e-mail in UTF-8; None if it has none."""
    return mail.html.text.encode("utf-8", "replace") if mail.html is not None else None


def plain_text(mail: Mail) -> str:
    """Return the plain text of an e-mail: a paragraph per line where the sender marked them, else its lines."""
    return "\n".join(line for part in mail.plain for line in _lines(part) if line)


def remote_images(mail: Mail) -> list[str]:
    """Return the URLs of images that the HTML loads from other servers, each once."""
    if mail.html is None:
        return []
    named = ((node.attributes.get("src") or "").strip() for node in parse(mail.html.text).css("img[src]"))
    return list(dict.fromkeys(filter(None, map(normalise, named))))


def dated(mail: Mail) -> str | None:
    """Return the Date as ISO 8601, in the zone that it gives; without one (``-0000``), as a date alone."""
    if mail.date is None:
        return None
    return mail.date.isoformat() if mail.date.tzinfo is not None else mail.date.date().isoformat()


def _lines(part: Part) -> list[str]:
    lines = part.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line.strip() for line in (_joined(lines) if part.flowed else lines)]


def _joined(lines: list[str]) -> list[str]:
    """Join lines that end in a space with the next one (RFC 3676, 4.1); a signature mark never is."""
    joined, open_line = list[str](), False
    for line in lines:
        if open_line and joined and not line.startswith(">"):
            joined[-1] += line
        else:
            joined.append(line)
        open_line = line.endswith(" ") and line != "-- "
    return joined
