"""What keeps watches, their messages, and the language model that writes for them from working."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from pressmark.service.service import Service
from pressmark.service.states import Condition, condition
from pressmark.service.webhook_settings import FoundWebhook
from scheduler.notices.assistant_state import AssistantState
from scheduler.notices.page_watches import PageWatches, active_watches
from scheduler.notices.watch_failures import WatchFailures
from scheduler.notices.watch_subscriptions import WatchSubscriptions


def watch_conditions(service: Service) -> Iterator[Condition]:
    """Yield the watches that do not work, and those whose messages are not sent."""
    watches = active_watches(service.webhooks.settings().watches, service.database)
    for name, failure in WatchFailures(service.database).all().items():
        if name in watches:
            yield condition("watch-failing", watch=name, since=_minute(failure.since), why=failure.reason)
    named = {each for found in service.webhooks.all().values() for each in _watches(found)}
    known = {*service.webhooks.settings().watches, *PageWatches(service.database).all()}
    if absent := sorted(named - known):
        yield condition("webhook-without-watch", names=", ".join(absent))
    for one in WatchSubscriptions(service.database).all().values():
        if one.failing and one.failing_since:
            since = _minute(one.failing_since)
            yield condition("watch-messages-failing", watch=one.watch, since=since, why=one.failing)


def _watches(found: FoundWebhook) -> Collection[str]:
    """Return the watches that a webhook names."""
    wanted = found.webhook or found.own
    return wanted.watches if wanted else ()


def assistant_conditions(service: Service) -> Iterator[Condition]:
    """Yield what is wrong, as far as it was seen: the endpoint is not asked."""
    watches = active_watches(service.webhooks.settings().watches, service.database)
    wanting = [name for name, watch in watches.items() if watch.summary or watch.translation]
    settings, now = service.settings.assistant, service.now()
    if not wanting:
        return
    if settings.url is None:
        yield condition("assistant-missing", count=len(wanting), first=wanting[0])
        return
    state = AssistantState(service.database)
    if failure := state.failure():
        yield condition("assistant-failing", host=settings.host, since=_minute(failure.since), why=failure.reason)
    if state.is_spent(now):
        used = state.used(now)
        yield condition("assistant-spent", requests=used.requests, characters=used.characters)


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
