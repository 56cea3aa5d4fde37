"""Whether pages of one URL pattern need a browser, learnt from the pages that were drawn. Pure.

Each page is decided by its own answer first. The pattern decides where that is not enough: an answer that looks empty
without scripts may stay empty with them, and a short answer may be all of the page, or its frame.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from archive.index.pages import FetchPattern
from extractor.links.wordiness import has_more_text_than
from extractor.values.verdict import DRAWN, Verdict

SURE = 3
"""Pages in a row with the same result from which on a pattern decides."""
ASKED_AGAIN = timedelta(days=7)
EACH = 20
"""One of so many pages is drawn although the browser brought nothing to the pages before; or after seven days."""
MOST_PATTERNS = 200
"""Patterns of one source that are remembered. Pages of further ones are decided by their own answers alone."""
LONGEST = 1000
"""Bytes of a pattern; a database can index no names much longer."""
_CUT = "..."
_DIGITS = 16
"""Hexadecimal digits of the digest at the end of a pattern that was cut."""
_SHORT = 600
"""Characters of text that an answer without the signs of a shell may have to be decided by its pattern."""
_WORD = re.compile(r"[a-z][a-z_-]{0,19}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether the browser draws a page, and why, in a phrase."""

    draw: bool
    reason: str


def pattern_of(url: str) -> str:
    """Return the pattern of a URL: its directories, and ``*`` for the last segment and for what has digits.

    ``https://example.org/news/*/*?id`` for ``https://example.org/news/2026/moon.html?id=3``. A pattern longer than
    LONGEST bytes ends with its digest. Raises ValueError for a malformed URL.
    """
    parts = urlsplit(url)
    *directories, _ = parts.path.split("/")[1:] or [""]
    path = "".join(f"/{name if _WORD.fullmatch(name) else '*'}" for name in directories)
    names = sorted({field.partition("=")[0] for field in parts.query.split("&") if field})
    last = "*" if not parts.path.endswith("/") else ""
    pattern = f"{parts.scheme}://{parts.netloc}{path}/{last}{'?' if names else ''}{'&'.join(names)}"
    whole = pattern.encode("utf-8", "backslashreplace")
    if len(whole) <= LONGEST:
        return pattern
    digest = sha256(whole).hexdigest()[:_DIGITS]
    return f"{whole[: LONGEST - _DIGITS - len(_CUT)].decode('utf-8', 'ignore')}{_CUT}{digest}"


def choose(verdict: Verdict | None, body: bytes, pattern: FetchPattern | None, now: datetime) -> Choice | None:
    """Decide whether a page is drawn; None if nothing says so, which is the case for most pages."""
    if verdict is not None and verdict.kind == DRAWN:
        return _of_shell(verdict.why, pattern, now)
    if verdict is None and pattern is not None and pattern.gained >= SURE and _is_short(body):
        return Choice(True, f"little text beside scripts; pages like {pattern.pattern} needed the browser")
    return None


def learnt(before: FetchPattern | None, pattern: str, *, gained: bool, now: datetime) -> FetchPattern:
    """Return what is known of a pattern after one more page of it was drawn. `gained`: the browser brought text."""
    known = before or FetchPattern(pattern, now)
    return replace(
        known,
        at=now,
        gained=known.gained + 1 if gained else 0,
        nothing=0 if gained else known.nothing + 1,
        passed=0,
    )


def passed(pattern: FetchPattern) -> FetchPattern:
    """Return what is known of a pattern after one of its pages was not drawn for its sake."""
    return replace(pattern, passed=pattern.passed + 1)


def _of_shell(why: str, pattern: FetchPattern | None, now: datetime) -> Choice:
    if pattern is None or pattern.nothing < SURE:
        return Choice(True, why)
    if pattern.passed + 1 >= EACH or now - pattern.at >= ASKED_AGAIN:
        return Choice(True, f"{why}; asked again: the browser brought no text to pages like {pattern.pattern}")
    return Choice(False, nothing_gained(pattern))


def nothing_gained(pattern: FetchPattern) -> str:
    """Return why pages of a pattern are not drawn."""
    return f"the browser brought no text to the last {pattern.nothing} pages like {pattern.pattern}"


def _is_short(body: bytes) -> bool:
    return b"<script" in body.lower() and not has_more_text_than(body, _SHORT)
