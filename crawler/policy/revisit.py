"""Asking again for what is kept: when, on which conditions, and what needs no request at all. Pure.

The interval of a page follows its changes: half as long again when it had not changed, four fifths as long and a bit
when it had, and never outside of the bounds of its source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from archive.index.aliases import Alias
from archive.index.pages import Last, Owed, PageState
from archive.values.capture import Capture, Reference

LEAST, MOST = timedelta(hours=6), timedelta(days=30)
"""The bounds where a source names none."""
_MISSES = 3
"""404s in a row after which a page is taken for dead, as after one 410."""
_AWAY = ("gone", "barred")
"""What came the last time of a page that was not to be had: what its list said by then is no word of what we have."""


class Captures(Protocol):
    """What the crawl asks of the index."""

    def latest_many(self, collection: str, urls: Sequence[str]) -> Mapping[str, Capture]:
        """The newest capture with status 200 of each of some URLs."""


class Memory(Protocol):
    """What the crawl remembers of pages from run to run."""

    def recall(self, source: str, urls: Sequence[str]) -> Mapping[str, PageState]: ...

    def remember(self, source: str, states: Iterable[PageState]) -> None: ...

    def owed(self, source: str) -> Sequence[Owed]: ...

    def owe(self, source: str, owed: Sequence[Owed]) -> None: ...


class Addresses(Protocol):
    """What the crawl knows of the other addresses of pages."""

    def note(self, found: Iterable[Alias]) -> None: ...

    def forget(self, pages: Iterable[str]) -> None: ...

    def canonical_of(self, urls: Sequence[str]) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which intervals a source's pages are asked for."""

    least: timedelta = LEAST
    most: timedelta = MOST

    def hold(self, interval: timedelta) -> timedelta:
        """The interval itself, or the bound that it passes; whole seconds."""
        held = min(max(interval, self.least), max(self.most, self.least))
        return timedelta(seconds=round(held.total_seconds()))


def next_interval(interval: timedelta, last: Last, bounds: Bounds) -> timedelta:
    """The interval after an answer. One that was not the page tells nothing; a failure makes the page new again."""
    match last:
        case "unchanged" | "gone" | "moved":
            return bounds.hold(interval * 1.5)
        case "changed":
            return bounds.hold(interval * 0.8 + bounds.least * 0.2)
        case "barred":
            return bounds.hold(interval)
        case "new" | "failed":
            return bounds.hold(bounds.least)


def seen(
    before: PageState | None,
    url: str,
    last: Last,
    at: datetime,
    bounds: Bounds,
    *,
    signature: str | None = None,
    verdict: str | None = None,
    mark: str | None = None,
    listed: float | None = None,
) -> PageState:
    """What is remembered of a page after it was asked for. `mark` None leaves the mark that is there.

    `listed` is when it last changed as its list says, in seconds since 1970, 0 or None when that says nothing.
    """
    interval = next_interval(before.interval if before else bounds.least, last, bounds)
    state = before or PageState(url, at, at, interval, last)
    misses = _misses(state, last)
    return replace(
        state,
        fetched_at=at,
        next_at=at + (bounds.hold(bounds.most) if is_dead(misses) else interval),
        interval=interval,
        last=last,
        changed_at=at if last in ("new", "changed") else state.changed_at,
        misses=misses,
        signature=signature if signature and last != "barred" else state.signature,
        verdict=verdict,
        mark=state.mark if mark is None else mark,
        listed_at=state.listed_at if last == "failed" else _later(state.listed_at, listed),
    )


def led_to(state: PageState, end: PageState, bounds: Bounds) -> PageState:
    """What is remembered of a page that redirected when it is known what came of the one where that ended."""
    last: Last = end.last if end.last in (*_AWAY, "failed") else "moved"
    misses = 0 if last == "moved" else _misses(state, last)
    next_at = state.fetched_at + (bounds.hold(bounds.most) if is_dead(misses) else state.interval)
    return replace(state, last=last, misses=misses, verdict=end.verdict, next_at=next_at)


def _misses(state: PageState, last: Last) -> int:
    """How often in a row a page was not there; what says nothing of that, or not yet, leaves the count."""
    return state.misses + 1 if last == "gone" else state.misses if last in ("failed", "barred", "moved") else 0


def _later(before: datetime | None, listed: float | None) -> datetime | None:
    """Of several lists that name a page, the one that tells of the latest change is believed."""
    if not listed:
        return before
    at = datetime.fromtimestamp(listed, UTC)
    return max(at, before) if before else at


