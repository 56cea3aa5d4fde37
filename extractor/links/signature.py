"""Compute a short signature of a page's text; numbers, times and counters don't affect it."""

from __future__ import annotations

import re
from hashlib import blake2b

from extractor.html.page import Page

_UNSAID = ("script", "style", "noscript", "template")
_FOLDED = re.compile(
    r"[\d\s.,:;/'()-]+|\b(?:seconds?|minutes?|mins?|hours?|days?|weeks?|months?|years?|ago|just now|moments?|"
    r"yesterday|today)\b|刚刚|昨天|前天|今天|秒|分钟|小时|[天周月年]?前",
    re.IGNORECASE,
)


def signature(page: Page) -> str:
    """Return 16 hexadecimal digits of the visible text, ignoring numbers and the words around times."""
    tree = page.tree.clone()
    tree.strip_tags(list(_UNSAID))
    text = tree.body.text(separator=" ") if tree.body is not None else page.text
    return blake2b(_FOLDED.sub(" ", text).lower().encode("utf-8", "replace"), digest_size=8).hexdigest()
