"""A login that a person made in a browser: a cookies.txt, as of curl, or a storage state of Playwright.

The storage state also has `localStorage`. No page gets its values: `crawler.run.stand_ins` replaces them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

Storage = Mapping[str, Mapping[str, str]]
"""The items of `localStorage` by name, by origin, such as ``https://www.example.org``."""
_NO_STATE = "it is not a storage state of Playwright"
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
    """Return the cookies of a file, or none if it has only storage.

    Raises ValueError for another format, without its content in the message.
    """
    found = list(_of_state(text) if text.lstrip()[:1] in ("{", "[") else _of_lines(text))
    if not found and not session_storage(text):
        raise ValueError("there are no cookies in it")
    return found


def session_storage(text: str) -> Storage:
    """Return the storage of a file; empty for a cookies.txt.

    Raises ValueError for an invalid storage state, without its content in the message.
    """
    if text.lstrip()[:1] != "{":
        return {}
    try:
        origins = json.loads(text).get("origins") or ()
        found = {
            str(one["origin"]).lower(): {str(item["name"]): str(item["value"]) for item in one["localStorage"]}
            for one in origins
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(_NO_STATE) from None
    return {origin: items for origin, items in found.items() if items}


def as_state(cookies: Iterable[SessionCookie], storage: Storage | None = None) -> str:
    """Return a storage state."""
    origins = [
        {"origin": origin, "localStorage": [{"name": name, "value": value} for name, value in items.items()]}
        for origin, items in (storage or {}).items()
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
        raise ValueError(_NO_STATE) from None


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
