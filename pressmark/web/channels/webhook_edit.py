"""Add, change and remove webhooks. Secrets are names."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from config.errors import ConfigError
from config.groups.page_webhooks import PageWebhook
from config.groups.webhooks import KINDS
from pressmark.http.dependencies import Desk, Part
from pressmark.http.explanations.channels import EVENT_NAMES
from pressmark.http.gate import note
from pressmark.http.in_thread import in_thread
from pressmark.http.render import page
from pressmark.notify.webhooks.webhook_editing import (
    WebhookChange,
    WebhookChanged,
    add_webhook,
    change_webhook,
    webhook_from,
    webhook_of_pages,
)
from pressmark.notify.webhooks.webhook_state import webhook_shape
from pressmark.service.service import Service
from pressmark.web.forms import form_lists
from scheduler.notices.page_webhooks import PageWebhooks

router = Part(include_in_schema=False)

Fields = dict[str, Any]
_LISTS = ("sources", "watches")
_LINES = ("name", "seen", "was", "url", "secret", *_LISTS)
_EMPTY: Fields = dict.fromkeys(_LINES, "") | {"events": KINDS}


@router.get("/add/webhook")
def show_form(request: Request) -> HTMLResponse:
    return _form(request, _EMPTY)


@router.get("/webhooks/{name}/edit")
def edit(request: Request, name: str, service: Desk, *, former: bool = False) -> HTMLResponse:
    """Show a webhook as a form; with `former`, as it was before its last change here."""
    now, before = webhook_of_pages(service, name), PageWebhooks(service.database).former(name)
    shown = before if former and before is not None else now
    seen = webhook_shape(service, name).version or ""
    return _form(request, _fields_of(name, shown, seen) | {"was": name}, has_former=before not in (None, now))


@router.post("/add/webhook")
async def add(request: Request, service: Desk) -> Response:
    """Add a webhook. It gets the events from now on."""
    sent = await _sent(request)

    def write() -> WebhookChange:
        return add_webhook(service, sent["name"], webhook_from(service, _facts(sent)))

    return await _written(request, sent, write)


@router.post("/webhooks/{name}/edit")
async def save(request: Request, name: str, service: Desk) -> Response:
    """Change a webhook, unless another person has changed it since the form was shown."""
    sent = await _sent(request) | {"name": name, "was": name}

    def write() -> WebhookChange:
        made = webhook_from(service, _facts(sent), webhook_of_pages(service, name))
        return change_webhook(service, name, made, sent["seen"])

    return await _written(request, sent, write)


@router.post("/webhooks/{name}/remove")
async def remove(request: Request, name: str, service: Desk) -> Response:
    """Remove a webhook, and show its form: to save it again undoes that."""
    sent = await _sent(request)

    def work() -> HTMLResponse:
        before = webhook_of_pages(service, name)
        change = change_webhook(service, name, None, sent["seen"])
        note(request, target=name, before=change.before)
        return _form(request, _fields_of(name, before, ""), removed=name)

    return await run_in_threadpool(work)


async def _sent(request: Request) -> Fields:
    sent = await form_lists(request)
    lines = {name: sent.get(name, [""])[-1].strip() for name in _LINES}
    return lines | {"events": tuple(sent.get("events", ()))}


def _facts(sent: Fields) -> Fields:
    lists = {name: [part for part in re.split(r"[\s,，、]+", sent[name]) if part] for name in _LISTS}
    return {"url": sent["url"], "secret": sent["secret"], "events": sent["events"], **lists}


def _fields_of(name: str, webhook: PageWebhook | None, seen: str) -> Fields:
    fields = _EMPTY | {"name": name, "seen": seen}
    if webhook is None:
        return fields
    named = {"url": webhook.url.secret, "secret": webhook.secret.secret}
    lists = {each: ", ".join(getattr(webhook, each)) for each in _LISTS}
    return fields | named | {"events": webhook.events} | lists


async def _written(request: Request, sent: Fields, write: Callable[[], WebhookChange]) -> Response:
    """Lead to the page of a written webhook, or return the form with what is wrong."""
    try:
        change = await in_thread(write)
    except (ConfigError, WebhookChanged) as error:
        return await run_in_threadpool(partial(_form, request, sent, refused=str(error)))
    note(request, target=sent["name"], before=change.before, after=change.after)
    return RedirectResponse(f"/webhooks/{sent['name']}", 303)


def _form(request: Request, fields: Fields, **facts: Any) -> HTMLResponse:
    service: Service = request.app.state.service
    empty: dict[str, Any] = {
        "refused": None,
        "removed": None,
        "has_former": False,
        "secrets": sorted(service.settings.permissions.secrets),
    }
    status = 422 if facts.get("refused") else 200
    shown = {**empty, **facts}
    return page(request, "webhook-edit.html", status=status, fields=fields, event_names=EVENT_NAMES, **shown)
