"""The webhooks, the states of their messages, and their buttons."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from config.groups.page_channels import CHANNELS
from pressmark.http.dependencies import Desk, Part
from pressmark.http.explanations.channels import CHANNEL_NAMES
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.http.words import N_
from pressmark.notify import notifiers_of, try_notifier
from pressmark.notify.assistant.trial import AssistantTrialShape, assistant_shape, try_assistant
from pressmark.notify.channels import channels_of
from pressmark.notify.webhooks.webhook_state import (
    enable_webhook,
    message_shapes,
    try_webhook,
    webhook_shape,
    webhook_shapes,
)
from pressmark.service.service import Service

router = Part(include_in_schema=False)


class Tried(NamedTuple):
    """The result of a test of notifications."""

    channel: str
    problem: str | None
    """Why its server did not accept it; None if it did."""


STATES = (N_("waiting"), N_("delivered"), N_("given-up"), N_("withheld"), N_("disabled"), N_("enabled"))


@router.get("/webhooks")
def webhooks(request: Request, service: Desk) -> HTMLResponse:
    return _all(request, service)


@router.post("/settings/notifications/{channel}/test")
def test_notifications(request: Request, channel: str, service: Desk) -> HTMLResponse:
    """Send a test by mail, HTTP POST or Apprise, and show the result."""
    channels = channels_of(service)
    if problem := channels.problems.get(channel):
        return _all(request, service, Tried(channel, problem))
    if channel not in notifiers_of(channels.notify):
        raise Refused(404, f"the settings contain no notifications by {channel}")
    return _all(request, service, Tried(channel, try_notifier(channels.notify, channel, service.now())))


@router.post("/settings/assistant/test")
def test_assistant(request: Request, service: Desk) -> HTMLResponse:
    """Have the language model translate a sentence that is not of the archive, and show the result."""
    return _all(request, service, trial=try_assistant(service))


def _all(
    request: Request, service: Service, tried: Tried | None = None, trial: AssistantTrialShape | None = None
) -> HTMLResponse:
    channels = channels_of(service)
    has_assistant = service.settings.assistant.url is not None
    return page(
        request,
        "webhooks.html",
        webhooks=webhook_shapes(service),
        channels=[(name, channels.origins.get(name), channels.problems.get(name)) for name in CHANNELS],
        channel_names=CHANNEL_NAMES,
        tried=tried,
        assistant=assistant_shape(service) if has_assistant else None,
        trial=trial,
    )


@router.get("/webhooks/{name}")
def webhook(request: Request, name: str, service: Desk) -> HTMLResponse:
    shape = webhook_shape(service, name)
    return page(request, "webhook.html", webhook=shape, messages=message_shapes(service, name), tested=None)


@router.post("/webhooks/{name}/test")
def test(request: Request, name: str, service: Desk) -> HTMLResponse:
    tested = try_webhook(service, name)
    shape = webhook_shape(service, name)
    return page(request, "webhook.html", webhook=shape, messages=message_shapes(service, name), tested=tested)


@router.post("/webhooks/{name}/enable")
def enable(name: str, service: Desk) -> RedirectResponse:
    enable_webhook(service, name)
    return RedirectResponse(f"/webhooks/{name}", 303)
