"""Add many sources from a list: first show what would be added, then add them, with a result for each entry."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from pressmark.discover.subscriptions import Imported, guess_form, import_list, read_list
from pressmark.http.callers import caller_name, may_keep_secrets
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.in_thread import in_thread
from pressmark.http.render import page
from pressmark.service.service import Service
from pressmark.web.forms import form, form_with_files
from pressmark.web.source_fields import tags_in

router = Part(include_in_schema=False)

_LONGEST, _LONGEST_FORM = 1 << 20, 2 << 20
_MOST = 500
"""Entries of a list: each is a file to check and to write."""
_DEFAULTS = ("every", "collection", "tags")
_EMPTY: Mapping[str, Any] = {"refused": None, "found": (), "list": "", "typed": "", "written": False}


@router.get("/add/list")
def show_form(request: Request) -> HTMLResponse:
    return page(request, "add-list.html", **_EMPTY, fields=dict.fromkeys(_DEFAULTS, ""))


@router.post("/add/list")
async def preview(request: Request, service: Desk) -> Response:
    """Show what a list would add. Nothing is written."""
    sent = await form_with_files(request, _LONGEST_FORM)
    content = sent.get("file", b"") or sent.get("list", b"")
    fields = _defaults({name: value.decode(errors="replace") for name, value in sent.items()})
    return await _answer(request, service, content, fields, dry_run=True)


@router.post("/add/list/write")
async def write(request: Request, service: Desk) -> Response:
    """Add the sources of a list that was shown."""
    sent = await form(request, _LONGEST_FORM)
    content = urlsafe_b64decode(sent.get("list", ""))
    fields = _defaults(sent)
    return await _answer(request, service, content, fields, dry_run=False)


def _defaults(sent: Mapping[str, str]) -> dict[str, str]:
    fields = {name: sent.get(name, "").strip() for name in _DEFAULTS}
    return fields | {"tags": ", ".join(tags_in(fields["tags"]))}


async def _answer(
    request: Request, service: Service, content: bytes, fields: Mapping[str, str], *, dry_run: bool
) -> Response:
    def show(status: int = 200, **facts: Any) -> HTMLResponse:
        return page(request, "add-list.html", status=status, **{**_EMPTY, **facts}, fields=fields)

    try:
        found = await in_thread(partial(_imported, service, content, fields, dry_run=dry_run))
    except ValueError as error:
        typed = content[:_LONGEST].decode(errors="replace")
        return await run_in_threadpool(show, 422, refused=str(error), typed=typed)
    added = [one.name for one in found if one.state == "new" and one.name]
    if not dry_run:
        note(request, target=", ".join(added), after=dict(fields))
    shown: dict[str, Any] = {
        "found": found,
        "added": len(added),
        "list": urlsafe_b64encode(content).decode(),
        "written": not dry_run,
    }
    return await run_in_threadpool(show, **shown)


def _imported(service: Service, content: bytes, fields: Mapping[str, str], *, dry_run: bool) -> list[Imported]:
    """Return the result of each entry. Raises ValueError for an invalid list, and for one that is too long."""
    if len(content) > _LONGEST:
        raise ValueError(
            f"the list is longer than {_LONGEST} bytes; divide it into several lists, or ask the administrator "
            "to import it with the command pressmark source import"
        )
    entries = read_list(content, guess_form(content))
    if len(entries) > _MOST:
        raise ValueError(
            f"the list has more than {_MOST} entries; divide it into several lists, or ask the administrator to "
            "import it with the command pressmark source import"
        )
    defaults = {name: value for name, value in fields.items() if value}
    importing = partial(import_list, defaults=defaults, by=caller_name(), with_secrets=may_keep_secrets())
    return list(importing(service, entries, dry_run=dry_run))
