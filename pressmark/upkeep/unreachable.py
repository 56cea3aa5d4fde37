"""Captures that only the disk of a machine that is gone has: after a day their pages are fetched again."""

from __future__ import annotations

from datetime import timedelta

from archive.index.unshipped import unshipped_elsewhere
from pressmark.service.service import Service

GONE_FOR = timedelta(days=1)
"""How long no worker with a spool must have been seen before its captures count as unreadable."""


def mark_unreachable(service: Service) -> int:
    """Mark these captures: they serve no new capture as its original, and their pages are due. Return how many are new.

    The mark ends when the spool comes back, on its machine or by `pressmark spool adopt`.
    """
    now = service.epochs.now()  # `seen_at` is of this clock; that of the machine may be wrong
    marked = 0
    for segment in unshipped_elsewhere(service.database, now, service.epochs.lease):
        if not segment.is_gone or segment.seen_at is None or now - segment.seen_at <= GONE_FOR:
            continue
        place = f"the worker {segment.worker} on the machine {segment.host or '(unknown)'}"
        reason = f"only the spool of {place} has it, which was last seen at {segment.seen_at:%Y-%m-%dT%H:%M:%SZ}"
        damages = service.index.damages
        marked += damages.mark(segment.name, damages.records_of(segment.name), "missing", reason)
    return marked
