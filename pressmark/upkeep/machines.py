"""What waits for another service: captures on the disk of a machine that is gone, runs, and timetables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from archive.index.purges.given_up import GONE_FOR, GivenUp, files_back, given_up, mark_given_up
from archive.index.unshipped import UnshippedSegment, unshipped_elsewhere
from archive.spool.spool import known_id_of
from archive.values.wrong_clocks import is_over
from pressmark.service.access.files_back import hidden_again
from pressmark.service.readers import batches_of, reading_jobs
from pressmark.service.service import Service
from pressmark.service.states import Condition, condition
from scheduler.pauses import EVERYTHING
from scheduler.run import LOOSE, Run

_WAITS = timedelta(minutes=10)
"""How long a run, or the texts of a segment, may wait for another service before it is reported."""


def mark_unreachable(service: Service) -> int:
    """Mark these captures: they serve no new capture as its original, and their pages are due. Return how many are new.

    The mark ends when the spool comes back, on its machine or by `pressmark spool adopt`.
    """
    mark_given_up(service.database, service.now)
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


def missed_roles(service: Service) -> Iterator[Condition]:
    """Return the roles that no running service has, if something waits for them."""
    if (since := service.roles_seen.missed_since("work")) and (late := _late(service, _queued(service))):
        yield condition("services-without-work", since=_minute(since), count=len(late))
    if (since := service.roles_seen.missed_since("clock")) and service.sources.outlines().are_timed:
        yield condition("services-without-clock", since=_minute(since))
    if since := service.roles_seen.missed_since("read"):
        waiting = reading_jobs(service).waiting()
        if waiting.since is not None and is_over(waiting.since, _WAITS, service.epochs.now()):
            yield condition("services-without-read", since=_minute(since), count=waiting.count)
        for batch in batches_of(service).open()[:1]:
            left = batches_of(service).progress(batch.id)
            facts = {"first": batch.id, "count": left.total - left.done}
            yield condition("jobs-without-read", since=_minute(since), **facts)


def failing_jobs(service: Service) -> Iterator[Condition]:
    """Return the segments in the store whose texts can't be read, and what services do in jobs that fail."""
    if failing := reading_jobs(service).failing():
        yield condition("texts-unread", count=failing.count, first=failing.segment, why=failing.problem)
    for batch in batches_of(service).open():
        so_far = batches_of(service).progress(batch.id)
        if so_far.failing:
            facts = {"count": so_far.failing, "why": f"{so_far.first}: {so_far.problem}"}
            yield condition("jobs-failing", first=batch.id, **facts)


def captures_elsewhere(service: Service) -> Iterator[Condition]:
    """Return the machines that are gone with captures that the store does not have."""
    gone = defaultdict[tuple[str, str], list[UnshippedSegment]](list)
    for segment in unshipped_elsewhere(service.database, service.now(), service.epochs.lease):
        if segment.is_gone:
            gone[segment.host or "(unknown)", segment.worker].append(segment)
    for (host, worker), segments in gone.items():
        seen = max((each.seen_at for each in segments if each.seen_at), default=None)
        count, since = sum(each.captures for each in segments), _minute(seen) if seen else "-"
        yield condition("captures-elsewhere", host=host, worker=worker, count=count, since=since)


def spools_back(service: Service) -> Iterator[Condition]:
    """Return the files that were given up and are back: those that can't count yet, those that may have what was purged
    meanwhile, and those with captures that a person may want to purge again.
    """
    if stay := [one for one in given_up(service.database) if one.stays]:
        yield condition("file-back-unusable", **_first(stay))
    if back := files_back(service.database):
        yield condition("file-back-unpurged", **_first(back))
    if hidden := hidden_again(service):
        takedowns, first = ", ".join(hidden.takedowns), hidden.files[0]
        yield condition("file-back-hidden", count=len(hidden.files), first=first, takedowns=takedowns)


def _first(files: Sequence[GivenUp]) -> dict[str, object]:
    why = files[0].stays or "no purge has run since they are there"
    return {"count": len(files), "first": files[0].segment, "host": files[0].host, "why": why}


def _queued(service: Service) -> Sequence[Run]:
    """Return the queued runs of sources that are not paused, oldest first."""
    paused = service.pauses.all()
    if EVERYTHING in paused:
        return ()
    return [run for run in service.runs.unfinished() if run.status == "queued" and run.source not in paused]


def _late(service: Service, queued: Sequence[Run]) -> Sequence[Run]:
    now = service.now()
    return [run for run in queued if is_over(run.requested_at, _WAITS, now)]


def runs_without_source(service: Service) -> Iterator[Condition]:
    """Return the runs that this machine leaves to others: at once, if no other worker is alive."""
    queued = _queued(service)
    others = service.epochs.is_any_alive(but=known_id_of(service.settings.spool_path))
    runs = _late(service, queued) if others else queued
    sources = {run.source for run in runs} - {LOOSE}
    foreign = sources - set(service.own_sources(sources)) if sources else sources
    if found := [run for run in runs if run.source in foreign]:
        first = found[0]
        facts = {"source": first.source, "since": _minute(first.requested_at), "why": service.why_not_own(first.source)}
        yield condition("runs-without-source", count=len(found), **facts)


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
