"""The log of a run: one JSON line for each event that an operator may want to know, never one per page."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO

_MOST_FAILURES = 100
"""Failures that are logged as they happen; the same number of the last ones is logged at the end."""


class RunLog:
    """Events of one run, appended to a file; discarded if there is no file."""

    def __init__(self, path: Path | None, now: Callable[[], datetime]) -> None:
        self._path, self._now = path, now
        self._file: IO[str] | None = None
        self._failures = 0
        self.reasons: Counter[str] = Counter()
        """How many pages and requisites failed, by reason."""
        self.last: deque[tuple[str, str]] = deque(maxlen=_MOST_FAILURES)
        """The last failures: URL and reason."""

    def event(self, name: str, **facts: object) -> None:
        """Write one line: the time, the name of the event, its facts. Disk errors do not affect the run."""
        if self._path is None:
            return
        line = json.dumps({"at": self._now().isoformat(), "event": name, **facts}, ensure_ascii=False, default=str)
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("a", encoding="utf-8")
            self._file.write(line + "\n")
            self._file.flush()
        except OSError:
            return

    def failure(self, url: str, reason: str) -> None:
        """Note that a URL failed permanently."""
        self._failures += 1
        self.reasons[reason] += 1
        self.last.append((url, reason))
        if self._failures <= _MOST_FAILURES:
            self.event("failure", url=url, reason=reason)

    def close(self) -> None:
        """Write what was not written yet: the last failures, and their total."""
        unwritten = min(self._failures - _MOST_FAILURES, len(self.last))
        for url, reason in list(self.last)[-unwritten:] if unwritten > 0 else ():
            self.event("failure", url=url, reason=reason)
        if self.reasons:
            self.event("failures", count=self._failures, by_reason=dict(self.reasons.most_common()))
        if self._file is not None:
            self._file.close()
            self._file = None
