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
from pressmark.upkeep.fixity import BEHIND, lags, next_audit, overdue, turn_of


def fixity_conditions(service: Service) -> Iterator[Condition]:
    """Return them. Only the database is asked."""
    if (since := overdue(service)) is not None:
        turn = turn_of(service.database)
        why = f": {turn.problem}" if turn and turn.problem else ""
        yield condition("audit-overdue", since=_minute(since), why=why)
    objects = Objects(service.database)
    if found := objects.wrong(limit=1):
        key, place, *_ = found[0]
        count = sum(objects.wrong_counts().values())
        yield condition("copies-wrong", count=count, first=key, place=place, way_out=way_out(key))
    for replica, lag, problem in lags(service):
        if lag.since and service.now() - lag.since > BEHIND:
            why = f": {problem}" if problem else ""
            yield condition("replica-behind", replica=replica, count=lag.objects, since=_minute(lag.since), why=why)


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
    for replica, lag, problem in lags(service):
        what = f"lacks {counted(lag.objects, 'object')}" if lag.objects else "has every object"
        yield f"the replica {replica} {what}{f'; {problem}' if problem else ''}", Exit.OK


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
