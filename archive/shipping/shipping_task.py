"""A segment that is to be shipped or released, and the state of shipping."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from archive.spool.sealed import Sealed
from archive.values.backoff import Backoff
from archive.values.errors import IntegrityError, StoreError
from archive.values.os_errors import is_refusal, may_meet_all


@dataclass(frozen=True, slots=True)
class ShippingState:
    """The state of shipping."""

    waiting: int
    """Sealed segments that are not in the store yet."""
    oldest_at: datetime | None
    """The time of the first capture that is not in the store yet."""
    problem: str | None
    """Why the first segment that waits is not shipped or released, as a sentence."""
    since: datetime | None
    """When that began."""
    shipped: int
    """Segments shipped since the start."""
    failures: int
    """Failed attempts since the start."""


@dataclass(slots=True)
class ShippingTask:
    sealed: Sealed
    committed_at: datetime | None = None
    again: bool = False
    """Whether to ship it again although it is committed: the store has lost or damaged an object."""
    problem: tuple[str, datetime] | None = None
    """Why it is not shipped, and since when."""
    full: bool = False  # whether a full disk is the reason
    told: str | None = ""
    """The problem in its row of the index; unknown at first."""
    patience: Backoff = field(default_factory=lambda: Backoff(most=60))
    error: Exception | None = None
    """What is wrong with this segment alone."""

    @property
    def order(self) -> tuple[datetime, str]:
        return self.sealed.first_at, self.sealed.name


def is_its_own(error: Exception) -> bool:
    """Return whether an error is one of the segment that was being shipped or released, and not of the store, a disk or
    the database.
    """
    return isinstance(error, IntegrityError) or not (isinstance(error, StoreError) or is_refusal(error))


def what_waits(error: Exception, *, is_kept: bool) -> str:
    """Return what an error holds up. With `is_kept`, the segment is in the store, and its local files wait."""
    if not is_its_own(error) or may_meet_all(error):
        return "uploading has stopped"
    if is_kept:
        return "the local files of a segment are kept; others are uploaded and released"
    return "a segment is not uploaded; others are"
