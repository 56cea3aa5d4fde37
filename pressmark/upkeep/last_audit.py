"""When everything was last verified, and the damage found then."""

from __future__ import annotations

import json
from collections.abc import Sequence, Set
from dataclasses import asdict, dataclass
from datetime import datetime

from archive.database.engine import Database
from archive.database.marks import Marks

LAST_FULL, LAST_DAMAGE = "last-full", "last-damage"

_NAMED = 1000


@dataclass(frozen=True, slots=True)
class Damage:
    """Files and objects with findings."""

    count: int
    first: str
    names: tuple[str, ...] = ()
    """All of them, unless there are too many."""


def last_full(database: Database) -> datetime | None:
    """Return when everything was last verified, whatever was found; None when never."""
    at = marks_of(database).get(LAST_FULL)
    return datetime.fromisoformat(at) if at else None


def last_damage(database: Database) -> Damage | None:
    """Return what the last full audit found damaged or missing; None when nothing, or before the first."""
    value = marks_of(database).get(LAST_DAMAGE)
    found = json.loads(value) if value else None
    return Damage(found["count"], found["first"], tuple(found.get("names", ()))) if found else None


def forget_damage(database: Database, healed: Set[str]) -> None:
    """Take objects that are intact again from what the last full audit found."""
    damage = last_damage(database) if healed else None
    if damage is not None and not healed.isdisjoint(damage.names):
        note_damage(database, [name for name in damage.names if name not in healed])


def note_damage(database: Database, wrong: Sequence[str]) -> None:
    names = tuple(wrong) if len(wrong) <= _NAMED else ()
    damage = Damage(len(wrong), wrong[0], names) if wrong else None
    marks_of(database).set(LAST_DAMAGE, json.dumps(asdict(damage) if damage else None))


def marks_of(database: Database) -> Marks:
    return Marks(database, "fixity:")
