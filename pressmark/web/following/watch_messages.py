"""Be told of what a watch finds: ask for messages, test and end them; and end them from a mail, without a login."""

from __future__ import annotations

from functools import partial
from typing import Any, get_args

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from pressmark.http.callers import caller_now
from pressmark.http.catalog import language_of, translator
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.notify.watches.digests import Digests
from pressmark.notify.watches.subscription_shapes import (
    NotPossible,
    SubscriptionShape,
    subscribe,
    subscription_of,
    subscription_shape,
)
from pressmark.service.service import Service
from pressmark.web.forms import form
from pressmark.web.watches import watch_page
from scheduler.notices.watch_subscriptions import Channel, Rhythm, Schedule, Subscription, WatchSubscriptions

router = Part(include_in_schema=False)

_EMPTY = {"channel": "mail", "address": "", "rhythm": "daily", "hour": "8", "weekday": "0", "zone": ""}


@router.post("/subscriptions/{name}")
async def add(request: Request, name: str, service: Desk) -> HTMLResponse:
    """Ask for messages about what a watch finds."""
    sent = _EMPTY | await form(request)
    channel = next((one for one in get_args(Channel) if one == sent["channel"]), None)
    rhythm = next((one for one in get_args(Rhythm) if one == sent["rhythm"]), None)
    numbers = sent["hour"].isdecimal() and sent["weekday"].isdecimal()
    if channel is None or rhythm is None or not numbers:
        raise Refused(422, "invalid form")
    zone = sent["zone"].strip() or service.settings.timezone
    schedule = Schedule(rhythm, int(sent["hour"][:4]), int(sent["weekday"][:4]), zone)
    asked = partial(
        subscribe,
        service,
        name,
        channel=channel,
        address=sent["address"],
        schedule=schedule,
        language=language_of(request),
        by=caller_now(),
    )

    def work() -> dict[str, Any]:
        try:
            made = asked()
        except NotPossible as error:
            return {"wrong": str(error)}
        note(request, target=name, after=_noted(made))
        return {"added": made}

    return await _shown(request, service, name, work)


@router.post("/subscriptions/{name}/{id}/test")
async def test(request: Request, name: str, id: str, service: Desk) -> HTMLResponse:
    """Send a test message, and show the result."""

    def work() -> dict[str, Any]:
        one = subscription_of(service, caller_now(), name, id)
        note(request, target=name, after={"channel": one.channel, "address": one.address})
        try:
            return {"tested": (one.address, Digests(service, translator).test(one))}
        except NotPossible as error:
            return {"wrong": str(error)}

    return await _shown(request, service, name, work)


@router.post("/subscriptions/{name}/{id}/remove")
async def remove(request: Request, name: str, id: str, service: Desk) -> HTMLResponse:
    """End messages."""

    def work() -> dict[str, Any]:
        one = subscription_of(service, caller_now(), name, id)
        WatchSubscriptions(service.database).remove(one.id)
        note(request, target=name, before=_noted(subscription_shape(service, one)))
        return {"ended": one}

    return await _shown(request, service, name, work)


@router.get("/unsubscribe/{token}")
def ask(request: Request, token: str, service: Desk) -> HTMLResponse:
    """Ask whether messages are to end: programs that follow the links of mails end nothing."""
    one = WatchSubscriptions(service.database).by_token(token)
    return _ending(request, one, ended=False)


@router.post("/unsubscribe/{token}")
def end(request: Request, token: str, service: Desk) -> HTMLResponse:
    """End the messages that a mail belongs to (RFC 8058)."""
    known = WatchSubscriptions(service.database)
    one = known.by_token(token)
    note(request, target=one.watch if one else "unsubscribe")
    if one is not None:
        known.remove(one.id)
    return _ending(request, one, ended=True)


def _ending(request: Request, one: Subscription | None, *, ended: bool) -> HTMLResponse:
    status = 200 if one else 404
    answer = page(request, "unsubscribe.html", status=status, one=one, ended=ended, navigated=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _noted(one: SubscriptionShape) -> dict[str, Any]:
    return one.model_dump(mode="json", include={"channel", "address", "rhythm", "hour", "weekday", "zone"})


async def _shown(request: Request, service: Service, name: str, work: Any) -> HTMLResponse:
    """Do something, and show the page of the watch with its result."""

    def done() -> HTMLResponse:
        return watch_page(request, service, name, result=work())

    return await run_in_threadpool(done)
