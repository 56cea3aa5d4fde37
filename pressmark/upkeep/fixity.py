"""Audits of a share of the archive, on a timetable or by a command: their state, and what they found."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from archive.database.engine import Database
from archive.index.objects import FIRST, Lag, Objects
from archive.shipping.fixity.audit import Audit, Checked
from archive.shipping.fixity.reading import Meter
from archive.shipping.fixity.replicas import Cursor
from archive.shipping.fixity.share import Share
from archive.store.replicated import replicas_of
from archive.values.counters import Figure
from archive.values.errors import StoreError
from config.settings import Settings
from config.values.share import parse_share
from pressmark.service.service import Service
from pressmark.upkeep.audit import OK, WRONG
from pressmark.upkeep.last_audit import forget_damage, marks_of

REPAIRED = "repaired"
_TURN, _SINCE = "turn", "since"
_LATE_AFTER = 2
"""An audit is overdue after this many times its interval."""
BEHIND = timedelta(hours=1)
"""A replica that lags for so long is named."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The last audit of a share."""

    ended: str | None = None
    """When the last complete one ended."""
    copies: int = 0
    size: int = 0
    wrong: int = 0
    repaired: int = 0
    problem: str | None = None
    """Why the newest one is not complete, as a sentence."""

    @property
    def ended_at(self) -> datetime | None:
        return datetime.fromisoformat(self.ended) if self.ended else None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a place is."""

    place: str
    wrong: int
    oldest_check: datetime | None
    """When its least recently checked object was checked, or put."""
    lag: Lag | None
    """What a replica does not have yet; None for the first store."""
    problem: str | None = None
    """Why a replica is not filled, or not audited."""


def share_named(text: str) -> Share:
    """Return a share as the settings and `--share` write it. Raises ValueError."""
    parsed = parse_share(text)
    return Share(fraction=parsed) if isinstance(parsed, Fraction) else Share(size=parsed)


def audit_share(
    service: Service,
    share: Share,
    *,
    repair: bool = False,
    refill: str | None = None,
    meter: Meter | None = None,
    worker: str | None = None,
    within: timedelta | None = None,
    places: Iterable[str] | None = None,
) -> Iterator[Checked]:
    """Audit a share, count it, and note the state. See `Audit.run`; `worker` is the one whose spool this process holds.

    Each place has a state of its own: one that does not respond leaves those of the others. Raises StoreError, after
    all places were tried, and Interrupted, which leave what was done.
    """
    audit = Audit(service.index, service.store, now=service.now, meter=meter, worker=worker)
    failures = list[StoreError]()
    for place in audit.places if places is None else places:
        checked = audit.run(share, repair=repair, refill=refill, within=within, places=(place,))
        try:
            yield from _counted(service, place, checked)
        except StoreError as error:
            failures.append(error)
    if failures:
        raise failures[0]


def _counted(service: Service, place: str, found: Iterator[Checked]) -> Iterator[Checked]:
    """Count what is checked in a place, and note that its audit is complete, or why not."""
    turn, healed = Turn(), set[str]()
    try:
        for checked in found:
            result = REPAIRED if checked.healed_from else WRONG if checked.is_wrong else OK
            service.figures.count(Figure.CHECKED, result)
            healed |= {checked.name} if checked.place == FIRST and not checked.is_wrong else set()
            turn = replace(
                turn,
                copies=turn.copies + 1,
                size=turn.size + checked.size,
                wrong=turn.wrong + checked.is_wrong,
                repaired=turn.repaired + (checked.healed_from is not None),
            )
            yield checked
    except Exception as error:
        note_problem(service.database, str(error) or type(error).__name__, place)
        raise
    finally:
        forget_damage(service.database, healed)
    _write(service.database, replace(turn, ended=service.now().isoformat()), place)


def turn_of(database: Database, place: str = FIRST) -> Turn | None:
    """Return the last audit of a share of a place; None before the first."""
    told = marks_of(database).get(_mark(place))
    return Turn(**json.loads(told)) if told else None


def note_problem(database: Database, problem: str | None, place: str = FIRST) -> None:
    """Note why audits of a place are not complete; None when they are."""
    turn = turn_of(database, place) or Turn()
    if turn.problem != problem:
        _write(database, replace(turn, problem=problem), place)


def begin(service: Service) -> datetime:
    """Note that audits are on the timetable from now on; return since when they are."""
    return datetime.fromisoformat(marks_of(service.database).put(_SINCE, service.now().isoformat()))


def next_audit(service: Service, place: str = FIRST) -> datetime | None:
    """Return when the next audit of a place is due; None if audits are off, or no service has run yet.

    A time later than now was noted by a wrong clock and does not count.
    """
    every, since, now = service.settings.audit.every, marks_of(service.database).get(_SINCE), service.now()
    if not every or since is None:
        return None
    turn = turn_of(service.database, place)
    noted = (turn.ended_at if turn else None, datetime.fromisoformat(since))
    last = max((at for at in noted if at and at <= now), default=None)
    return last + every if last else now


def overdue(service: Service, place: str = FIRST) -> datetime | None:
    """Return since when the audit of a place has been overdue; None if it is not.

    Earlier versions kept one mark for all places: it counts for a replica until its own audit ended or failed.
    """
    due = next_audit(service, place if turn_of(service.database, place) else FIRST)
    late = due + (_LATE_AFTER - 1) * service.settings.audit.every if due else None
    return due if late and service.now() > late else None


def period_of(settings: Settings, total: int) -> timedelta:
    """Return the time in which audits on the timetable read everything."""
    return settings.audit.every * share_named(settings.audit.share).turns(total)


def lags(service: Service) -> list[tuple[str, Lag, str | None]]:
    """Return what each replica lacks, and why it is not filled. Only the database is asked."""
    objects, database = Objects(service.database), service.database
    return [
        (name, objects.lag(name, Cursor(database, name).get()), replica_problem(database, name))
        for name in replicas_of(service.store)
    ]


def standings(service: Service) -> list[Standing]:
    """Return how far the first store and each replica are. Only the database is asked."""
    objects = Objects(service.database)
    wrong = objects.wrong_counts()
    found = [Standing(FIRST, wrong.get(FIRST, 0), objects.oldest_check(FIRST), None)]
    for name, lag, problem in lags(service):
        turn = turn_of(service.database, name)
        why = problem or (turn.problem if turn else None)
        found.append(Standing(name, wrong.get(name, 0), objects.oldest_check(name), lag, why))
    return found


def replica_problem(database: Database, name: str) -> str | None:
    return marks_of(database).get(f"replica:{name}") or None


def note_replica_problem(database: Database, name: str, problem: str | None) -> None:
    if (replica_problem(database, name) or "") != (problem or ""):
        marks_of(database).set(f"replica:{name}", problem or "")


def emptied(database: Database, name: str) -> str | None:
    """Return why a replica has nothing of what it had; None if it has."""
    return marks_of(database).get(f"emptied:{name}") or None


def note_emptied(database: Database, name: str, why: str | None) -> None:
    if emptied(database, name) != why:
        marks_of(database).set(f"emptied:{name}", why or "")


def _write(database: Database, turn: Turn, place: str) -> None:
    marks_of(database).set(_mark(place), json.dumps(asdict(turn)))


def _mark(place: str) -> str:
    return _TURN if place == FIRST else f"{_TURN}:{place}"
