"""Several lists of a run may name a page: the latest change that any of them gives counts, in any order."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence

from crawler.policy.rows import FetchResult, Link, State, key_of

PASSED_OVER = ("not-newer", "not-due", "gone", "barred")
"""Reasons for passing over a page that would be requested if its list gave a later change."""

_TELL = "UPDATE urls SET modified = ? WHERE key = ? AND state IN (0, 1) AND modified < ?"
_QUEUE_AGAIN = """UPDATE urls SET modified = ?, state = 0, reason = NULL
WHERE key = ? AND state = 5 AND modified < ? AND reason = ?"""
_TOLD_MEANWHILE = "UPDATE urls SET state = 0, reason = NULL WHERE id = ? AND modified > ? RETURNING host"


def store_changes(db: sqlite3.Connection, links: Iterable[Link]) -> Counter[str]:
    """Store the changes that lists give for pages in the frontier, inside a transaction.

    Returns how many skipped pages are queued again, by the reason for which they were skipped.
    """
    again: Counter[str] = Counter()
    for link in links:
        if link.modified:
            values = (link.modified, key_of(link.url), link.modified)
            db.execute(_TELL, values)
            for reason in PASSED_OVER:
                again[reason] += db.execute(_QUEUE_AGAIN, (*values, reason)).rowcount
    return +again


def requeue_changed(db: sqlite3.Connection, settled: Sequence[FetchResult]) -> tuple[Counter[str], set[int]]:
    """Queue pages again that are being skipped while another list gave a later change, inside a transaction.

    Returns their number by reason, and their hosts.
    """
    again: Counter[str] = Counter()
    hosts: set[int] = set()
    for one in settled:
        if one.state is State.DROPPED and one.reason in PASSED_OVER and one.modified is not None:
            for (host,) in db.execute(_TOLD_MEANWHILE, (one.id, one.modified)):
                again[one.reason] += 1
                hosts.add(host)
    return again, hosts
