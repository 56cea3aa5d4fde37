"""/api/v1/greader: add, tag and remove sources, as feed readers do with their subscriptions."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from pressmark.api.greader.fields import Fields, fields_of, labels_in, one
from pressmark.api.greader.streams import FEED, labels
from pressmark.discover.drafted_source import inspect_and_propose, sources_at
from pressmark.discover.propose import ProposalOptions
from pressmark.http.callers import caller_name, check_may_change, may_keep_secrets
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.in_thread import in_thread
from pressmark.http.problems import Refused
from pressmark.service.service import Service
from pressmark.service.source_editing import add_source, changed, edit_source, remove_source

router = Part(prefix="/api/v1/greader/reader/api/0/subscription", include_in_schema=False)


@router.post("/quickadd")
async def quick_add(request: Request, service: Desk) -> Response:
    """Add the site or feed of a URL as a source, as the page “Add” does with what it proposes."""
    url = one(await fields_of(request), "quickadd").removeprefix(FEED)
    name, added = await _added(service, url)
    if added:
        note(request, target=name, after=added)
    return JSONResponse({"numResults": 1, "query": url, "streamId": f"{FEED}{name}", "streamName": name})


@router.post("/edit")
async def edit(request: Request, service: Desk) -> Response:
    """Subscribe to a URL, unsubscribe from a source, or add and remove its tags."""
    fields = await fields_of(request)
    action, stream = one(fields, "ac"), one(fields, "s").removeprefix(FEED)
    if action == "unsubscribe":
        note(request, target=stream, before=await in_thread(partial(service.facts_of, stream)))
        await in_thread(partial(remove_source, service, stream, caller_name()))
        return PlainTextResponse("OK")
    if action not in ("subscribe", "edit"):
        raise Refused(422, f"unknown action {action[:80]!r}")
    name, added = await _added(service, stream) if action == "subscribe" else (stream, {})
    note(request, target=name, after={**added, **{key: fields[key] for key in ("a", "r") if key in fields}})
    await in_thread(partial(_tag, service, name, fields))
    return PlainTextResponse("OK")


async def _added(service: Service, url: str) -> tuple[str, dict[str, Any]]:
    """Return the source that begins at a URL, and its facts if it is new: it is added unless there is one.

    Raises what `add_source` raises.
    """
    service.sources.poll()
    if known := next(sources_at([url], service.sources.good.values()), None):
        return known, {}
    settings, good = service.settings, service.sources.good
    found = await inspect_and_propose(
        url, ProposalOptions(), settings=settings, known=good, now=service.now, figures=service.figures
    )
    if found.already:
        return found.already[0], {}
    add = partial(add_source, with_secrets=may_keep_secrets())
    source = await in_thread(partial(add, service, found.text, caller_name()))
    return source.name, service.facts_of(source.name)


def _tag(service: Service, name: str, fields: Fields) -> None:
    """Add and remove tags of a source. Its collection is a label, too, and stays."""
    added, removed = (labels_in(fields.get(key, ())) for key in ("a", "r"))
    present = labels(service).get(name, [])
    added = [label for label in added if label not in present]
    if not added and not set(removed) & set(present):
        service.sources.get(name)
        return
    check_may_change(service, name)

    def change(facts: dict[str, Any]) -> dict[str, Any]:
        return facts | {"tags": [*(tag for tag in facts["tags"] if tag not in removed), *added]}

    edit_source(service, name, partial(changed, change), caller_name(), with_secrets=may_keep_secrets())
