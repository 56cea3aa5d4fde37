"""Show an e-mail as a page: who wrote it, about what and when, and its HTML, or else its plain text.

The recipients are not shown, nor the other header fields, which may hold addresses and tokens of a person.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from markupsafe import Markup, escape

from extractor.html.page import parse
from extractor.mail.message import Mail, read_mail
from extractor.mail.reading import plain_text
from pressmark.http.stage.addresses import AddressOf
from pressmark.replay.html import rewrite_html

_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"})
_LONGEST = 16 << 20
"""Bytes of HTML, and of all images inside it."""
_REFERENCES = ("src", "background")
_HEAD = (
    "all: initial; display: block; font: 1rem/1.5 system-ui, sans-serif; color: #111; background: #f3f3f0; "
    "padding: .75rem 1rem; margin: 0 0 1rem; overflow-wrap: anywhere"
)


def rewrite_mail(octets: bytes, url: str, address_of: AddressOf) -> str:
    """Return an e-mail as a page without scripts; images inside it are shown, others only if they are archived."""
    mail = read_mail(octets)
    if mail.html is None:
        said = Markup('<pre style="white-space: pre-wrap; font: inherit">{}</pre>').format(plain_text(mail))
        return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{_head(mail)}{said}</body></html>'
    tree = parse(mail.html.text[:_LONGEST])
    inside = dict(_inside(mail))
    for name in _REFERENCES:
        for node in tree.css(f"[{name}]"):
            if found := inside.get((node.attributes.get(name) or "").strip()):
                node.attrs[name] = found
    if tree.body is not None:
        tree.body.inner_html = _head(mail) + (tree.body.inner_html or "")
    return rewrite_html(tree.html or "", url, "utf-8", address_of)


def _inside(mail: Mail) -> Iterator[tuple[str, str]]:
    """Yield the references to images inside an e-mail (RFC 2392, RFC 2557), with their bytes as ``data:`` URLs."""
    room = _LONGEST
    for part in mail.images:
        room -= len(part.body)
        if part.mime in _SHOWN and room > 0:
            data = f"data:{part.mime};base64,{b64encode(part.body).decode()}"
            if part.content_id:
                yield f"cid:{part.content_id}", data
            if part.location:
                yield part.location, data


def _head(mail: Mail) -> str:
    facts = {
        "From": "; ".join(mail.senders),
        "Subject": mail.subject,
        "Date": mail.date.isoformat(" ") if mail.date else "",
        "List-Id": mail.listed,
    }
    lines = (f"<div><b>{name}:</b> {escape(value)}</div>" for name, value in facts.items() if value)
    return f'<div lang="en" style="{_HEAD}">{"".join(lines)}</div>'
