"""Subscribe to messages about what a watch finds, and list them, as all doors offer it."""

from __future__ import annotations

import re
from datetime import datetime
from email.headerregistry import Address
from zoneinfo import ZoneInfo

from pressmark.notify.channels import channels_of
from pressmark.notify.watches.watch_shapes import watch_shape
from pressmark.service.access.people import UnknownPerson
from pressmark.service.access.roles import Caller, Role
from pressmark.service.service import Service
from pressmark.views.shapes import Shape
from scheduler.notices.watch_hits import WatchHits
from scheduler.notices.watch_subscriptions import Channel, Rhythm, Schedule, Subscription, WatchSubscriptions

MOST = 20
"""Subscriptions of one person."""
_ATOM = r"[^\s@<>,;:\"\\()\[\].\x00-\x1f\x7f]+"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@.{{1,189}}\Z){_ATOM}(?:\.{_ATOM})*@{_ATOM}(?:\.{_ATOM})*", re.ASCII)


class NotPossible(ValueError):
    """A message can't be sent, or not to this address."""


class UnknownSubscription(Exception):
    """The messages have ended, or the caller may not change them."""

    def __init__(self) -> None:
        super().__init__("these messages are not sent any more, or they are another person's")


class SubscriptionShape(Shape):
    """Messages about what a watch finds."""

    id: str
    watch: str
    channel: Channel
    address: str
    """The mail address; empty for Apprise, whose services are in the settings."""
    rhythm: Rhythm
    """`once`: at once, as soon as something is found; otherwise a digest a day or a week."""
    hour: int
    weekday: int
    """0 is Monday."""
    zone: str
    """The time zone of the hour."""
    by: str
    due_at: datetime | None
    """When the next digest is sent; null for messages at once."""
    told_at: datetime | None
    """When the last message was sent."""
    failing: str | None
    """Why the last message could not be sent; null if it was."""
    failing_since: datetime | None
    next_try: datetime | None
    waiting: int
    """The sentences that were found and not told yet; at most 1,000 are counted."""


def subscribe(
    service: Service,
    watch: str,
    *,
    channel: Channel,
    address: str,
    schedule: Schedule,
    language: str,
    by: Caller,
) -> SubscriptionShape:
    """Have a person told of what a watch finds from now on. Raises UnknownWatch, NotPossible."""
    watch_shape(service, watch)
    known = WatchSubscriptions(service.database)
    address = _checked(service, channel, address.strip())
    if channel == "apprise" and not by.role.includes(Role.CURATE):
        raise NotPossible("messages by Apprise go to the services of the operator; they need the role curate")
    _check_schedule(schedule)
    own = [one for one in known.all().values() if one.by == str(by)]
    if len(own) >= MOST:
        raise NotPossible(f"one person can ask for at most {MOST} kinds of messages")
    if any((one.watch, one.channel, one.address) == (watch, channel, address) for one in own):
        raise NotPossible("these messages are sent already; remove them first to change them")
    made = known.add(
        watch,
        channel,
        address,
        schedule,
        language=language,
        by=str(by),
        by_since=_since(service, str(by)),
        cursor=WatchHits(service.database).newest(watch),
        now=service.now(),
    )
    return subscription_shape(service, made)


def _since(service: Service, by: str) -> datetime | None:
    """Return when a person was added, who is named as in the audit trail; None for other callers."""
    kind, _, name = by.partition(" ")
    if kind != "person":
        return None
    try:
        return service.access.people.get(name).created_at
    except UnknownPerson:
        return None


def is_same(service: Service, one: Subscription) -> bool:
    """Return whether the person of this name is still the one that subscribed."""
    return one.by_since is None or one.by_since == _since(service, one.by)


def home_of(service: Service, channel: Channel) -> str:
    """Return our own origin, for the links of messages by a channel. Raises NotPossible where they can't be sent."""
    notify, home = channels_of(service).notify, service.settings.public_url
    if home is None:
        raise NotPossible("the setting public_url is missing; without it, messages have no links to archived pages")
    if channel == "apprise" and notify.apprise.urls is None:
        raise NotPossible("the settings contain no notifications by apprise")
    if channel == "mail" and notify.mail.server is None:
        raise NotPossible("the settings name no mail server; set notify.mail.server and notify.mail.to")
    return home


def _checked(service: Service, channel: Channel, address: str) -> str:
    """Return the address of a channel that the settings have. Raises NotPossible."""
    home_of(service, channel)
    if channel == "apprise":
        return ""
    try:
        if _ADDRESS.fullmatch(address) is None or not Address(addr_spec=address).domain:
            raise ValueError(address)
    except (ValueError, IndexError):
        raise NotPossible(f"invalid mail address {address[:80]!r}: write it like ada@example.org") from None
    return address


def _check_schedule(schedule: Schedule) -> None:
    try:
        ZoneInfo(schedule.zone)
    except (ValueError, OSError, LookupError):
        raise NotPossible(f"unknown time zone {schedule.zone[:80]!r}: write it like Asia/Shanghai or UTC") from None
    if not (0 <= schedule.hour <= 23 and 0 <= schedule.weekday <= 6):
        raise NotPossible("the hour of a digest is a number from 0 to 23, and its weekday one from 0 to 6")


def subscriptions_of(service: Service, caller: Caller, watch: str | None = None) -> list[SubscriptionShape]:
    """Return the subscriptions of a caller; of everybody, for an admin."""
    known = WatchSubscriptions(service.database).all().values()
    return [
        subscription_shape(service, one)
        for one in known
        if watch in (None, one.watch) and _may_see(service, caller, one)
    ]


def subscription_of(service: Service, caller: Caller, watch: str, id_: str) -> Subscription:
    """Return a subscription that a caller may change. Raises UnknownSubscription."""
    one = WatchSubscriptions(service.database).get(id_)
    if one is None or one.watch != watch or not _may_see(service, caller, one):
        raise UnknownSubscription
    return one


def _may_see(service: Service, caller: Caller, one: Subscription) -> bool:
    return caller.role is Role.ADMIN or (str(caller) == one.by and is_same(service, one))


def subscription_shape(service: Service, one: Subscription) -> SubscriptionShape:
    return SubscriptionShape(
        id=one.id,
        watch=one.watch,
        channel=one.channel,
        address=one.address,
        rhythm=one.schedule.rhythm,
        hour=one.schedule.hour,
        weekday=one.schedule.weekday,
        zone=one.schedule.zone,
        by=one.by,
        due_at=one.due_at,
        told_at=one.told_at,
        failing=one.failing,
        failing_since=one.failing_since,
        next_try=one.next_try,
        waiting=len(WatchHits(service.database).numbers(one.watch, one.cursor, 1000)),
    )
