"""What purges have deleted since a time: files that come back with their machine lose it, too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.database.marks import Marks
from archive.index.purges.purged_marks import purged_by
from archive.values.capture import Capture
from archive.values.errors import IntegrityError
from archive.values.timestamps import timestamp14
from pressmark.service.access.holds import holds_of

if TYPE_CHECKING:
    from pressmark.service.service import Service

ORDERS = "purge-order/"
"""The beginning of the names of marks of confirmed purges that have not ended; the id of the take-down follows."""
BOUNDS = "purge-bound/"
"""The beginning of the names of marks that say from when on a retention kept captures at its last purge."""
RETENTION = "retention:"
"""The beginning of what stands for a take-down where a collection's own retention deletes; its name follows."""
_CLOCKS = timedelta(hours=1)
"""How far the clocks of two machines may differ: no purge can have run in the time before a file was given up."""


def purged_since(service: Service, since: datetime) -> Callable[[Capture], str | None]:
    """Return what says which purge that ran since a time, or is unfinished, is about a capture of before that time.

    It returns None for a capture that stays; so do what people hold, and what is taken down no more. Raises
    DatabaseUnusable, IntegrityError if that is not known.
    """
    said = {id_: moment_of(by) for id_, by in purged_by(service.database).items()}
    recent = {id_: at for id_, at in said.items() if at >= since - _CLOCKS}
    recent |= {id_: service.now() for id_ in Marks(service.database, ORDERS).all()}
    now = service.now()
    take_downs = [one for one in service.take_downs.all() if one.id in recent and one.is_active(now)]
    bounds = Marks(service.database, BOUNDS).all()
    ends = dict[str, datetime]()
    for id_ in filter(lambda each: each.startswith(RETENTION), recent):
        if id_ not in bounds:
            raise IntegrityError(f"the purge {id_} has run since, and the database does not know how far it reached")
        ends[id_.removeprefix(RETENTION)] = datetime.fromisoformat(bounds[id_])
    held = holds_of(service).held()

    def by(one: Capture) -> str | None:
        if held(one):
            return None
        for each in take_downs:
            if one.record_id in each.records if each.at else each.covers(one.url):
                return each.id
            if each.at and one.url.startswith("urn:") and each.covers(one.url, [timestamp14(one.at)]):
                return each.id
        if (end := ends.get(one.collection)) is not None and one.at < end:
            return RETENTION + one.collection
        return None

    return by


def moment_of(by: str) -> datetime:
    """Return when a purge ran, from `purged_by`: who, a comma, and the time."""
    return datetime.fromisoformat(by.rpartition(", ")[2])
