"""The shapes of people, tokens, take-downs and the audit trail, without passwords and digests of tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from archive.database.access.person_rows import PersonRow
from archive.database.access.token_rows import TokenRow
from archive.database.access.trail_rows import TrailRow
from archive.index.purges.older import count_before
from archive.store.replicated import replicas_of
from archive.values.capture import page_of
from archive.values.urlkey import Match
from pressmark.service.access.purge_limits import count_texts, not_reached
from pressmark.service.access.roles import Role
from pressmark.views.shapes import Shape
from scheduler.ledger.holds import Hold
from scheduler.ledger.take_downs import TakeDown

if TYPE_CHECKING:
    from archive.intake.purge_plan import Plan
    from pressmark.service.access.purges import Purges
    from pressmark.service.service import Service


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
    ports_left: list[int]
    """Ports of the same host at which there are captures that a take-down of the host leaves; `domain` has them."""


class HoldShape(Shape):
    """What nobody may delete."""

    id: str
    collection: str | None
    """Null if it is about pages."""
    url: str | None
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


class RetentionShape(Shape):
    """How long a collection keeps its captures."""

    collection: str
    days: float
    before: datetime
    """Captures from before this time can be purged."""
    older: int
    """Their number, with those that a purge keeps back."""


class KeptBackShape(Shape):
    """A capture that a purge can't delete."""

    url: str
    at: datetime
    record_id: str
    why: Literal["hold", "needed", "items", "spool", "nameless", "twice"]
    """People hold it; other captures need its bytes; a spider made items of it; the spool still has its file; its
    record has no id; another record has the same id.
    """
    needed_by: list[str]
    """The URLs of the captures that need its bytes."""


class PurgeShape(Shape):
    """What a purge deleted, or would delete."""

    takedown: str
    """Its id; `retention:NAME` for the retention of a collection."""
    done: bool
    """False for a dry run: nothing was changed."""
    token: str
    """What confirms exactly these records: their number, and a part of the digest of their ids."""
    records: int
    bytes: int
    """Of the records with their requests, in the compressed files."""
    texts: int
    pictures: int
    """Pages as a browser drew them, their pictures, and what they requested and said."""
    revisits: int
    segments: list[str]
    """The WARC files that are rewritten."""
    replicas: list[str]
    """The copies of the store that are purged, too."""
    not_reached: list[str]
    """Where else bytes of these records may be, as sentences: a purge does not delete them there."""
    files_left: list[str]
    """The URLs of video and audio of these pages that stay: a list that goes names them, and they are not among the
    records."""
    kept_back: list[KeptBackShape]
    unreached: dict[str, str]
    """Places that still have purged files, and why. Each hour, they are tried again."""


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


def take_down_shape(one: TakeDown, now: datetime, ports_left: Sequence[int] = ()) -> TakeDownShape:
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
        ports_left=list(ports_left),
    )


def hold_shape(one: Hold, now: datetime) -> HoldShape:
    return HoldShape(
        id=one.id,
        collection=one.collection,
        url=one.url or None,
        match=one.match,
        at=one.at,
        reason=one.reason,
        by=one.by,
        since=one.since,
        until=one.until,
        state="in force" if one.is_active(now) else "lifted" if one.lifted_at else "over",
        lifted_at=one.lifted_at,
        lifted_by=one.lifted_by,
    )


def retention_shapes(service: Service) -> list[RetentionShape]:
    """Return how long collections keep their captures, by name. Raises DatabaseUnusable."""
    from pressmark.service.access.purges import kept_since

    found = list[RetentionShape]()
    for name, kept in sorted(service.settings.retention.items()):
        before = kept_since(service.now(), kept)
        older = count_before(service.database, name, before, service.index.months)
        found.append(RetentionShape(collection=name, days=kept / timedelta(days=1), before=before, older=older))
    return found


def purge_shape(
    service: Service, id_: str, plan: Plan, unreached: Mapping[str, str] | None = None, *, texts: int | None = None
) -> PurgeShape:
    """Return the shape of a purge; that of a dry run without `unreached`. `texts` were counted before it."""
    return PurgeShape(
        takedown=id_,
        done=unreached is not None,
        token=plan.token,
        records=len(plan.captures),
        bytes=plan.size,
        texts=count_texts(service.database, plan) if texts is None else texts,
        pictures=sum(one.kind == "conversion" or one.url != page_of(one.url) for one in plan.captures),
        revisits=sum(not one.has_payload for one in plan.captures),
        segments=list(plan.segments),
        replicas=list(replicas_of(service.store)),
        not_reached=not_reached(service, plan),
        files_left=sorted({one.url for one in plan.files_left}),
        kept_back=[
            KeptBackShape(
                url=one.capture.url,
                at=one.capture.at,
                record_id=one.capture.record_id,
                why=one.why,
                needed_by=sorted({each.url for each in one.needed_by}),
            )
            for one in plan.kept_back
        ],
        unreached=dict(unreached or {}),
    )


def purge_now(
    purges: Purges, service: Service, id_: str, confirmed: str, *, by: str, origin: str, with_revisits: bool = False
) -> PurgeShape:
    """Purge what a take-down hides, if `confirmed` is the token of the plan. Raises as `Purges.run`."""
    texts = count_texts(service.database, purges.plan(id_, with_revisits=with_revisits))
    done = purges.run(id_, confirmed, by=by, origin=origin, with_revisits=with_revisits)
    return purge_shape(service, id_, done.plan, done.unreached, texts=texts)


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
