"""/api/v1/watches and /api/v1/assistant: watches, the sentences that they found, and the language model."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from pressmark.http.callers import caller_now
from pressmark.http.catalog import language_of, translator
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.problems import Refused
from pressmark.notify.assistant.trial import AssistantShape, AssistantTrialShape, assistant_shape, try_assistant
from pressmark.notify.watches.digests import Digests
from pressmark.notify.watches.subscription_shapes import (
    SubscriptionShape,
    subscribe,
    subscription_of,
    subscriptions_of,
)
from pressmark.notify.watches.watch_editing import (
    WatchChange,
    WatchChanged,
    add_watch,
    change_watch,
    pause_watch,
    remove_watch,
    undo_watch,
    watch_from,
    watch_of_pages,
)
from pressmark.notify.watches.watch_shapes import (
    HitShape,
    WatchShape,
    found_by,
    hit_shapes,
    tried,
    watch_shape,
    watch_shapes,
    watches_of,
)
from pressmark.views.shapes import LARGEST_NUMBER, Listing, Shape
from scheduler.notices.page_watches import PageWatch, PageWatches
from scheduler.notices.watch_subscriptions import Channel, Rhythm, Schedule, WatchSubscriptions

router = Part(prefix="/api/v1", tags=["watches"])

Changes = Annotated[int, Query(ge=1, le=500)]


@router.get("/watches")
def list_watches(service: Desk) -> Listing[WatchShape]:
    """List the watches, with the number of sentences that each has found. A watch finds words that you
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
def try_watch(name: str, service: Desk, changes: Changes = 100) -> Listing[HitShape]:
    """Try a watch: list what it finds in the newest changes of all pages. Pressmark does not store the result, and
    notifies nobody."""
    return Listing(items=tried(service, name, changes))


class NewWatch(BaseModel):
    """A watch: what it looks for in the text that is added to pages. See the settings of watches."""

    model_config = ConfigDict(extra="forbid")

    phrases: tuple[str, ...]
    """Words and phrases; a sentence matches if it contains one of them. `budget NEAR/5 harbour`: both, with at most
    five words between them."""
    without: tuple[str, ...] = ()
    """Phrases that a matching sentence must not contain."""
    only: tuple[str, ...] = ()
    """Phrases of which a matching sentence must contain one, too; empty for none."""
    authors: tuple[str, ...] = ()
    """Names of people; only what one of them wrote is watched; empty for anybody."""
    sources: tuple[str, ...] = ()
    """The sources whose pages are watched; empty for all."""
    languages: tuple[str, ...] = ()
    """The languages of these pages, such as en or zh; empty for all."""
    summary: bool = False
    """Whether a language model summarizes what was added."""
    translation: Annotated[str, Field(max_length=80)] | None = None
    """The language into which a language model translates the sentences; null for none."""

    def facts(self) -> dict[str, Any]:
        """Return what the settings of a watch say."""
        return {name: getattr(self, name) for name in NewWatch.model_fields}


class WrittenWatch(NewWatch):
    """A watch, and whether it is paused."""

    paused: bool = False
    """Whether it finds nothing for now."""


@router.post("/watches/trial")
def try_new_watch(wanted: NewWatch, service: Desk, changes: Changes = 100) -> Listing[HitShape]:
    """Try a watch that does not exist yet: list what it would find in the newest changes of all pages. Pressmark does
    not store the watch or the result, and notifies nobody."""
    return Listing(items=found_by(service, "trial", watch_from(service, wanted.facts()), changes))


@router.put("/watches/{name}")
def write_watch(
    name: str,
    wanted: WrittenWatch,
    service: Desk,
    request: Request,
    response: Response,
    *,
    if_match: Annotated[str | None, Header(max_length=200)] = None,
) -> WatchShape:
    """Add a watch, or replace it. A new one finds what is archived from now on.

    To replace one, send the header If-Match with its `version`. A watch in the settings file can't be changed here.
    """
    is_new = name not in watches_of(service) and name not in PageWatches(service.database).unreadable()
    before = None if is_new else watch_of_pages(service, name)
    if if_match is None and before is not None:
        raise Refused(428, "the watch exists already: send the header If-Match with its version")
    if if_match is not None and before is None:
        raise Refused(412, "there is no watch of this name: leave out the header If-Match to add one")
    made = PageWatch(watch_from(service, wanted.facts(), before.watch if before else None), wanted.paused)
    if before is None:
        change = add_watch(service, name, made)
        response.status_code = 201
    else:
        try:
            seen = (if_match or "").strip().removeprefix('"').removesuffix('"')
            change = change_watch(service, name, made, before.digest if seen == "*" else seen)
        except WatchChanged:
            raise Refused(412, "the watch was changed since this version was read; read it again") from None
    _note(request, name, change)
    return watch_shape(service, name)


@router.delete("/watches/{name}", status_code=204)
def delete_watch(name: str, service: Desk, request: Request) -> None:
    """Remove a watch, and end the messages about it. What it found stays. `undo` brings the watch back, without the
    messages."""
    change, _ = remove_watch(service, name)
    _note(request, name, change)


@router.post("/watches/{name}/undo")
def undo(name: str, service: Desk, request: Request) -> WatchShape:
    """Undo the last change of a watch, or its removal. A watch that was removed then finds what is archived from now
    on."""
    _note(request, name, undo_watch(service, name))
    return watch_shape(service, name)


@router.post("/watches/{name}/pause")
def pause(name: str, service: Desk, request: Request) -> WatchShape:
    """Pause a watch: it finds nothing."""
    _note(request, name, pause_watch(service, name, paused=True))
    return watch_shape(service, name)


@router.post("/watches/{name}/resume")
def resume(name: str, service: Desk, request: Request) -> WatchShape:
    """Resume a paused watch. It finds what is archived from now on."""
    _note(request, name, pause_watch(service, name, paused=False))
    return watch_shape(service, name)


def _note(request: Request, name: str, change: WatchChange) -> None:
    note(request, target=name, before=change.before, after=change.after)


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
