"""/api/v1/sources/NAME/text: the text of the file of a source. Only who has read the present text replaces it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Header, Request, Response
from pydantic import BaseModel

from pressmark.http.callers import caller_name, check_may_change, check_may_read, may_keep_secrets
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.problems import Refused
from pressmark.service.service import Service
from pressmark.service.source_editing import FileChanged, SourceText, change_source, source_text
from pressmark.views.shapes import Shape

router = Part(prefix="/api/v1", tags=["sources"])


class SourceFile(Shape):
    """The file of a source."""

    text: str
    """YAML."""
    version: str
    """SHA-256 of the text, in hexadecimal; also the ETag, which a PUT sends back in If-Match (RFC 9110, 13.1.1)."""
    names: Sequence[str]
    """The sources that the file describes."""


class NewText(BaseModel):
    text: str


@router.get("/sources/{name}/text")
def show_text(name: str, service: Desk, response: Response) -> SourceFile:
    """Show the text of the file of a source."""
    now = source_text(service, name)
    check_may_read(now.text)
    return _answer(now, response)


@router.put("/sources/{name}/text")
def write_text(
    name: str,
    new: NewText,
    service: Desk,
    request: Request,
    response: Response,
    *,
    if_match: Annotated[str | None, Header(max_length=200)] = None,
) -> SourceFile:
    """Replace the text of the file of a source, which takes effect within seconds.

    The header If-Match must have the ETag of the text that the caller read. If others have changed the file since, the
    answer is 412, and nothing is written.
    """
    if if_match is None:
        raise Refused(428, "send the header If-Match with the ETag of the text that you have read")
    check_may_change(service, name)
    before, digest = service.facts_of(name), if_match.strip().removeprefix('"').removesuffix('"')
    try:
        written = change_source(service, name, new.text, digest, caller_name(), with_secrets=may_keep_secrets())
    except FileChanged:
        raise Refused(412, _newer(service, name)) from None
    note(request, target=name, before=before, after=service.facts_of(name))
    return _answer(written, response)


def _answer(now: SourceText, response: Response) -> SourceFile:
    response.headers["ETag"] = f'"{now.digest}"'
    return SourceFile(text=now.text, version=now.digest, names=now.names)


def _newer(service: Service, name: str) -> str:
    told = "the file was changed since you read it, so your text is not saved; read it again and repeat your changes"
    file = service.sources.file_of(name).name
    if not service.database.is_shared or (latest := service.source_versions.latest_of(file)) is None:
        return told
    return f"version {latest.number}, written by {latest.by} at {latest.at:%Y-%m-%d %H:%M:%S} UTC, is newer: {told}"
