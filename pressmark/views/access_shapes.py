"""The shapes of people, tokens, take-downs and the audit trail, without passwords and digests of tokens."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

from archive.database.access.person_rows import PersonRow
from archive.database.access.token_rows import TokenRow
from archive.database.access.trail_rows import TrailRow
from archive.values.urlkey import Match
from pressmark.service.access.roles import Role
from pressmark.views.shapes import Shape
from scheduler.ledger.take_downs import TakeDown


class PersonShape(Shape):
    """A person who logs in."""

    name: str
    role: Role
    created_at: datetime
    used_at: datetime | None
    """The last login."""
    login: Literal["password", "openid-connect"]
    """How the person logs in."""


class TokenShape(Shape):
    """A token of a program."""

    name: str
    role: Role
    collections: list[str] | None
    """The collections that it is for; null for all."""
    state: Literal["valid", "expired", "revoked"]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    """When it was last used, to the minute."""
    revoked_at: datetime | None


class TakeDownShape(Shape):
    """Pages that the archive keeps and does not show."""

    id: str
    url: str
    match: Match
    """Which pages it is about, as in searches for captures."""
    at: datetime | None
    """The time of the captures if it is about those of one second alone; null for all."""
    reason: str
    by: str
    since: datetime
    until: datetime | None
    """When it ends by itself; null for never."""
    state: Literal["in force", "lifted", "over"]
    lifted_at: datetime | None
    lifted_by: str | None
    also: list[str]
    """The other addresses of its page on the same site, which are taken down with it."""


class TrailShape(Shape):
    """A change, or a refusal."""

    id: int
    at: datetime
    who: str
    origin: str
    """The address of the caller, or `command line`."""
    action: str
    """The method and the route, or the command."""
    target: str
    outcome: str
    """The status of the answer, or `done` for a command; `refused: 403` for a refusal."""
    before: Any = None
    """What was there before; null when nothing was, or when it is not recorded."""
    after: Any = None
    digest: str
    """The SHA-256 of this row and the digest of the one before."""


def person_shape(row: PersonRow) -> PersonShape:
    return PersonShape(
        name=row.name,
        role=Role(row.role),
        created_at=row.created_at,
        used_at=row.used_at,
        login="password" if row.has_password else "openid-connect",
    )


def token_shape(row: TokenRow, now: datetime) -> TokenShape:
    return TokenShape(
        name=row.name,
        role=Role(row.role),
        collections=None if row.collections is None else list(row.collections),
        state="valid" if row.is_valid(now) else "revoked" if row.revoked_at else "expired",
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )


def take_down_shape(one: TakeDown, now: datetime) -> TakeDownShape:
    return TakeDownShape(
        id=one.id,
        url=one.url,
        match=one.match,
        at=one.at,
        reason=one.reason,
        by=one.by,
        since=one.since,
        until=one.until,
        state="in force" if one.is_active(now) else "lifted" if one.lifted_at else "over",
        lifted_at=one.lifted_at,
        lifted_by=one.lifted_by,
        also=list(one.also),
    )


def trail_shape(row: TrailRow) -> TrailShape:
    entry = row.entry
    return TrailShape(
        id=row.id,
        at=entry.at,
        who=entry.who,
        origin=entry.origin,
        action=entry.action,
        target=entry.target,
        outcome=entry.outcome,
        before=json.loads(entry.before) if entry.before else None,
        after=json.loads(entry.after) if entry.after else None,
        digest=row.digest,
    )
