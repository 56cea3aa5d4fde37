"""Roles, and who calls."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    """What a caller may do. Each role includes those before it."""

    READ = "read"
    """Look at sources, runs and everything archived."""
    TRIGGER = "trigger"
    """Request and cancel runs."""
    CURATE = "curate"
    """Add, remove and pause sources, and extract texts again."""
    ADMIN = "admin"
    """Settings, webhooks, people, tokens and the audit trail."""

    def includes(self, other: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


Kind = Literal["anyone", "setting", "token", "person", "feeds"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request."""

    kind: Kind
    """``anyone`` where nobody has to log in, ``setting`` for the token of the settings, ``feeds`` for that of feeds."""
    name: str
    role: Role
    collections: frozenset[str] | None = None
    """The collections that the caller is confined to; None for all."""

    def __str__(self) -> str:
        """How the audit trail names the caller."""
        return f"{self.kind} {self.name}".strip()


ANYONE = Caller("anyone", "", Role.ADMIN)
"""Every caller on this machine, while there are no people and no tokens."""
SETTING = Caller("setting", "token", Role.ADMIN)
"""Who has the token of the settings."""
FEEDS = Caller("feeds", "feeds.token", Role.READ)
"""Who has the token that only reads feeds."""
