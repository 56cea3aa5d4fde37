"""What keeps a language model from writing the summaries and translations that watches want."""

from __future__ import annotations

from collections.abc import Iterator

from pressmark.service.service import Service
from pressmark.service.states import Condition, condition
from scheduler.notices.assistant_state import AssistantState
from scheduler.notices.page_watches import active_watches


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
        since = failure.since.strftime("%Y-%m-%d %H:%M")
        yield condition("assistant-failing", host=settings.host, since=since, why=failure.reason)
    if state.is_spent(now):
        used = state.used(now)
        yield condition("assistant-spent", requests=used.requests, characters=used.characters)
