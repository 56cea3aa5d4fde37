"""What a purge removes, what it keeps back, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from archive.values.capture import Capture

Reason = Literal["needed", "items", "spool", "nameless"]
"""Why a capture can't be purged: other captures have their bytes in it; a spider made items of it; its segment is still
in the spool of a worker; its record has no id.
"""


@dataclass(frozen=True, slots=True)
class KeptBack:
    """A capture that is not purged, and why."""

    capture: Capture
    why: Reason
    needed_by: tuple[Capture, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a purge removes."""

    captures: tuple[Capture, ...]
    kept_back: tuple[KeptBack, ...]

    @property
    def segments(self) -> Mapping[str, frozenset[str]]:
        """The records to purge, by segment."""
        found = dict[str, set[str]]()
        for one in self.captures:
            found.setdefault(one.location.segment, set()).add(one.record_id)
        return {name: frozenset(found[name]) for name in sorted(found)}

    @property
    def size(self) -> int:
        """The bytes of the records in their files."""
        return sum(one.span for one in self.captures)


@dataclass(frozen=True, slots=True)
class Why:
    """Why and by whom something is purged. It is stored for good."""

    takedown: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Purged:
    plan: Plan
    unreached: Mapping[str, str]
    """Why the places with these names still have former objects: `store`, or the name of a replica."""
