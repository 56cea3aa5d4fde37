"""A login that a person made in a browser: a cookies.txt, as of curl, or a storage state of Playwright.

A storage state has cookies, and what pages keep in the browser (`localStorage`) by their origin.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

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


Storage = Mapping[str, Mapping[str, str]]
"""What pages keep in the browser: names and values by origin."""
NO_STORAGE: Storage = {}


def session_cookies(text: str) -> list[SessionCookie]:
    """Return the cookies of a file. Raises ValueError for another format, without its content in the message."""
    found = list(_of_state(text) if text.lstrip()[:1] in ("{", "[") else _of_lines(text))
    if not found:
        raise ValueError("there are no cookies in it")
    return found


def session_storage(text: str, hosts: Iterable[str]) -> Storage:
    """Return what a file says that pages of these hosts keep; nothing for a cookies.txt. Raises ValueError."""
    if text.lstrip()[:1] != "{":
        return NO_STORAGE
    own = frozenset(hosts)
    try:
        found = {
            str(one["origin"]): {str(each["name"]): str(each["value"]) for each in one.get("localStorage", ())}
            for one in json.loads(text).get("origins", ())
        }
        return {origin: kept for origin, kept in found.items() if kept and urlsplit(origin).hostname in own}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError("it is not a storage state of Playwright") from None


def as_state(cookies: Iterable[SessionCookie], storage: Storage = NO_STORAGE) -> str:
    """Return a login as a storage state."""
    origins = [
        {"origin": origin, "localStorage": [{"name": name, "value": value} for name, value in kept.items()]}
        for origin, kept in storage.items()
    ]
    return json.dumps({"cookies": [asdict(cookie) for cookie in cookies], "origins": origins})


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
