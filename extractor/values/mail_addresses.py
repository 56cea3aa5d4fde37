"""Decode mail addresses that Cloudflare hides from programs.

``<a class="__cf_email__" data-cfemail="5a3b…">[email&#160;protected]</a>``: all other bytes are
XORed with the first one; a script of the page writes the address (`email-decode.min.js`).
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

_SIGN = "data-cfemail"
_LONGEST = 1_000
_MOST = 1_000


def hides_addresses(html: bytes) -> bool:
    return _SIGN.encode() in html


def show_addresses(tree: LexborHTMLParser) -> None:
    """Write each address into the page; invalid ones stay unchanged."""
    for node in tree.css(f"[{_SIGN}]")[:_MOST]:
        if address := revealed(node.attributes.get(_SIGN) or ""):
            node.inner_html = ""
            node.insert_child(address)


def revealed(hidden: str) -> str | None:
    """Decode an attribute; None if it is not an address."""
    try:
        key, *content = bytes.fromhex(hidden[:_LONGEST])
        address = bytes(octet ^ key for octet in content).decode("utf-8")
    except ValueError:
        return None
    return address if "@" in address and address.isprintable() and " " not in address else None
