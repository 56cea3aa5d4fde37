"""What robots.txt allows (RFC 9309), for all runs of the process.

2xx: its rules apply. 4xx: nothing is forbidden. 429, 5xx and no answer: everything is forbidden until the file can be
read; each run tries again. Redirects are followed five times; after that the file counts as missing. Only the beginning
of a long file is parsed.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from protego import Protego

from archive.values.reservations import Field
from crawler.policy.site_reservations import NOTHING, SiteReservations, WellKnown, of_robots, with_tdm

LARGEST = 500 * 1024
"""Bytes that are parsed (RFC 9309, 2.5)."""
RECEIVED = 1 << 20
"""Bytes that are received and archived."""
MOST_REDIRECTS = 5
LONGEST_DELAY = 300.0
"""The longest Crawl-delay in seconds that is honoured."""

_RULES_KEPT = 6 * 3600.0
"""Seconds after which robots.txt is fetched again; RFC 9309, 2.4: at most 24 hours."""
_FAILURE_KEPT = 60.0
"""Seconds after which robots.txt is fetched again if it could not be read."""
_MOST_ORIGINS = 2_000
"""Sites whose rules are remembered."""

_COMPATIBLE = re.compile(r"compatible;\s*([^\s/;)]+)", re.IGNORECASE)
_TOKEN = re.compile(r"[^\s/;(]+")


@dataclass(frozen=True, slots=True)
class Rules:
    """What one origin said about robots."""

    verdict: Literal["rules", "allow", "forbid"]
    reason: str
    """Why, as a sentence."""
    parsed: Protego | None = None
    guarded: str | None = None
    """Why the guard refuses the host's address, in a word, if that is why everything is forbidden."""
    silent: bool = False
    """Whether there was no answer at all: the host is down or its name does not exist."""
    site: SiteReservations = NOTHING
    """What the origin says of the use of its pages."""

    @property
    def word(self) -> str:
        """Return the reason, in a word, for dropping a URL that these rules forbid."""
        if self.guarded:
            return f"forbidden address ({self.guarded})"
        return "host-unreachable" if self.silent else "robots"

    def allow(self, url: str, agent: str) -> bool:
        return self.verdict == "allow" or (self.parsed is not None and self.parsed.can_fetch(url, agent))

    def delay(self, agent: str) -> float:
        """Return the Crawl-delay in seconds, at most `LONGEST_DELAY`; 0 when none is given."""
        asked = self.parsed.crawl_delay(agent) if self.parsed else None
        return min(max(asked or 0.0, 0.0), LONGEST_DELAY)

    @property
    def sitemaps(self) -> Sequence[str]:
        return tuple(self.parsed.sitemaps) if self.parsed else ()


def rules_of(origin: str, status: int, body: bytes) -> Rules:
    """Read the final answer to the request for robots.txt, with its body decoded."""
    where = robots_url(origin)
    if 200 <= status < 300:
        text = body[:LARGEST].decode("utf-8", "replace").removeprefix("\ufeff")
        return Rules("rules", f"{where} answered {status}", Protego.parse(text), site=of_robots(text))
    refused = f"the website answered the request for {where} with an error (status {status})"
    if status == 429 or status >= 500:
        return Rules(
            "forbid",
            f"{refused}, so Pressmark fetches no page of the site until it can read this file",
        )
    found = f"{where} does not exist (status {status})" if status in (404, 410) else refused
    return Rules("allow", f"{found}, so Pressmark may fetch all pages")


def with_file(rules: Rules, file: WellKnown, body: bytes) -> Rules:
    """Return rules with what a file beside robots.txt says."""
    if file == "/ai.txt":
        return replace(rules, site=replace(rules.site, ai=Protego.parse(body[:LARGEST].decode("utf-8", "replace"))))
    return replace(rules, site=with_tdm(rules.site, body[:LARGEST]))


def unreachable(origin: str, why: str, *, guarded: str | None = None, silent: bool = False) -> Rules:
    reason = (
        f"{robots_url(origin)} could not be fetched ({why}), so Pressmark fetches no page of the site "
        "until it can read this file"
    )
    return Rules("forbid", reason, guarded=guarded, silent=silent)


def too_many_redirects(origin: str) -> Rules:
    return Rules(
        "allow",
        f"{robots_url(origin)} redirects more than {MOST_REDIRECTS} times, so Pressmark ignores this file "
        "and may fetch all pages",
    )


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
    """The rules of the origins that this process visited recently."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._fetching: dict[str, list[Callable[[str], None]]] = {}

    @property
    def clock(self) -> Callable[[], float]:
        """The clock, in seconds."""
        return self._clock

    def of(self, origin: str, *, since: float = 0.0, complete: bool = False) -> Rules | None:
        """Return the rules of an origin; None when robots.txt must be fetched, for the first time or again.

        A failure counts only if it happened at or after `since`, in seconds of the clock. `complete` says that the
        files beside robots.txt are needed, too.
        """
        found = self._known.get(origin)
        if found is None or found.until <= self._clock() or (found.has_failed and found.learnt < since):
            return None
        return None if complete and not found.has_failed and not found.rules.site.complete else found.rules

    def reservations(self, url: str, agent: str) -> tuple[Field, ...]:
        """Return what the site of a URL was last known to say of its use, to a crawler with that product token."""
        known = self._known.get(origin_of(url))
        return known.rules.site.of(url, agent) if known else ()

    def describe(self, url: str) -> str | None:
        """Describe what is known of the robots.txt of a URL's host, as a sentence."""
        rules = self.of(origin_of(url))
        return rules.reason if rules else None

    def begin(self, origin: str) -> None:
        """Note that a run is fetching the rules of an origin, so that the others need not."""
        self._fetching.setdefault(origin, [])

    def wait(self, origin: str, ready: Callable[[str], None]) -> bool:
        """Return whether a run is fetching these rules now.

        If so, `ready` is called once they are there or have failed.
        """
        if origin not in self._fetching:
            return False
        self._fetching[origin].append(ready)
        return True

    def end(self, origin: str) -> None:
        """Note that the rules are there, or that the run fetching them has stopped: then the next run fetches them."""
        for ready in self._fetching.pop(origin, ()):
            ready(origin)

    def store(self, origin: str, rules: Rules) -> None:
        self._known[origin] = _Known(self._clock(), rules)
        self._known.move_to_end(origin)
        if len(self._known) > _MOST_ORIGINS:
            self._known.popitem(last=False)


def robots_url(origin: str) -> str:
    return f"{origin}/robots.txt"


def origin_of(url: str) -> str:
    """Return scheme, host and port of an absolute URL in its normal form."""
    return url[: url.index("/", url.index("://") + 3)]


def product(user_agent: str) -> str:
    """Return the token that robots.txt uses for a User-Agent.

    It is its product, or what "Mozilla" says it is compatible with.

    The whole header would be wrong: words in its contact URL could be another crawler's token.
    """
    if user_agent.startswith("Mozilla/") and (named := _COMPATIBLE.search(user_agent)):
        return named[1]
    token = _TOKEN.match(user_agent)
    return token[0] if token else user_agent
