"""Files that were given up and that the store has as a whole: they lose what was purged meanwhile.

Their upload continued when their worker woke up, or was over before its machine died (`take_whole`). A purge like any
other deletes, by the same take-downs and retentions, what those of the meantime would have deleted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from socket import gethostname
from typing import TYPE_CHECKING, NamedTuple

from archive.database.marks import Marks
from archive.index.damage import examine
from archive.index.purges.given_up import BACK, GivenUp, files_back, note_stays
from archive.index.purges.needs import captures_in
from archive.index.purges.purged_marks import SEGMENT, purged_among, purged_by
from archive.shipping.noted_purges import mark_bereft
from archive.values.capture import Capture
from archive.values.errors import IntegrityError, PurgeRefused, PurgeUnderWay
from archive.values.timestamps import timestamp14
from pressmark.service.access.purged_since import moment_of, purged_since
from scheduler.ledger.take_downs import UnknownTakeDown

if TYPE_CHECKING:
    from archive.intake.purge_plan import Plan
    from pressmark.service.service import Service

log = logging.getLogger(__name__)

RETURNED = "spool/returned/"
"""The beginning of the names of marks of files that are back and have captures that are taken down; the name of the
segment, a slash, and the id of the take-down follow. The value is when they came back.
"""
_TOLD_FOR = timedelta(days=14)
_WAITS = "a worker still has its copy of the file, or its texts are not extracted yet"

MakePlan = Callable[[Iterable[Capture]], "Plan"]
Delete = Callable[[str, "Plan", str], Sequence[Capture]]
"""Purges what a plan has, for the id of a take-down or retention, in the name of a person; returns what was deleted."""


class HiddenAgain(NamedTuple):
    """Files that are back, and take-downs that hide captures in them and have not been purged since."""

    files: Sequence[str]
    takedowns: Sequence[str]


def end_files_back(service: Service, plan: MakePlan, delete: Delete) -> Mapping[str, str]:
    """Purge in these files what was purged since they were given up. Return those where that is not over, and why.

    Raises StoreError, DatabaseUnusable.
    """
    left = dict[str, str]()
    for note in files_back(service.database):
        try:
            why = _end(service, note, plan, delete)
        except (IntegrityError, PurgeRefused, PurgeUnderWay, UnknownTakeDown) as error:
            why = str(error)
        if why:
            left[note.segment] = why
            note_stays(service.database, note.segment, why)
            log.warning("a file that is back has what was purged", extra={"segment": note.segment, "reason": why})
    return left


def _end(service: Service, note: GivenUp, plan: MakePlan, delete: Delete) -> str:
    """Return why it is not over; an empty string if it is."""
    examine(service.index, service.store, _now(service, note.segment))
    its = _captures(service, note)
    named = [one.refers_to.record_id for one in its if one.refers_to]
    mark_bereft(service.index, frozenset(purged_among(service.database, named)))
    by, names = purged_since(service, note.at), purged_by(service.database)
    wanted = {one.record_id: id_ for one in its if (id_ := by(one)) is not None}
    deleted, kept = dict(note.deleted), 0
    for id_ in sorted(set(wanted.values())):  # looked up again: the purge before has moved them
        found = plan([one for one in _captures(service, note) if wanted.get(one.record_id) == id_])
        if any(each.why == "spool" for each in found.kept_back):
            return _WAITS
        kept += len(found.kept_back)
        if found.captures:
            whose = names.get(id_, "").rpartition(", ")[0] or "service"
            deleted |= {one.record_id: id_ for one in delete(id_, found, whose)}
            note_stays(service.database, note.segment, "", deleted)
    note_back(service, note, deleted, kept, _captures(service, note))
    Marks(service.database, BACK).delete(note.segment)
    return ""


def _captures(service: Service, note: GivenUp) -> Sequence[Capture]:
    return captures_in(service.database, _now(service, note.segment))


def _now(service: Service, segment: str) -> str:
    """Return the name of a segment after the purges of it."""
    renamed = Marks(service.database, SEGMENT)
    while (after := renamed.get(segment)) is not None:
        segment = after
    return segment


def note_back(
    service: Service, note: GivenUp, deleted: Mapping[str, str], kept_back: int, left: Iterable[Capture]
) -> None:
    """Note in the audit trail that a file is back, with what was deleted in it, and which take-downs hide what is left:
    who wants that deleted for good purges them again.
    """
    facts: dict[str, object] = {"given_up_by": note.by, "deleted": dict(deleted), "kept_back": kept_back}
    if hidden := _taken_down(service, left):
        facts["taken_down"] = hidden
        at = service.now().isoformat(timespec="seconds")
        Marks(service.database, RETURNED).set_all({f"{note.segment}/{id_}": at for id_ in hidden})
        log.warning(
            "a file that is back has captures that are taken down; to delete them for good, purge these take-downs",
            extra={"segment": note.segment, "takedowns": hidden},
        )
    service.access.trail.add("service", gethostname(), "spool back", note.segment, after=facts)


def _taken_down(service: Service, left: Iterable[Capture]) -> list[str]:
    """Return the take-downs in force that hide some of these captures."""
    active = service.take_downs.active()
    found = (one.id for each in left for one in active if one.covers(each.url, [timestamp14(each.at)]))
    return sorted(set(found))


def hidden_again(service: Service) -> HiddenAgain | None:
    """Return what a person may want to purge again: for 14 days, and until it was purged or the take-down is over."""
    noted = Marks(service.database, RETURNED).all()
    if not noted:
        return None
    active, said = {one.id for one in service.take_downs.active()}, purged_by(service.database)
    found = set[tuple[str, str]]()
    for name, at in noted.items():
        segment, _, id_ = name.rpartition("/")
        since = moment_of(f", {at}")
        is_purged = id_ in said and moment_of(said[id_]) >= since
        if id_ in active and not is_purged and service.now() - since < _TOLD_FOR:
            found.add((segment, id_))
    if not found:
        return None
    return HiddenAgain(sorted({each[0] for each in found}), sorted({each[1] for each in found}))
