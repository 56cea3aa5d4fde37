"""What is wrong with audits and replicas now, for the doctor, /readyz and the pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from archive.index.objects import Objects
from archive.shipping.fixity.audit import way_out
from archive.values.plural import counted
from config.duration import format_duration
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.service.states import Condition, condition
from pressmark.upkeep.fixity import BEHIND, next_audit, overdue, standings, turn_of


def fixity_conditions(service: Service) -> Iterator[Condition]:
    """Return them. Only the database is asked."""
    if (since := overdue(service)) is not None:
        turn = turn_of(service.database)
        why = f": {turn.problem}" if turn and turn.problem else ""
        yield condition("audit-overdue", since=_minute(since), why=why)
    if found := Objects(service.database).wrong(limit=1):
        key, place, *_ = found[0]
        count = sum(one.wrong for one in standings(service))
        yield condition("copies-wrong", count=count, first=key, place=place, way_out=way_out(key))
    for one in standings(service):
        if one.lag and one.lag.since and service.now() - one.lag.since > BEHIND:
            why = f": {one.problem}" if one.problem else ""
            since = one.lag.since
            yield condition("replica-behind", replica=one.place, count=one.lag.objects, since=_minute(since), why=why)


def examine_fixity(service: Service) -> Iterator[tuple[str, Exit]]:
    """Return, for the doctor, when audits run, and how far each replica is."""
    settings = service.settings.audit
    turn, due = turn_of(service.database), next_audit(service)
    if not settings.every:
        yield "audits are off (audit.every is 0s)", Exit.OK
    else:
        last = f"the last one ended at {_minute(turn.ended_at)} UTC" if turn and turn.ended_at else "none has ended yet"
        when = f", the next one is due at {_minute(due)} UTC" if due else ", they run while pressmark serve runs"
        yield f"every {format_duration(settings.every)}, {settings.share} is audited; {last}{when}", Exit.OK
    for one in standings(service):
        if one.lag is not None:
            what = f"lacks {counted(one.lag.objects, 'object')}" if one.lag.objects else "has every object"
            yield f"the replica {one.place} {what}{f'; {one.problem}' if one.problem else ''}", Exit.OK


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