def gone_for_good(state: PageState, bounds: Bounds) -> PageState:
    """410 instead of 404: as dead as after many of those."""
    return replace(state, misses=max(state.misses, _MISSES), next_at=state.fetched_at + bounds.hold(bounds.most))


def is_dead(misses: int) -> bool:
    return misses >= _MISSES


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to ask for a page, and the rule that says so."""

    ask: bool
    rule: str
    """``never-had``, ``due``, ``changed-since``, ``other-mark``, ``unconditional``; ``not-due``, ``not-newer``;
    ``gone``, ``barred``: not due, and never had.
    """


def decide(
    capture: Capture | None,
    state: PageState | None,
    now: datetime,
    *,
    modified: float | None,
    mark: str | None = None,
    trusted: bool = False,
    quiet_at_most: timedelta | None = None,
    remembers: bool = True,
) -> Decision:
    """Whether a page that was found is asked for.

    `modified` is when it last changed as the list says that names it, in seconds since 1970; 0: it does not say; None:
    ask in any case. With `trusted`, what the list says is all there is to know; but with `quiet_at_most`, there are
    changes that no list tells, edits: then the page is due when it is as long since it was had as it had been quiet
    before, or after that time at most. `mark` is what else the list says. Who remembers nothing asks for a page once,
    unless its list says that it changed: at a time after the page was had, or a later one than it said by then. Many a
    site names its own local time as if it were UTC, and a change of just now is hours old.
    """
    if modified is None:
        return Decision(True, "unconditional")
    since = _had_at(capture, state)
    if since is None:
        return Decision(True, "never-had")
    if modified > since.timestamp() or (state and state.listed_at and modified > state.listed_at.timestamp()):
        return Decision(True, "changed-since")
    if mark is not None and state is not None and state.mark != mark:
        return Decision(True, "other-mark")
    told = bool(modified) or (mark is not None and state is not None)
    away = state is not None and state.last in _AWAY
    listed = trusted and told and capture is not None and not away
    if (listed and quiet_at_most is None) or not remembers:
        return Decision(False, "not-newer")
    due = state is None or now >= due_by_itself(state, since, modified, quiet_at_most if listed else None)
    return Decision(due, "due" if due else _not_due(capture, state))


def due_by_itself(state: PageState, since: datetime, modified: float, quiet_at_most: timedelta | None) -> datetime:
    """When a page is asked for whose list tells of no change; `quiet_at_most` as for `decide`, None: it has no list."""
    quiet = timedelta() if quiet_at_most is None else _quiet(since, modified, quiet_at_most)
    return max(state.next_at, since + quiet)


def tells_of(state: PageState) -> bool:
    """Whether what a list said of a page, when it was last asked for, is all there is to know of its changes."""
    return state.last not in _AWAY and bool(state.listed_at or state.mark is not None)


def _not_due(capture: Capture | None, state: PageState | None) -> str:
    """The rule of a page that is not due; of one that was never had, what it was instead."""
    if state is None or state.last not in _AWAY or state.changed_at is not None:
        return "not-due"
    return state.last if capture is None or state.verdict is not None else "not-due"


def _quiet(since: datetime, modified: float, most: timedelta) -> timedelta:
    """How long nothing had been written when a page was had."""
    return min(since - datetime.fromtimestamp(modified, UTC), most) if modified else timedelta()


def _had_at(capture: Capture | None, state: PageState | None) -> datetime | None:
    """When it was last had, or was found to be no page."""
    if state is not None and (capture is None or state.fetched_at > capture.at) and state.last != "failed":
        return state.fetched_at
    return capture.at if capture is not None else None


def conditions(capture: Capture) -> dict[bytes, list[bytes]]:
    """The headers that ask for a page only if it changed since; empty when the server gave nothing to tell by."""
    headers = {}
    if capture.etag:
        headers[b"If-None-Match"] = [capture.etag.encode("latin-1", "replace")]
    if capture.last_modified:
        headers[b"If-Modified-Since"] = [capture.last_modified.encode("latin-1", "replace")]
    return headers


def reference(capture: Capture) -> Reference:
    """What a 304 refers to: the capture that holds the payload, also when the newest one is a revisit itself."""
    return capture.refers_to or Reference(capture.record_id, capture.url, capture.at)


def moment(*named: datetime | None) -> float:
    """The latest of the times that a feed or sitemap gives for a page, for `decide`; 0 when it gives none."""
    return max((at.timestamp() for at in named if at is not None), default=0.0)
