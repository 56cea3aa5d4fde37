"""Archived URLs at the end of our own: `/snapshot/20260131120000/https://example.org/?a=b`."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

SAFE = "%/:?&=+,;@!$*'()~[]"
"""Characters that stay unchanged in them, besides letters, digits and ``-._``."""
_URL = re.compile(r"(https?://[^/?#\s]*)([^\s]*)")
_OTHER_THAN_ASCII = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f]|[^\x00-\x7f])+")
_SHOWN = frozenset({"Ll", "Lu", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd", "Nl", "No", "Po", "Ps", "Pe", "Pd", "Pi", "Pf"})
"""The categories of characters that are decoded: letters, their marks, digits and punctuation."""
_FROM_RIGHT = frozenset({"R", "AL", "AN"})
"""Right-to-left scripts stay encoded: they would reverse the text beside them."""
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Invisible letters and marks (Default_Ignorable_Code_Point)."""


def link(url: str) -> str:
    """Return `url` as the end of a path of ours: unchanged except for what would end the path or is not ASCII."""
    return quote(url, safe=SAFE)


def readable(text: str | None) -> str:
    """Return `text` with readable URLs, for display only: letters percent-encoded as UTF-8 are decoded.

    ASCII stays unchanged, and so do invisible, control and bidirectional characters and the host.
    """
    if not text or "://" not in text:
        return text or ""
    return _URL.sub(lambda url: url[1] + _OTHER_THAN_ASCII.sub(_decoded, url[2]), text)


def _decoded(found: re.Match[str]) -> str:
    encoded = bytearray()
    for piece in re.findall(r"%..|.", found[0], re.DOTALL):
        encoded += bytes.fromhex(piece[1:]) if piece[0] == "%" else piece.encode("utf-8", "surrogatepass")
    letters = encoded.decode("utf-8", "surrogateescape")
    return "".join(one if _is_shown(one) else quote(one.encode("utf-8", "surrogateescape")) for one in letters)


def _is_shown(character: str) -> bool:
    category, direction = unicodedata.category(character), unicodedata.bidirectional(character)
    return category in _SHOWN and direction not in _FROM_RIGHT and not _UNSEEN.match(character)
