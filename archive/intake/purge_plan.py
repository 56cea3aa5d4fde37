"""What a purge removes, what it keeps back, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from archive.values.capture import Capture
from archive.values.digest import sha256

Reason = Literal["hold", "needed", "items", "spool", "nameless", "twice"]
"""Why a capture can't be purged: people hold it; other captures have their bytes in it; a spider made items of it; its
segment is still in the spool of a worker; its record has no id; another record has the same id.
"""


@dataclass(frozen=True, slots=True)
class KeptBack:
    """A capture that is not purged, and why."""

    capture: Capture
    why: Reason
    needed_by: tuple[Capture, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What a purge removes."""

    captures: tuple[Capture, ...]
    kept_back: tuple[KeptBack, ...]
    files_left: tuple[Capture, ...] = ()
    """The files of video and audio that stay, although a list that names them goes."""
    lost: tuple[Capture, ...] = ()
    """Captures that are wanted, too, and that are in files which people have given up: they go if the files come back.
    """

    @cached_property
    def records(self) -> frozenset[str]:
        """The ids of the records to purge."""
        return frozenset(one.record_id for one in self.captures)

    @property
    def token(self) -> str:
        """What confirms exactly this plan: the number of its records, and the beginning of a digest of their ids."""
        return f"{len(self.captures)}-{sha256(' '.join(sorted(self.records)).encode())[:8]}"

    @cached_property
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


def place_of(one: Capture) -> tuple[str, int]:
    return one.location.segment, one.location.offset


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
