"""Cookies of a login that a person made in a browser: a cookies.txt, as of curl, or a storage state of Playwright.

What a storage state has of `localStorage` is left out. A token in it gets into URLs, fields, bodies and documents by
the scripts of its pages, in forms that nothing could redact in all records.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

_HTTP_ONLY = "#HttpOnly_"


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """One cookie."""

    name: str
    value: str
    domain: str
    """A host; with a dot before it, also the hosts below (RFC 6265, 5.2.3, as both formats write it)."""
    path: str = "/"
    secure: bool = False

    def is_for(self, host: str) -> bool:
        """Return whether a host gets it."""
        bare = self.domain.removeprefix(".")
        return host == bare or (self.domain.startswith(".") and host.endswith(f".{bare}"))


def session_cookies(text: str) -> list[SessionCookie]:
    """Return the cookies of a file. Raises ValueError for another format, without its content in the message."""
    found = list(_of_state(text) if text.lstrip()[:1] in ("{", "[") else _of_lines(text))
    if not found:
        raise ValueError("there are no cookies in it")
    return found


def as_state(cookies: Iterable[SessionCookie]) -> str:
    """Return the cookies as a storage state."""
    return json.dumps({"cookies": [asdict(cookie) for cookie in cookies], "origins": []})


def _of_state(text: str) -> Iterator[SessionCookie]:
    try:
        state = json.loads(text)
        cookies: list[dict[str, Any]] = state["cookies"] if isinstance(state, dict) else state
        for one in cookies:
            yield SessionCookie(
                str(one["name"]),
                str(one["value"]),
                str(one["domain"]).lower(),
                str(one.get("path") or "/"),
                bool(one.get("secure")),
            )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError("it is not a storage state of Playwright") from None


def _of_lines(text: str) -> Iterator[SessionCookie]:
    for line in text.splitlines():
        if (line.startswith("#") and not line.startswith(_HTTP_ONLY)) or not line.strip():
            continue
        fields = line.removeprefix(_HTTP_ONLY).split("\t")
        if len(fields) != 7:
            raise ValueError("it is neither a cookies.txt nor a storage state of Playwright")
        domain, below, path, secure, _, name, value = fields
        bare = domain.lower().removeprefix(".")
        yield SessionCookie(name, value, f".{bare}" if below == "TRUE" else bare, path, secure == "TRUE")
