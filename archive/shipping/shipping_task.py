"""A segment that is to be shipped or released, and the state of shipping."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from archive.spool.sealed import Sealed
from archive.values.backoff import Backoff

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class ShippingState:
    """The state of shipping."""

    waiting: int
    """Sealed segments that are not in the store yet."""
    oldest_at: datetime | None
    """The time of the first capture that is not in the store yet."""
    problem: str | None
    """Why shipping is stopped, as a sentence."""
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
