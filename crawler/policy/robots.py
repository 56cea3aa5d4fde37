"""What robots.txt allows (RFC 9309), for all runs of the process.

2xx: its rules. 4xx: nothing is forbidden. 429, 5xx and no answer at all: everything is, until it can be read; each run
asks again. Redirects are followed five times, then it counts as not there. Of a long one the beginning is read.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from protego import Protego

LARGEST = 500 * 1024
"""Bytes that are parsed (RFC 9309, 2.5)."""
RECEIVED = 1 << 20
"""Bytes that are received, and kept."""
MOST_REDIRECTS = 5
LONGEST_DELAY = 300.0
"""Seconds of Crawl-delay that are honoured."""

_RULES_KEPT = 6 * 3600.0  # RFC 9309, 2.4: at most 24 hours
_FAILURE_KEPT = 60.0
_MOST_ORIGINS = 2_000

_COMPATIBLE = re.compile(r"compatible;\s*([^\s/;)]+)", re.IGNORECASE)
_TOKEN = re.compile(r"[^\s/;(]+")


@dataclass(frozen=True, slots=True)
class Rules:
    """What one origin said about robots."""

    verdict: Literal["rules", "allow", "forbid"]
    reason: str
    """A sentence that says why."""
    parsed: Protego | None = None
    guarded: str | None = None
    """Why the address of the host may not be connected to, in a word, when that is what forbids everything."""
    silent: bool = False
    """Whether no answer came at all: the host is down, or there is none of that name."""

    @property
    def word(self) -> str:
        """Why a URL is dropped that these rules forbid."""
        if self.guarded:
            return f"forbidden address ({self.guarded})"
        return "host-unreachable" if self.silent else "robots"

    def allow(self, url: str, agent: str) -> bool:
        return self.verdict == "allow" or (self.parsed is not None and self.parsed.can_fetch(url, agent))

    def delay(self, agent: str) -> float:
        """Crawl-delay in seconds, at most `LONGEST_DELAY`; 0 when none is asked for."""
        asked = self.parsed.crawl_delay(agent) if self.parsed else None
        return min(max(asked or 0.0, 0.0), LONGEST_DELAY)

    @property
    def sitemaps(self) -> Sequence[str]:
        return tuple(self.parsed.sitemaps) if self.parsed else ()


def rules_of(origin: str, status: int, body: bytes) -> Rules:
    """Read an answer to the request for robots.txt, redirects followed, body out of its content-codings."""
    where = robots_url(origin)
    if 200 <= status < 300:
        text = body[:LARGEST].decode("utf-8", "replace").removeprefix("\ufeff")
        return Rules("rules", f"{where} answered {status}", Protego.parse(text))
    if status == 429 or status >= 500:
        return Rules("forbid", f"{where} answered {status}, so nothing may be fetched until it can be read")
    return Rules("allow", f"{where} answered {status}, so everything is allowed")


def unreachable(origin: str, why: str, *, guarded: str | None = None, silent: bool = False) -> Rules:
    reason = f"{robots_url(origin)} could not be fetched ({why}), so nothing may be fetched until it can be read"
    return Rules("forbid", reason, guarded=guarded, silent=silent)


def too_many_redirects(origin: str) -> Rules:
    return Rules("allow", f"{robots_url(origin)} redirects more than {MOST_REDIRECTS} times: treated as missing")


@dataclass(frozen=True, slots=True)
class _Known:
    learnt: float
    rules: Rules

    @property
    def has_failed(self) -> bool:
        return self.rules.verdict == "forbid"

    @property
    def until(self) -> float:
        return self.learnt + (_FAILURE_KEPT if self.has_failed else _RULES_KEPT)


class Robots:
    """The rules of the origins that this process visited lately."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._fetching: dict[str, list[Callable[[str], None]]] = {}

    @property
    def clock(self) -> Callable[[], float]:
        """In seconds."""
        return self._clock

    def of(self, origin: str, *, since: float = 0.0) -> Rules | None:
        """None when robots.txt has to be fetched, for the first time or again.

        A failure counts only if it happened at or after `since`, in seconds of the clock.
        """
        found = self._known.get(origin)
        if found is None or found.until <= self._clock() or (found.has_failed and found.learnt < since):
            return None
        return found.rules

    def told(self, url: str) -> str | None:
        """What is known of the robots.txt of a URL's host, as a sentence."""
        rules = self.of(origin_of(url))
        return rules.reason if rules else None

    def begin(self, origin: str) -> None:
        """A run fetches the rules of an origin now: the others need not."""
        self._fetching.setdefault(origin, [])

    def wait(self, origin: str, told: Callable[[str], None]) -> bool:
        """Whether some run fetches these rules now; then `told` is called when they are there, or are not to be had."""
        if origin not in self._fetching:
            return False
        self._fetching[origin].append(told)
        return True

    def end(self, origin: str) -> None:
        """The rules are there, or whoever fetched them has stopped: then the next one does."""
        for told in self._fetching.pop(origin, ()):
            told(origin)

    def keep(self, origin: str, rules: Rules) -> None:
        self._known[origin] = _Known(self._clock(), rules)
        self._known.move_to_end(origin)
        if len(self._known) > _MOST_ORIGINS:
            self._known.popitem(last=False)


def robots_url(origin: str) -> str:
    return f"{origin}/robots.txt"


def origin_of(url: str) -> str:
    """Scheme, host and port of an absolute URL in its normal form."""
    return url[: url.index("/", url.index("://") + 3)]


def product(user_agent: str) -> str:
    """The token by which robots.txt calls a User-Agent: its product, or what a Mozilla says it is compatible with.

    The whole header would not do: the words of a contact URL in it could be somebody else's token.
    """
    if user_agent.startswith("Mozilla/") and (named := _COMPATIBLE.search(user_agent)):
        return named[1]
    token = _TOKEN.match(user_agent)
    return token[0] if token else user_agent
