"""The parts of the ledger that a person gave up, as a database notes them: lost ones, and damaged ones.

They are read once a store has them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from archive.database.marks import Marks
from archive.shipping.ledger_parts import head_of
from archive.shipping.ledger_reading import missing_parts
from archive.store import ObjectStore
from archive.values.errors import Finding, IntegrityError, ObjectNotFound
from archive.warc.ledger import Part, gaps, part_of
from pressmark.service.service import Service
from pressmark.upkeep.ledger.saving import MARKS

Rows = dict[str, list[tuple[int, int]]]
"""Of each worker, the first and the last number of each row of parts."""

_LOST = "accepted/"
"""How the names of marks begin that say, of each worker, which lost parts of its ledger a person has given up."""
_DAMAGED = "accepted-damage/"
"""How the names of marks begin that say which damaged parts a person has given up, by their keys."""


class GivenUp:
    """What a person gave up. All methods raise DatabaseUnusable."""

    def __init__(self, service: Service) -> None:
        self._marks = Marks(service.database, MARKS)

    def lost(self) -> Rows:
        """Return the lost parts."""
        noted = self._marks.all(_LOST)
        return {
            name.removeprefix(_LOST): [(first, last) for first, last in json.loads(value)]
            for name, value in noted.items()
        }

    def damaged(self) -> frozenset[str]:
        """Return the keys of the damaged parts."""
        return frozenset(name.removeprefix(_DAMAGED) for name in self._marks.all(_DAMAGED))

    def count(self) -> int:
        """Return how many parts were given up and not read since."""
        lost = sum(last - first + 1 for rows in self.lost().values() for first, last in rows)
        return lost + len(self.damaged())

    def findings(self) -> frozenset[Finding]:
        """Return the lost parts as findings."""
        return frozenset(missing_parts(worker, *gap) for worker, rows in self.lost().items() for gap in rows)

    def back(self, store: ObjectStore, parts: list[Part]) -> list[Part]:
        """Return those of `parts`, all that the store has, that were given up and can be read. Raises StoreError."""
        lost, damaged = self.lost(), self.damaged()
        return [
            part
            for part in parts
            if any(part.first <= last and first <= part.last for first, last in lost.get(part.worker, ()))
            or (part.key in damaged and _is_intact(store, part))
        ]

    def still_lost(self, back: Iterable[Part], parts: list[Part]) -> Rows:
        """Return, for the workers of parts that are back, what was given up and is still lost."""
        lost, found = self.lost(), Rows()
        for worker in sorted({part.worker for part in back} & lost.keys()):
            last = max((last for _, last in lost[worker]), default=0)
            rows = gaps((part for part in parts if part.worker == worker), last)
            found[worker] = [gap for gap in rows if is_within(gap, lost[worker])]
        return found

    def forget_damage(self, parts: Iterable[Part]) -> None:
        """Forget that parts were damaged: they were read."""
        for part in parts:
            self._marks.delete(_DAMAGED + part.key)


def marks_of(lost: Mapping[str, list[tuple[int, int]]], damaged: Iterable[Finding]) -> dict[str, str]:
    """Return the marks that note these parts as given up."""
    keys = sorted(finding.file for finding in damaged if part_of(finding.file) and finding.kind == "ledger")
    return {_LOST + worker: json.dumps(rows) for worker, rows in lost.items()} | {_DAMAGED + key: "" for key in keys}


def before_first(parts: Iterable[Part]) -> dict[str, int]:
    """Return each worker with the number before the first of its parts."""
    found = dict[str, int]()
    for part in parts:
        found[part.worker] = min(part.first - 1, found.get(part.worker, part.first))
    return found


def is_within(gap: tuple[int, int], rows: Iterable[tuple[int, int]]) -> bool:
    """Return whether a row of parts is within one of others."""
    return any(first <= gap[0] and gap[1] <= last for first, last in rows)


def _is_intact(store: ObjectStore, part: Part) -> bool:
    """Return whether the digest of a part is right."""
    try:
        head_of(store, part)
    except (IntegrityError, ObjectNotFound):
        return False
    return True
