"""Of several lists of a run that name a page, the one that tells of the latest change counts, whatever their order."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence

from crawler.policy.rows import Link, Settled, State, key_of

PASSED_OVER = ("not-newer", "not-due", "gone", "barred")
"""Why a page is not asked for that would be, had its list told of a later change."""

_TELL = "UPDATE urls SET modified = ? WHERE key = ? AND state IN (0, 1) AND modified < ?"
_QUEUE_AGAIN = """UPDATE urls SET modified = ?, state = 0, reason = NULL
WHERE key = ? AND state = 5 AND modified < ? AND reason = ?"""
_TOLD_MEANWHILE = "UPDATE urls SET state = 0, reason = NULL WHERE id = ? AND modified > ? RETURNING host"


def believe(db: sqlite3.Connection, links: Iterable[Link]) -> Counter[str]:
    """Write down what lists tell of pages that are in the frontier; inside of a transaction.

    Returns how many are queued again that were passed over, by the reason for that.
    """
    again: Counter[str] = Counter()
    for link in links:
        if link.modified:
            told = (link.modified, key_of(link.url), link.modified)
            db.execute(_TELL, told)
            for reason in PASSED_OVER:
                again[reason] += db.execute(_QUEUE_AGAIN, (*told, reason)).rowcount
    return +again


def told_meanwhile(db: sqlite3.Connection, settled: Sequence[Settled]) -> tuple[Counter[str], set[int]]:
    """Queue again what is being passed over while another list told of a later change; inside of a transaction.

    Returns how many by the reason, and their hosts.
    """
    again: Counter[str] = Counter()
    hosts: set[int] = set()
    for one in settled:
        if one.state is State.DROPPED and one.reason in PASSED_OVER and one.modified is not None:
            for (host,) in db.execute(_TOLD_MEANWHILE, (one.id, one.modified)):
                again[one.reason] += 1
                hosts.add(host)
    return again, hosts
