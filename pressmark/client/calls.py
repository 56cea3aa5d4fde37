"""The requests of the HTTP API as values: the client that waits and the one that awaits send the same ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypedDict, TypeVar
from urllib.parse import quote

import httpx2

from archive.values.urlkey import Match
from pressmark.notify.watches.watch_shapes import HitShape, WatchShape
from pressmark.views.capture_shapes import CaptureShape, SnapshotShape
from pressmark.views.citations.styles import StyleName
from pressmark.views.diff import DiffShape
from pressmark.views.links import link
from pressmark.views.review.snapshot_notes import SnapshotNoteShape
from pressmark.views.run_shapes import RunShape
from pressmark.views.search import FoundShape
from pressmark.views.shapes import Shape
from pressmark.views.similar import CopiesShape
from pressmark.views.source_shapes import SourceShape

T = TypeVar("T")
S = TypeVar("S", bound=Shape)

When = str | datetime
"""`latest`, or a time; text may be shortened: ``2026``, ``20260131``."""
Status = Literal["queued", "running", "over"]
Form = Literal["wacz", "warc", "wet", "wat", "cdxj", "zipnum", "jsonl", "parquet", "bagit"]


class Search(TypedDict, total=False):
    """What narrows a search."""

    language: str
    source: str
    collection: str
    site: str
    """A host, with its subdomains."""
    since: When
    until: When
    current: bool
    """Without texts that a page has replaced."""
    tag: str
    """Of a source or a snapshot."""
    verdicts: bool
    """With answers served in place of pages, such as logins."""


class OfNotes(TypedDict, total=False):
    """Which tags and notes of snapshots."""

    tag: str
    source: str
    collection: str


class Among(TypedDict, total=False):
    """Which captures of a URL."""

    since: When
    until: When
    match: Match
    collection: str
    tag: str
    """Those to which people gave this tag."""


class Selection(TypedDict, total=False):
    """Which captures of the archive."""

    source: str
    run: str
    collection: str
    url: str
    """Of URLs with this prefix."""
    since: When
    until: When
    latest: bool
    """Only the newest version of each page."""
    language: str
    type: str
    """A media type, such as text/html or image/*."""


class OfWatch(TypedDict, total=False):
    """What a watch looks for, besides its phrases: see the settings of watches."""

    without: Sequence[str]
    only: Sequence[str]
    authors: Sequence[str]
    sources: Sequence[str]
    languages: Sequence[str]
    summary: bool
    translation: str
    paused: bool


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request, and how its answer is read."""

    path: str
    read: Callable[[httpx2.Response], T]
    method: str = "GET"
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ListCall(Generic[S]):
    """A request for a list, which comes page by page."""

    path: str
    shape: type[S]
    params: Mapping[str, Any] = field(default_factory=dict)

    def page(self, cursor: str | None) -> Call[tuple[list[S], str | None]]:
        """Return the request for the page at a cursor."""
        return Call(self.path, self._read, params=dict(self.params) | ({"cursor": cursor} if cursor else {}))

    def _read(self, answer: httpx2.Response) -> tuple[list[S], str | None]:
        answered = answer.json()
        return [self.shape.model_validate(item) for item in answered["items"]], answered["next"]


class HitsCall(ListCall[HitShape]):
    """A request for the sentences of a watch: the next page is named by the last sentence of this one."""

    def page(self, cursor: str | None) -> Call[tuple[list[HitShape], str | None]]:
        return Call(self.path, self._read, params=dict(self.params) | ({"before": cursor} if cursor else {}))

    def _read(self, answer: httpx2.Response) -> tuple[list[HitShape], str | None]:
        items, _ = super()._read(answer)
        return items, str(items[-1].id) if items else None


def sources() -> ListCall[SourceShape]:
    return ListCall("/api/v1/sources", SourceShape)


def source(name: str) -> Call[SourceShape]:
    return Call(f"/api/v1/sources/{quote(name, safe='')}", _as(SourceShape))


def run(name: str, *, all_pages: bool, force: bool) -> Call[RunShape]:
    params = _given(all=all_pages, force=force)
    return Call(f"/api/v1/sources/{quote(name, safe='')}/runs", _as(RunShape), "POST", params)


def archive(url: str) -> Call[RunShape]:
    return Call("/api/v1/runs", _as(RunShape), "POST", body={"url": url})


def runs(source: str | None, status: Status | None) -> ListCall[RunShape]:
    return ListCall("/api/v1/runs", RunShape, _given(source=source, status=status))


def run_of(run: str) -> Call[RunShape]:
    return Call(f"/api/v1/runs/{quote(run, safe='')}", _as(RunShape))


def cancel(run: str) -> Call[RunShape]:
    return Call(f"/api/v1/runs/{quote(run, safe='')}/cancel", _as(RunShape), "POST")


def run_captures(run: str, *, requisites: bool) -> ListCall[CaptureShape]:
    return ListCall(f"/api/v1/runs/{quote(run, safe='')}/captures", CaptureShape, _given(requisites=requisites))


def captures(url: str, among: Among) -> ListCall[CaptureShape]:
    return ListCall("/api/v1/captures", CaptureShape, {"url": url} | _given(**among))


def search(words: str, where: Search) -> ListCall[FoundShape]:
    return ListCall("/api/v1/search", FoundShape, {"q": words} | _given(**where))


def notes(where: OfNotes) -> ListCall[SnapshotNoteShape]:
    return ListCall("/api/v1/notes", SnapshotNoteShape, _given(**where))


def note(url: str, at: When) -> Call[SnapshotNoteShape]:
    return Call(f"/api/v1/notes/{moment(at)}/{link(url)}", _as(SnapshotNoteShape))


def write_note(url: str, at: When, tags: Sequence[str], text: str) -> Call[SnapshotNoteShape]:
    body = {"tags": list(tags), "note": text}
    return Call(f"/api/v1/notes/{moment(at)}/{link(url)}", _as(SnapshotNoteShape), "PUT", body=body)


def snapshot(url: str, at: When) -> Call[SnapshotShape]:
    return Call(_snapshot(url, at, "json"), _as(SnapshotShape))


def raw(url: str, at: When) -> Call[bytes]:
    return Call(_snapshot(url, at, "raw"), lambda answer: answer.content)


def text(url: str, at: When, *, markdown: bool) -> Call[str]:
    return Call(_snapshot(url, at, "markdown" if markdown else "text"), lambda answer: answer.text)


def thread(url: str, at: When) -> Call[dict[str, Any]]:
    return Call(f"/api/v1/threads/{moment(at)}/{link(url)}", _json)


def article(url: str, at: When) -> Call[dict[str, Any]]:
    return Call(f"/api/v1/articles/{moment(at)}/{link(url)}", _json)


def similar(url: str, at: When) -> Call[CopiesShape]:
    return Call(f"/api/v1/similar/{moment(at)}/{link(url)}", _as(CopiesShape))


def diff(url: str, start: When, end: When) -> Call[DiffShape]:
    return Call(f"/api/v1/diff/{moment(start)}/{moment(end)}/{link(url)}", _as(DiffShape))


def cite(url: str, at: When, style: StyleName) -> Call[str]:
    return Call(f"/api/v1/citations/{moment(at)}/{style}/{link(url)}", lambda answer: answer.text)


def watches() -> ListCall[WatchShape]:
    return ListCall("/api/v1/watches", WatchShape)


def watch(name: str) -> Call[WatchShape]:
    return Call(_watch(name), _as(WatchShape))


def watch_hits(name: str) -> ListCall[HitShape]:
    return HitsCall(f"{_watch(name)}/hits", HitShape)


def write_watch(name: str, phrases: Sequence[str], version: str | None, facts: OfWatch) -> Call[WatchShape]:
    body = {"phrases": list(phrases), **facts}
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return Call(_watch(name), _as(WatchShape), "PUT", body=body, headers=headers)


def remove_watch(name: str) -> Call[None]:
    return Call(_watch(name), lambda _: None, "DELETE")


def undo_watch(name: str) -> Call[WatchShape]:
    return Call(f"{_watch(name)}/undo", _as(WatchShape), "POST")


def export(form: Form, selection: Selection, **options: Any) -> Call[bytes]:
    params = _given(**selection) | _given(**options)
    return Call(f"/api/v1/exports/{form}", lambda answer: answer.content, params=params)


def moment(at: When) -> str:
    """Return a time as the API reads it: ISO 8601 with its zone. Raises ValueError for a time without a zone."""
    if isinstance(at, str):
        return quote(at, safe=":~+")
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone; use datetime(…, tzinfo=UTC)")
    return quote(at.isoformat(), safe=":+")


def _snapshot(url: str, at: When, view: str) -> str:
    return f"/api/v1/snapshots/{moment(at)}/{view}/{link(url)}"


def _watch(name: str) -> str:
    return f"/api/v1/watches/{quote(name, safe='')}"


def _given(**values: Any) -> dict[str, Any]:
    """Return the parameters that say something: neither None nor false."""
    return {name: _parameter(value) for name, value in values.items() if value is not None and value is not False}


def _parameter(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; use datetime(…, tzinfo=UTC)")
        return value.isoformat()
    return "true" if value is True else value


def _as(shape: type[S]) -> Callable[[httpx2.Response], S]:
    return lambda answer: shape.model_validate(answer.json())


def _json(answer: httpx2.Response) -> dict[str, Any]:
    answered: dict[str, Any] = answer.json()
    return answered
