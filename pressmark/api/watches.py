"""/api/v1/watches and /api/v1/assistant: watches, the sentences that they found, and the language model."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, Field

from pressmark.http.callers import caller_now
from pressmark.http.catalog import language_of, translator
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.notify.assistant.trial import AssistantShape, AssistantTrialShape, assistant_shape, try_assistant
from pressmark.notify.watches.digests import Digests
from pressmark.notify.watches.subscription_shapes import (
    SubscriptionShape,
    subscribe,
    subscription_of,
    subscriptions_of,
)
from pressmark.notify.watches.watch_shapes import HitShape, WatchShape, hit_shapes, tried, watch_shape, watch_shapes
from pressmark.views.shapes import LARGEST_NUMBER, Listing, Shape
from scheduler.notices.watch_subscriptions import Channel, Rhythm, Schedule, WatchSubscriptions

router = Part(prefix="/api/v1", tags=["watches"])


@router.get("/watches")
def list_watches(service: Desk) -> Listing[WatchShape]:
    """List the watches in the settings, with the number of sentences that each has found. A watch finds words that you
    choose in new text."""
    return Listing(items=watch_shapes(service))


@router.get("/watches/{name}")
def show_watch(name: str, service: Desk) -> WatchShape:
    """Show a watch."""
    return watch_shape(service, name)


@router.get("/watches/{name}/hits")
def list_hits(
    name: str,
    service: Desk,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_NUMBER)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> Listing[HitShape]:
    """List the sentences that a watch has found, newest first. For the next part of the list, give the `id` of the last
    sentence you received as `before`."""
    return Listing(items=hit_shapes(service, name, before=before, limit=limit))


@router.get("/watches/{name}/trial")
def try_watch(name: str, service: Desk, changes: Annotated[int, Query(ge=1, le=500)] = 100) -> Listing[HitShape]:
    """Try a watch: list what it finds in the newest changes of all pages. Pressmark does not store the result, and
    notifies nobody."""
    return Listing(items=tried(service, name, changes))


class NewSubscription(BaseModel):
    """Who gets messages about what a watch finds, and when."""

    channel: Channel = "mail"
    address: Annotated[str, Field(max_length=254)] = ""
    """The mail address; none for Apprise."""
    rhythm: Rhythm = "daily"
    hour: Annotated[int, Field(ge=0, le=23)] = 8
    weekday: Annotated[int, Field(ge=0, le=6)] = 0
    """Of a weekly digest: 0 is Monday."""
    zone: Annotated[str, Field(max_length=64)] | None = None
    """The time zone of the hour; default: that of the settings."""


class TestedShape(Shape):
    """The result of a test message."""

    accepted: bool
    reason: str | None
    """Why it could not be sent."""


@router.get("/watches/{name}/subscriptions")
def list_subscriptions(name: str, service: Desk) -> Listing[SubscriptionShape]:
    """List the messages that you get about what a watch finds, by mail or Apprise. An admin sees those of everybody."""
    watch_shape(service, name)
    return Listing(items=subscriptions_of(service, caller_now(), name))


@router.post("/watches/{name}/subscriptions", status_code=201)
def add_subscription(request: Request, name: str, wanted: NewSubscription, service: Desk) -> SubscriptionShape:
    """Get messages about what a watch finds from now on: at once, or as a daily or weekly digest. Sentences that you
    may not read are left out."""
    made = subscribe(
        service,
        name,
        channel=wanted.channel,
        address=wanted.address,
        schedule=Schedule(wanted.rhythm, wanted.hour, wanted.weekday, wanted.zone or service.settings.timezone),
        language=language_of(request),
        by=caller_now(),
    )
    note(request, target=name, after=wanted.model_dump(mode="json"))
    return made


@router.post("/watches/{name}/subscriptions/{id}/test")
def test_subscription(request: Request, name: str, id: str, service: Desk) -> TestedShape:
    """Send a test message, and say whether the server accepted it."""
    one = subscription_of(service, caller_now(), name, id)
    note(request, target=name, after={"channel": one.channel, "address": one.address})
    reason = Digests(service, translator).test(one)
    return TestedShape(accepted=reason is None, reason=reason)


@router.delete("/watches/{name}/subscriptions/{id}", status_code=204)
def end_subscription(request: Request, name: str, id: str, service: Desk) -> None:
    """End messages about what a watch finds."""
    one = subscription_of(service, caller_now(), name, id)
    WatchSubscriptions(service.database).remove(one.id)
    note(request, target=name, before={"channel": one.channel, "address": one.address})


@router.get("/assistant")
def show_assistant(service: Desk) -> AssistantShape:
    """Show the language model that writes summaries and translations for watches, with what was sent today."""
    return assistant_shape(service)


@router.post("/assistant/test")
def test_assistant(request: Request, service: Desk) -> AssistantTrialShape:
    """Send a test sentence to the language model, which translates it, and return the result. The sentence is not from
    the archive."""
    note(request, target=service.settings.assistant.host)
    return try_assistant(service)
