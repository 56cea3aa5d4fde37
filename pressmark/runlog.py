"""The log of a run, read for people: one line for each thing that its crawl found worth telling."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


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
    """An event as a line: ``12:30:05 failure url=https://… reason=…``."""
    facts = (f"{name}={value}" for name, value in entry.items() if name not in ("at", "event"))
    return " ".join([str(entry.get("at", ""))[11:19], str(entry.get("event", "")), *facts])


def failures(home: Path, run: str) -> dict[str, int]:
    """How many URLs failed, by reason, the most frequent first; while a run goes on, those that its log names."""
    named: Counter[str] = Counter()
    for entry in entries(home, run):
        if entry.get("event") == "failure":
            named[str(entry.get("reason", ""))] += 1
        elif entry.get("event") == "failures" and isinstance(entry.get("by_reason"), dict):
            return {str(reason): int(count) for reason, count in entry["by_reason"].items()}
    return dict(named.most_common())
