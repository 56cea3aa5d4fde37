"""The log of a run, read for people: one line for each thing that its crawl found worth telling."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_LEFT_OUT = {
    "not-due": "%(pages)s %(were)s not due",
    "not-newer": "%(pages)s %(were)s unchanged according to the site's lists",
    "robots": "robots.txt forbids %(pages)s",
    "outside": "%(pages)s %(were)s outside the source",
    "excluded": "%(pages)s %(were)s excluded by the source",
    "depth": "%(pages)s %(were)s deeper than the source goes",
    "action": "%(pages)s %(were)s an action, not a page",
    "alias": "%(pages)s %(were)s archived under another address",
    "gone": "%(pages)s %(were)s gone when last fetched, and not due",
    "barred": "%(pages)s returned other content when last fetched, and %(were)s not due",
    "host-unreachable": "%(pages)s %(were)s on a host that could not be reached",
}
"""Why URLs are not fetched, by the reasons that a crawl gives."""


def entries(home: Path, run: str) -> Iterator[Mapping[str, Any]]:
    """The events of a run, the oldest first; a line torn by a crash is passed over."""
    file = home / "logs" / "runs" / f"{run}.jsonl"
    if "/" in run or not file.is_file():
        return
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield entry


def told(entry: Mapping[str, Any]) -> str:
    """An event as a line: ``12:30:05 failure url=https://… reason=…``; the end of the run as a sentence."""
    if entry.get("event") == "over":
        return f"{str(entry.get('at', ''))[11:19]} over: {'; '.join(_ending(entry))}"
    facts = (f"{name}={value}" for name, value in entry.items() if name not in ("at", "event"))
    return " ".join([str(entry.get("at", ""))[11:19], str(entry.get("event", "")), *facts])


def left_out(dropped: Mapping[str, int]) -> list[str]:
    """What a run did not fetch and why, a phrase for each reason, the most frequent first."""
    counted = sorted(((count, reason) for reason, count in dropped.items() if count > 0), key=lambda one: -one[0])
    return [_phrase(reason, count) for count, reason in counted]


def dropped_by(home: Path, run: str) -> Mapping[str, int]:
    """How many URLs a run that is over did not fetch, by reason."""
    last = [entry for entry in entries(home, run) if entry.get("event") == "over"][-1:]
    found = last[0].get("dropped") if last else None
    return {str(reason): int(count) for reason, count in found.items()} if isinstance(found, dict) else {}


def _phrase(reason: str, count: int) -> str:
    pages = f"{count} page{'s' if count != 1 else ''}"
    told = _LEFT_OUT.get(reason, "%(pages)s %(were)s skipped: %(reason)s")
    return told % {"pages": pages, "were": "were" if count != 1 else "was", "reason": reason}


def _ending(entry: Mapping[str, Any]) -> Iterator[str]:
    yield f"{entry.get('outcome')}: {entry.get('reason')}"
    if isinstance(dropped := entry.get("dropped"), dict):
        yield from left_out(dropped)
    if isinstance(complete := entry.get("complete"), dict):
        yield _listed(complete)


def _listed(complete: Mapping[str, Any]) -> str:
    """What became of the items that the site lists."""
    missing = complete.get("missing") or {}
    told = f"the site lists {complete['listed']}: {complete['had']} fetched now, {complete['known']} archived before"
    count = sum(each["count"] for each in missing.values())
    return f"{told}, {count} missing ({', '.join(missing)})" if count else told


def failures(home: Path, run: str) -> dict[str, int]:
    """How many URLs failed, by reason, the most frequent first; while a run goes on, those that its log names."""
    named: Counter[str] = Counter()
    for entry in entries(home, run):
        if entry.get("event") == "failure":
            named[str(entry.get("reason", ""))] += 1
        elif entry.get("event") == "failures" and isinstance(entry.get("by_reason"), dict):
            return {str(reason): int(count) for reason, count in entry["by_reason"].items()}
    return dict(named.most_common())
