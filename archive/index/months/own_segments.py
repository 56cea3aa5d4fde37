"""Which segments the database answers for in one lookup, while others may add segments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from archive.index.months.segment_names import SegmentNames

T = TypeVar("T")
_TRIES = 10


class OwnSegments:
    """Decides once for each segment, when a lookup first meets it in a month.

    A lookup has to read the rows after that: rows that were added between would be in neither part of its answer. Rows
    of a segment that months answer for are left out: they were added since.
    """

    def __init__(self, names: SegmentNames) -> None:
        self._names = names
        self._elsewhere = dict[str, bool]()
        self.learned = 0
        """How many segments are known to be the database's that were not before: who read rows reads them again."""

    def is_elsewhere(self, name: str) -> bool:
        """Return whether months answer for a segment."""
        if (found := self._elsewhere.get(name)) is None:
            known = self._names.knew(name)
            found = self._elsewhere[name] = not (known or self._names.has(name))
            self.learned += not (known or found)
        return found

    def is_new(self, name: str) -> bool:
        """Return whether months answer for a segment of which the database has rows by now: these do not count."""
        return self._elsewhere.get(name, False)

    def is_still(self) -> bool:
        """Return whether the database still has none of the segments that months answered for."""
        return not any(elsewhere and self._names.has(name) for name, elsewhere in self._elsewhere.items())


class _Months(Protocol):
    def own(self) -> OwnSegments: ...


def counted(months: _Months, count: Callable[[OwnSegments], T]) -> T:
    """Return what was counted in months, and then in rows: again, if the database got a segment between the two."""
    for _ in range(_TRIES):
        own = months.own()
        found = count(own)
        if own.is_still():
            break
    return found
