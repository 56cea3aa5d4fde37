"""The log of a run, formatted for people: one line for each event."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from archive.values.plural import counted
from crawler.policy.latest_change import PASSED_OVER
from pressmark.service.access.named_urls import names_taken_down
from pressmark.service.access.source_facts import in_value
from pressmark.views.run_shapes import DrawnShape, FailureShape

_LEFT_OUT = {
    "not-due": "%(pages)s %(were)s not fetched, as it is not yet time for the next fetch",
    "not-newer": "%(pages)s %(were)s not fetched, as the feed or sitemap of the site shows no change",
    "robots": "the file robots.txt of the site forbids programs to fetch %(pages)s",
    "reserved": "%(pages)s %(were)s not kept, as the site reserves the use",
    "withheld": "%(pages)s %(were)s not kept, as the answer has a token of the login, or brings a new one",
    "unused-image": "%(images)s of style sheets %(were)s not fetched, as no page uses %(them)s",
    "unread": "%(pages)s %(were)s not fetched, as the entry in the list of the site can't be read",
    "outside": "%(pages)s %(were)s not fetched, as the address does not belong to the source (archived site)",
    "excluded": "%(pages)s %(were)s not fetched, as the settings of the source exclude the address",
    "depth": (
        "%(pages)s %(were)s not fetched, as %(they_are)s more clicks away from the start URLs than the settings of the "
        "source allow"
    ),
    "action": "%(pages)s %(were)s not fetched, as the link starts an action on the site, such as a logout",
    "alias": "%(pages)s %(were)s not fetched, as the same page is archived under another address",
    "gone": (
        "%(pages)s %(were)s not fetched, as the site no longer had the page at the last fetch; Pressmark "
        "checks again later"
    ),
    "barred": (
        "%(pages)s %(were)s skipped this time: at the last attempt, the website sent something else instead (such as "
        "a login page); Pressmark tries again later"
    ),
    "host-unreachable": "%(pages)s %(were)s not fetched, as the server could not be reached",
}
"""Why URLs are not fetched, by the reasons of a crawl."""
_END = 256 << 10
"""Bytes at the end of a log, in which its last line but the last failures is."""
_SHOWN = 100
"""Pages of the browser that are shown from the beginning of a run, and as many from its end."""


def has_log(home: Path, run: str) -> bool:
    """Return whether this machine has the log of a run."""
    return "/" not in run and _file_of(home, run).is_file()


def _file_of(home: Path, run: str) -> Path:
    return home / "logs" / "runs" / f"{run}.jsonl"


def entries(home: Path, run: str) -> Iterator[Mapping[str, Any]]:
    """Yield the events of a run, oldest first, but those that name what is taken down in this context.

    A line torn by a crash is skipped. Addresses that were not archived are shown without secrets, as start URLs are.
    """
    if not has_log(home, run):
        return
    with _file_of(home, run).open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and not names_taken_down(entry):
                yield entry if _is_drawn(entry) else in_value(entry)


def log_line(entry: Mapping[str, Any]) -> str:
    """Format an event as a line: ``12:30:05 failure url=https://… reason=…``; the end of the run as a sentence."""
    if entry.get("event") == "over":
        return f"{str(entry.get('at', ''))[11:19]} over: {'; '.join(_ending(entry))}"
    facts = (f"{name}={_plain(value)}" for name, value in entry.items() if name not in ("at", "event"))
    return " ".join([str(entry.get("at", ""))[11:19], str(entry.get("event", "")), *facts])


