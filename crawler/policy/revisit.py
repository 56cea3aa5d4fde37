"""Requesting archived pages again: when, with which conditions, and which need no request at all. Pure.

The interval of a page follows its changes: one and a half times as long after no change, a little over four fifths as
long after a change, and always within the bounds of its source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from archive.index.aliases import Alias
from archive.index.pages import FetchPattern, Last, PageState, UnfetchedUrl
from archive.values.capture import Capture, Reference
from archive.values.urlkey import Match
from archive.values.wrong_clocks import is_ahead

LEAST, MOST = timedelta(hours=6), timedelta(days=30)
"""The bounds if a source names none."""
_LONGER = 1.5
"""The factor of the interval of a page that did not change."""
_SHORTER = 0.8
"""The factor of the interval of a page that changed."""
_OF_LEAST = 0.2
"""The share of the shortest interval that is added then, so that the interval comes near to it and not below."""
_MISSES = 3
"""Consecutive 404s after which a page counts as dead, as after a single 410."""
_AWAY = ("gone", "barred")
"""Results of a page that could not be fetched. What its list said then says nothing about our capture."""


class Captures(Protocol):
    """What the crawl needs of the index."""

    def latest_many(self, collection: str, urls: Sequence[str]) -> Mapping[str, Capture]:
        """Return the newest capture with status 200 for each of the URLs that has one."""

    def captures(self, url: str, *, match: Match = "exact") -> Iterator[Capture]:
        """Yield the captures of a URL, or of those that begin with it."""


class Memory(Protocol):
    """What the crawl remembers of pages from run to run."""

    def recall(self, source: str, urls: Sequence[str]) -> Mapping[str, PageState]: ...

    def store_states(self, source: str, states: Iterable[PageState]) -> None: ...

    def unfetched(self, source: str) -> Sequence[UnfetchedUrl]: ...

    def store_unfetched(self, source: str, left: Sequence[UnfetchedUrl]) -> None: ...

    def patterns(self, source: str) -> Mapping[str, FetchPattern]: ...

    def store_patterns(self, source: str, patterns: Iterable[FetchPattern]) -> None: ...

    def mail_account(self, source: str) -> str | None: ...

    def note_mail_account(self, source: str, account: str) -> None: ...


class Addresses(Protocol):
    """What the crawl knows of the other addresses of pages."""

    def note(self, found: Iterable[Alias]) -> None: ...

    def forget(self, pages: Iterable[str]) -> None: ...

    def canonical_of(self, urls: Sequence[str]) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest interval at which a source's pages are requested."""

    least: timedelta = LEAST
    most: timedelta = MOST

    def hold(self, interval: timedelta) -> timedelta:
        """Return the interval, limited to the bounds, in whole seconds."""
        held = min(max(interval, self.least), max(self.most, self.least))
        return timedelta(seconds=round(held.total_seconds()))


