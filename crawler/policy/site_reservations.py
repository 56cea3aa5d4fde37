"""What a site says of the use of its pages for all of them: in robots.txt, tdmrep.json and ai.txt.

Sources: Content-Signal (contentsignals.org, 2025) and Content-Usage (draft-ietf-aipref-attach) in robots.txt, section 6
of the TDM Reservation Protocol (W3C community group report, 2024) for `/.well-known/tdmrep.json`, and ai.txt (Spawning,
2023), which has the rules of robots.txt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, Protocol
from urllib.parse import urlsplit

from archive.values.reservations import Field

WellKnown = Literal["/.well-known/tdmrep.json", "/ai.txt"]
WELL_KNOWN: tuple[WellKnown, ...] = ("/.well-known/tdmrep.json", "/ai.txt")
"""The files that are requested after robots.txt, in their order."""

_SIGNALS = frozenset(("content-signal", "content-usage"))
_RULES = frozenset((*_SIGNALS, "allow", "disallow", "crawl-delay"))
_TDM = ("tdm-reservation", "tdm-policy")
_MAY_SIGNAL = re.compile(r"content-(?:signal|usage)", re.IGNORECASE)
_MOST_SIGNALS = 200
_MOST_RULES = 1_000
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class _Signal:
    agents: frozenset[str]
    path: str
    field: Field


@dataclass(frozen=True, slots=True)
class _TdmRule:
    location: str
    fields: tuple[Field, ...]


class Rulebook(Protocol):
    """Rules in the form of robots.txt."""

    def can_fetch(self, url: str, user_agent: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class SiteReservations:
    """What one origin says."""

    signals: tuple[_Signal, ...] = ()
    agents: frozenset[str] = frozenset()
    """The crawlers, in lower case, that robots.txt names."""
    tdm: tuple[_TdmRule, ...] = ()
    ai: Rulebook | None = None
    """ai.txt."""
    complete: bool = False
    """Whether the files beside robots.txt were requested."""

    def of(self, url: str, agent: str) -> tuple[Field, ...]:
        """Return what is said of the use of a page, to a crawler with that product token."""
        if not self.signals and not self.tdm and self.ai is None:  # as for nearly all sites
            return ()
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return (*self._signalled(path, agent), *self._of_tdm(path), *self._of_ai(url, path, agent))

    def _signalled(self, path: str, agent: str) -> Iterator[Field]:
        name = agent.lower() if agent.lower() in self.agents else "*"
        meant = [one for one in self.signals if name in one.agents and path.startswith(one.path)]
        longest = max((len(one.path) for one in meant), default=0)
        yield from (one.field for one in meant if len(one.path) == longest)

    def _of_tdm(self, path: str) -> tuple[Field, ...]:
        return next((rule.fields for rule in self.tdm if path_matches(rule.location, path)), ())

    def _of_ai(self, url: str, path: str, agent: str) -> Iterator[Field]:
        if self.ai is not None and not self.ai.can_fetch(url, agent):
            yield "ai.txt disallow", path[:_LONGEST]


NOTHING = SiteReservations()


def of_robots(text: str) -> SiteReservations:
    """Read robots.txt: Content-Signal and Content-Usage for groups of crawlers (RFC 9309, 2.1), with paths if any."""
    if not _MAY_SIGNAL.search(text):
        return NOTHING
    signals: list[_Signal] = []
    agents: set[str] = set()
    group: set[str] = set()
    in_rules = False
    for line in text.splitlines():
        name, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        if (name := name.lower()) == "user-agent":
            group = {value.lower()} if in_rules else {*group, value.lower()}
            agents |= group
            in_rules = False
        elif name in _RULES:
            in_rules = True
            if name in _SIGNALS and value and len(signals) < _MOST_SIGNALS:
                signals.append(_signal(name, value, frozenset(group or {"*"})))
    return SiteReservations(tuple(signals), frozenset(agents))


def _signal(name: str, value: str, agents: frozenset[str]) -> _Signal:
    path, _, said = value.partition(" ") if value.startswith("/") else ("", "", value)
    return _Signal(agents, path, (f"robots.txt {name}", said.strip()[:_LONGEST]))


def with_tdm(known: SiteReservations, body: bytes) -> SiteReservations:
    """Return what is known with tdmrep.json; an unreadable one says nothing."""
    return replace(known, tdm=tuple(_tdm_rules(body)))


def _tdm_rules(body: bytes) -> Iterator[_TdmRule]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return
    for rule in said[:_MOST_RULES] if isinstance(said, list) else ():
        if isinstance(rule, dict) and isinstance(location := rule.get("location"), str) and location:
            said_of = {name: rule[name] for name in _TDM if isinstance(rule.get(name), str | int)}
            fields = tuple((f"tdmrep.json {name}", f"{_plain(value)}"[:_LONGEST]) for name, value in said_of.items())
            yield _TdmRule(location, fields)


def _plain(value: str | int) -> str | int:
    return int(value) if isinstance(value, bool) else value


def path_matches(pattern: str, path: str) -> bool:
    """Return whether a path begins like a pattern (RFC 9309, 2.2.3): `*` is anything, `$` at its end is the end."""
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    if not rest:
        return not pattern.endswith("$") or path == first
    at = len(first)
    for piece in rest[:-1]:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    if pattern.endswith("$"):
        return len(path) - len(rest[-1]) >= at and path.endswith(rest[-1])
    return path.find(rest[-1], at) >= 0
