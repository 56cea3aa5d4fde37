"""The audit trail: who did what, from where, when, to which; refusals, too."""

from __future__ import annotations

import json
import logging
import os
import pwd
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from archive.database.access.trail_rows import Entry, TrailRow, TrailRows, Verified
from archive.database.engine import Database
from pressmark.service.access.networks import network_of
from pressmark.service.access.source_facts import in_text, in_value
from pressmark.service.redaction import redaction

KEPT = timedelta(days=400)
"""How long entries of the audit trail are kept."""
COMMAND_LINE = "command line"
_PRUNE_EVERY = 24 * 3600.0
_LONGEST = 2000
_LONGEST_FACTS = 64_000
_REFUSALS, _PER = 30, 60.0
"""Rows for refusals of one network in so many seconds; the log has a line for each. Nobody can fill the disk."""
_ADDRESSES = 10_000

log = logging.getLogger(__name__)


class Trail:
    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._rows = TrailRows(database)
        self._now = now
        self._prune_at = time.monotonic()
        self._refused: dict[str, tuple[float, int]] = {}
        self._lock = Lock()

    def add(
        self,
        who: str,
        origin: str,
        action: str,
        target: str = "",
        *,
        outcome: str = "done",
        before: Any = None,
        after: Any = None,
    ) -> TrailRow:
        """Add a row. `before` and `after` are stored as JSON, without secrets."""
        entry = Entry(self._now(), who, origin, action, target, outcome, before=_facts(before), after=_facts(after))
        return self._add(entry)[0]

    def add_each(self, who: str, origin: str, action: str, targets: Sequence[str]) -> list[TrailRow]:
        """Add a row for each target, in one transaction."""
        now = self._now()
        return self._add(*(Entry(now, who, origin, action, target, "done", None, None) for target in targets))

    def _add(self, *entries: Entry) -> list[TrailRow]:
        self._prune()
        rows = self._rows.add_each([_cleaned(one) for one in entries])
        for row in rows:
            one = row.entry
            what = {"who": one.who, "from": one.origin, "action": one.action, "target": one.target}
            log.info("audit", extra={**what, "digest": row.digest})
        return rows

    def refuse(self, who: str, address: str, action: str, target: str = "", *, status: int, why: str) -> None:
        """Write one line about a refusal into the log, and a row, unless its network has many already."""
        facts = {"address": address, "status": status, "who": who, "action": action, "reason": why}
        log.warning("refused", extra={**facts, "target": _clean(in_text(target))})
        if self._has_room(address):
            self.add(who, address, action, target, outcome=f"refused: {status}")

    def newest(self, *, since: datetime | None = None, before: int | None = None, limit: int) -> list[TrailRow]:
        """Return rows, newest first."""
        return self._rows.newest(since=since, before=before, limit=limit)

    def verify(self) -> Verified:
        return self._rows.verify()

    def _prune(self) -> None:
        """Delete what is older than 400 days, once a day."""
        with self._lock:
            if time.monotonic() < self._prune_at:
                return
            self._prune_at = time.monotonic() + _PRUNE_EVERY
        self._rows.prune(self._now() - KEPT, self._now())

    def _has_room(self, address: str) -> bool:
        network = network_of(address)
        with self._lock:
            now = time.monotonic()
            if len(self._refused) > _ADDRESSES:
                self._refused = {one: seen for one, seen in self._refused.items() if seen[0] > now}
                if len(self._refused) > _ADDRESSES:
                    return False
            ends, count = self._refused.get(network, (0.0, 0))
            if ends <= now:
                ends, count = now + _PER, 0
            self._refused[network] = (ends, count + 1)
            return count < _REFUSALS


def write_or_log(write: Callable[[], object]) -> None:
    """Write into the audit trail. A database that can't be written is reported elsewhere, and must not hide answers."""
    try:
        write()
    except Exception:
        log.exception("the audit trail can't be written")


def user_of_machine() -> str:
    """Return how the trail names the user of this process: by number where the system knows no name for it."""
    try:
        return f"user {pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"user {os.getuid()}"


def _cleaned(entry: Entry) -> Entry:
    """Return an entry without secrets, which any database can store."""
    texts = (entry.who, entry.origin, entry.action, entry.target, entry.outcome)
    who, origin, action, target, outcome = (_clean(in_text(text)) for text in texts)
    return replace(entry, who=who, origin=origin, action=action, target=target, outcome=outcome)


def _clean(text: str) -> str:
    """Return a text that any database can store."""
    return text[:_LONGEST].encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")


def _facts(value: Any) -> str | None:
    if value is None:
        return None
    text = json.dumps(in_value(redaction.value(value)), default=str)
    return text if len(text) <= _LONGEST_FACTS else json.dumps({"left out": len(text)})
