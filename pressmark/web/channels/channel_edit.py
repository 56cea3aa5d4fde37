"""Set up, change and remove a channel of notifications: mail, a webhook, or Apprise. Secrets are names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from config.errors import ConfigError, Problem
from config.files.document import Document
from config.files.explain import explain
from config.groups.page_channels import CHANNELS, Channel, ChannelName
from pressmark.http.dependencies import Desk, Part
from pressmark.http.explanations.channels import CHANNEL_NAMES
from pressmark.http.gate import note
from pressmark.http.in_thread import in_thread
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.notify.channels import as_settings, configured
from pressmark.service.service import Service
from pressmark.web.forms import form
from scheduler.notices.page_channels import PageChannels

router = Part(include_in_schema=False)

_SECRETS = {"mail": ("password",), "webhook": ("url", "secret"), "apprise": ("urls",)}
_DEFAULTS = {"mail": {"port": "587", "tls": "starttls"}, "webhook": {}, "apprise": {}}
Fields = dict[str, str]


@router.get("/settings/notifications/{channel}")
def show(request: Request, channel: str, service: Desk, *, former: bool = False) -> HTMLResponse:
    """Show a channel as a form; with `former`, as it was before its last change here."""
    name, own = _name_of(service, channel), PageChannels(service.database)
    now, before = own.get(name), own.former(name)
    shown = before if former and before is not None else now
    return _form(request, name, _fields_of(name, shown), present=now is not None or name in own.unreadable())


@router.post("/settings/notifications/{channel}")
async def save(request: Request, channel: str, service: Desk) -> Response:
    """Write a channel, unless another person has changed it since the form was shown."""
    sent = await form(request)
    name = await in_thread(partial(_name_of, service, channel))
    fields = {key: sent.get(key, "").strip() for key in (*CHANNELS[name].model_fields, "seen")}

    def write() -> None:
        made, own = _channel_of(name, fields), PageChannels(service.database)
        as_settings(made, service.settings.permissions)
        before = own.get(name)
        if not own.save(name, made, fields["seen"]):
            told = "the channel was changed while you edited it, so your changes are not saved"
            raise ConfigError(Problem(told, suggestion="open the page again and repeat them"))
        shape = None if before is None else before.model_dump(mode="json")
        note(request, target=name, before=shape, after=made.model_dump(mode="json"))

    try:
        await in_thread(write)
    except ConfigError as error:
        refused = partial(_form, request, name, fields, refused=str(error), seen=fields["seen"])
        return await run_in_threadpool(refused)
    return RedirectResponse("/webhooks#channels", 303)


@router.post("/settings/notifications/{channel}/remove")
async def remove(request: Request, channel: str, service: Desk) -> Response:
    """Remove a channel, and show its form: to save it again undoes that."""
    sent = await form(request)

    def work() -> HTMLResponse:
        name, own = _name_of(service, channel), PageChannels(service.database)
        before = own.get(name)
        if not own.save(name, None, sent.get("seen", "")):
            raise Refused(409, "another person changed the channel at the same time; open its page again")
        note(request, target=name, before=None if before is None else before.model_dump(mode="json"))
        return _form(request, name, _fields_of(name, before), removed=True)

    return await run_in_threadpool(work)


def _name_of(service: Service, channel: str) -> ChannelName:
    """Return the channel of the pages. Raises Refused for an unknown one, and for one of the settings."""
    name = next((each for each in CHANNELS if each == channel), None)
    if name is None:
        raise Refused(404, f"there are no notifications by {channel[:40]}")
    if name in configured(service.settings.notify):
        raise Refused(422, f"the notifications by {name} are in the settings file; change them there")
    return name


def _channel_of(name: ChannelName, fields: Mapping[str, str]) -> Channel:
    """Return the channel of a form. Raises ConfigError."""
    facts: dict[str, Any] = {key: value for key, value in fields.items() if value and key != "seen"}
    facts |= {key: {"secret": facts[key]} for key in _SECRETS[name] if key in facts}
    try:
        return CHANNELS[name].model_validate(facts)
    except ValidationError as error:
        raise ConfigError(*explain(error, CHANNELS[name], Document(facts, None), ())) from None


def _fields_of(name: ChannelName, channel: Channel | None) -> Fields:
    fields = dict.fromkeys(CHANNELS[name].model_fields, "") | _DEFAULTS[name]
    for key, value in (channel.model_dump(mode="json") if channel else {}).items():
        fields[key] = value["secret"] if isinstance(value, dict) else "" if value is None else str(value)
    return fields


def _form(request: Request, name: ChannelName, fields: Fields, **facts: Any) -> HTMLResponse:
    service: Service = request.app.state.service
    own = PageChannels(service.database)
    empty: dict[str, Any] = {
        "refused": None,
        "removed": False,
        "present": own.get(name) is not None,
        "has_former": own.former(name) not in (None, own.get(name)),
        "seen": own.digest(name),
        "secrets": sorted(service.settings.permissions.secrets),
    }
    status = 422 if facts.get("refused") else 200
    shown = {**empty, **facts}
    return page(request, "channel-edit.html", status=status, channel=name, names=CHANNEL_NAMES, fields=fields, **shown)
