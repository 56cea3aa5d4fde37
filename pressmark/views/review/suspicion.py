"""Decide whether a capture is suspicious: much less text than before, fewer posts, a login instead of the page."""

from __future__ import annotations

from archive.database.packed_text import PageText
from archive.index.run_review import Brought
from archive.values.plural import counted

_SHARE = 10
"""A text with less than this fraction of the characters before is suspicious."""
_LEAST = 200
"""Characters that a page must have had: short texts vary much."""
MISSING = "soft-404"
"""The verdict on a page that says that it does not exist."""
_INSTEAD = {
    "login": "the server sent a login form instead of the page",
    "captcha": "the server sent a CAPTCHA instead of the page",
    "blocked": "the server blocked the request: it sent a notice instead of the page",
    "parked": "the server sent a placeholder page of an unused domain, such as an offer to sell it, instead of the "
    "page",
    MISSING: "the page says that it does not exist",
}


def suspicion(page: Brought) -> str | None:
    """Return why a capture is suspicious, as a sentence; None if it is not."""
    if page.verdict is not None:
        return _INSTEAD.get(page.verdict)
    return _fewer_posts(page.text, page.before) or _less_text(page.text, page.before)


def _less_text(text: PageText, before: PageText) -> str | None:
    now, then = len(text.text or ""), len(before.text or "")
    if then < _LEAST or now * _SHARE >= then:
        return None
    return f"the text has {now} characters; before, it had {then}"


def _fewer_posts(text: PageText, before: PageText) -> str | None:
    now, then = _posts(text), _posts(before)
    return f"the page has {counted(now, 'post')}; before, it had {then}" if now < then else None


def _posts(text: PageText) -> int:
    thread = (text.fields or {}).get("thread") or {}
    return len(thread.get("posts", ()))