def next_interval(interval: timedelta, last: Last, bounds: Bounds) -> timedelta:
    """Return the interval after an answer.

    An answer that was not the page says nothing; a failure makes the page count as new again.
    """
    match last:
        case "unchanged" | "gone" | "moved":
            return bounds.hold(interval * _LONGER)
        case "changed":
            return bounds.hold(interval * _SHORTER + bounds.least * _OF_LEAST)
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
    """Return what is remembered of a page after a request. `mark` None keeps the old mark.

    `listed` is the last change according to its list, in seconds since 1970; 0 or None when the list gives none.
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
    """Return what is remembered of a page that redirected, once the result of the final target is known."""
    last: Last = end.last if end.last in (*_AWAY, "failed") else "moved"
    misses = 0 if last == "moved" else _misses(state, last)
    next_at = state.fetched_at + (bounds.hold(bounds.most) if is_dead(misses) else state.interval)
    return replace(state, last=last, misses=misses, verdict=end.verdict, next_at=next_at)


def _misses(state: PageState, last: Last) -> int:
    """Return how many times in a row a page was missing. Inconclusive results leave the count unchanged."""
    return state.misses + 1 if last == "gone" else state.misses if last in ("failed", "barred", "moved") else 0


def _later(before: datetime | None, listed: float | None) -> datetime | None:
    """Return the later of two changes: when several lists name a page, the latest one counts."""
    if not listed:
        return before
    at = datetime.fromtimestamp(listed, UTC)
    return max(at, before) if before else at


def gone_for_good(state: PageState, bounds: Bounds) -> PageState:
    """Return the state after a 410 instead of a 404: it counts as much as many 404s."""
    return replace(state, misses=max(state.misses, _MISSES), next_at=state.fetched_at + bounds.hold(bounds.most))


def is_dead(misses: int) -> bool:
    return misses >= _MISSES


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to request a page, and the rule that decided."""

    ask: bool
    rule: str
    """``never-had``, ``due``, ``changed-since``, ``other-mark``, ``unconditional``; ``not-due``, ``not-newer``;
    ``gone``, ``barred``: not due, and never fetched.
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
    """Decide whether a page that was found is requested.

    `modified` is the last change according to the list that names the page, in seconds since 1970; 0: the list gives
    none; None: request the page in any case. With `trusted`, the list is the only source of changes. With
    `quiet_at_most`, some changes (edits) appear in no list: then the page is also due once the time since its last
    fetch equals the time that it had been quiet before, but at the latest after `quiet_at_most`. `mark` is what else
    the list says.

    A page with no remembered state is requested once, unless its list gives a change: one after the last fetch, or one
    later than the list gave then. Many sites label their local time as UTC, so a change of a moment ago appears to be
    hours old.
    """
    if modified is None:
        return Decision(True, "unconditional")
    since = _had_at(capture, state, now)
    if since is None or is_ahead(since, now):  # of what was fetched while the clock was ahead, no change is known
        return Decision(True, "never-had" if since is None else "due")
    if modified > since.timestamp() or (state and state.listed_at and modified > state.listed_at.timestamp()):
        return Decision(True, "changed-since")
    if mark is not None and state is not None and state.mark != mark:
        return Decision(True, "other-mark")
    has_mark = bool(modified) or (mark is not None and state is not None)
    away = state is not None and state.last in _AWAY
    listed = trusted and has_mark and capture is not None and not away
    if (listed and quiet_at_most is None) or not remembers:
        return Decision(False, "not-newer")
    due = state is None or now >= due_by_itself(state, since, modified, quiet_at_most if listed else None)
    return Decision(due, "due" if due else _not_due(capture, state))


def due_by_itself(state: PageState, since: datetime, modified: float, quiet_at_most: timedelta | None) -> datetime:
    """Return when a page is requested if its list shows no change.

    `quiet_at_most` is as for `decide`; None: the page has no list.
    """
    quiet = timedelta() if quiet_at_most is None else _quiet(since, modified, quiet_at_most)
    return max(state.next_at, since + quiet)


def is_known_from_list(state: PageState) -> bool:
    """Return whether what a list said at the last request is all that is known of a page's changes."""
    return state.last not in _AWAY and bool(state.listed_at or state.mark is not None)


def _not_due(capture: Capture | None, state: PageState | None) -> str:
    """Return the rule for a page that is not due. For a page never fetched, the rule names what was found instead."""
    if state is None or state.last not in _AWAY or state.changed_at is not None:
        return "not-due"
    return state.last if capture is None or state.verdict is not None else "not-due"


def _quiet(since: datetime, modified: float, most: timedelta) -> timedelta:
    """Return how long a page had been unchanged when it was fetched."""
    return min(since - datetime.fromtimestamp(modified, UTC), most) if modified else timedelta()


def _had_at(capture: Capture | None, state: PageState | None, now: datetime) -> datetime | None:
    """Return when a page was last fetched, or was found not to be a page.

    A capture is dated after those before it, also after the clock was ahead: what is remembered of its page is not.
    """
    if state is not None and capture is not None and is_ahead(capture.at, now) and state.last != "failed":
        return state.fetched_at
    if state is not None and (capture is None or state.fetched_at > capture.at) and state.last != "failed":
        return state.fetched_at
    return capture.at if capture is not None else None


def conditions(capture: Capture) -> dict[bytes, list[bytes]]:
    """Return the headers that request a page only if it changed; empty when the server sent no validators."""
    headers = {}
    if capture.etag:
        headers[b"If-None-Match"] = [capture.etag.encode("latin-1", "replace")]
    if capture.last_modified:
        headers[b"If-Modified-Since"] = [capture.last_modified.encode("latin-1", "replace")]
    return headers


def reference(capture: Capture) -> Reference:
    """Return the capture that a 304 refers to: the one that holds the payload, even if the newest one is a revisit.

    A revisit of another tool may name only a URL and a time. Then the 304 refers to the revisit: by the id of its
    record, a purge sees what it needs.
    """
    named = capture.refers_to
    return named if named and named.record_id else Reference(capture.record_id, capture.url, capture.at)


def moment(*named: datetime | None) -> float:
    """Return the latest of the times that a feed or sitemap gives for a page, for `decide`; 0 when it gives none."""
    return max((at.timestamp() for at in named if at is not None), default=0.0)