def _plain(value: object) -> str:
    """Format a value: ``404 (3), timeout (1)`` for counts by name."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} ({_plain(inner)})" for name, inner in value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)


def left_out(dropped: Mapping[str, int]) -> list[str]:
    """Return what a run did not fetch and why, a phrase for each reason, the most frequent first."""
    counted = sorted(((count, reason) for reason, count in dropped.items() if count > 0), key=lambda one: -one[0])
    return [phrase(reason, count) for count, reason in counted]


def not_due(dropped: Mapping[str, int]) -> int:
    """Return how many known pages a run did not fetch because they were not due; a run of all pages fetches them."""
    return sum(dropped.get(reason, 0) for reason in PASSED_OVER)


def phrase(reason: str, count: int) -> str:
    """Format how many pages were not fetched for a reason: ``5 pages were not fetched, as …``."""
    told = _LEFT_OUT.get(reason, "%(pages)s %(were)s skipped: %(reason)s")
    were, they_are = ("was", "it is") if count == 1 else ("were", "they are")
    images, them = counted(count, "image"), "it" if count == 1 else "them"
    return told % {
        "pages": counted(count, "page"),
        "images": images,
        "them": them,
        "were": were,
        "they_are": they_are,
        "reason": reason,
    }


def _ending(entry: Mapping[str, Any]) -> Iterator[str]:
    yield f"{entry.get('outcome')}: {entry.get('reason')}"
    if isinstance(dropped := entry.get("dropped"), dict):
        yield from left_out(dropped)
    if isinstance(complete := entry.get("complete"), dict):
        yield _listed(complete)


def _listed(complete: Mapping[str, Any]) -> str:
    """Return the fates of the items that the site lists."""
    missing = complete.get("missing") or {}
    told = f"the site lists {complete['listed']}: {complete['had']} fetched now, {complete['known']} archived before"
    count = sum(each["count"] for each in missing.values())
    return f"{told}, {count} missing ({', '.join(missing)})" if count else told


class AnswerTimes(NamedTuple):
    """How long the answers took that a run got, in milliseconds."""

    answers: int
    mean_ms: int
    slowest_ms: int


def answer_times(home: Path, run: str) -> AnswerTimes | None:
    """Return how long the answers of a finished run took, as its log says; None if it has no log, or got no answers.

    Only the end of the log is read: a page shows this of many runs.
    """
    if not has_log(home, run):
        return None
    file = _file_of(home, run)
    with file.open("rb") as log:
        log.seek(max(file.stat().st_size - _END, 0))
        lines = log.read().splitlines()
    for line in reversed(lines):
        if b'"over"' not in line:
            continue
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        times = entry.get("times") if isinstance(entry, dict) and entry.get("event") == "over" else None
        if isinstance(times, dict) and all(isinstance(times.get(name), int) for name in AnswerTimes._fields):
            return AnswerTimes(*(times[name] for name in AnswerTimes._fields))
    return None


def failures(home: Path, run: str) -> dict[str, int]:
    """Return how many URLs failed, by reason, the most frequent first; for an active run, those that its log names."""
    named: Counter[str] = Counter()
    for entry in entries(home, run):
        if entry.get("event") == "failure":
            named[str(entry.get("reason", ""))] += 1
        elif entry.get("event") == "failures" and isinstance(entry.get("by_reason"), dict):
            return {str(reason): int(count) for reason, count in entry["by_reason"].items()}
    return dict(named.most_common())


def failed_urls(home: Path, run: str) -> list[FailureShape]:
    """Return the URLs that a run could not fetch, in the order of its log.

    The log names the first and the last hundred.
    """
    named = (entry for entry in entries(home, run) if entry.get("event") == "failure" and entry.get("url"))
    return [FailureShape(url=str(entry["url"]), reason=str(entry.get("reason", "")), at=entry["at"]) for entry in named]


@dataclass(slots=True)
class DrawnPages:
    """The pages that a browser rendered in a run, or could not render."""

    rendered: int = 0
    requests: int = 0
    seconds: float = 0.0
    first: list[DrawnShape] = field(default_factory=list)
    last: deque[DrawnShape] = field(default_factory=lambda: deque(maxlen=_SHOWN))
    unshown: int = 0
    """How many pages are between the first and the last."""
    not_needed: dict[str, str] = field(default_factory=dict)
    """The URL patterns whose pages were not rendered, as the browser brought nothing to such pages before: why."""


def drawn_pages(home: Path, run: str) -> DrawnPages:
    """Return the sums over all pages of the browser, and the first and the last hundred, in the order of the log."""
    pages = DrawnPages()
    for entry in entries(home, run):
        if entry.get("event") == "browser-not-needed":
            pages.not_needed[str(entry.get("pattern"))] = str(entry.get("reason", ""))
        if not _is_drawn(entry):
            continue
        page = _drawn(entry)
        pages.rendered += page.problem is None
        pages.requests += page.requests
        pages.seconds += page.seconds
        pages.unshown += len(pages.last) == _SHOWN
        (pages.last if len(pages.first) == _SHOWN else pages.first).append(page)
    return pages


def drawn_page(home: Path, run: str, url: str) -> DrawnShape | None:
    """Return how a run rendered a page the last time; None if no browser did."""
    entry = None
    for one in entries(home, run):
        if _is_drawn(one) and one.get("url") == url:
            entry = one
    return _drawn(entry) if entry is not None else None


def _is_drawn(entry: Mapping[str, Any]) -> bool:
    return entry.get("event") in ("drawn", "not-drawn")


def _drawn(entry: Mapping[str, Any]) -> DrawnShape:
    url, at, reason = str(entry.get("url")), entry["at"], str(entry.get("reason", ""))
    if entry["event"] == "not-drawn":
        return DrawnShape(url=url, at=at, reason="", complete=False, problem=reason)
    return DrawnShape(
        url=url,
        at=at,
        reason=reason,
        requests=entry.get("requests", 0),
        bytes=entry.get("bytes", 0),
        seconds=entry.get("seconds", 0.0),
        refused=entry.get("refused", {}),
        behaviours=entry.get("behaviours", {}),
        complete=entry.get("complete", True),
    )
