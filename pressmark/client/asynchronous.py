"""The client for programs with an event loop: the same methods as `Pressmark`, awaited."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, Unpack

import httpx2

from pressmark.client import calls
from pressmark.client.calls import Among, Call, Form, ListCall, OfNotes, OfWatch, Search, Selection, Status, When
from pressmark.client.connection import Connection
from pressmark.client.errors import Incomplete, PressmarkError, refuse
from pressmark.client.tables import Row, pandas_frame, polars_frame
from pressmark.notify.watches.watch_shapes import HitShape, WatchShape
from pressmark.views.capture_shapes import CaptureShape, SnapshotShape
from pressmark.views.citations.styles import StyleName
from pressmark.views.diff import DiffShape
from pressmark.views.review.snapshot_notes import SnapshotNoteShape
from pressmark.views.run_shapes import RunShape
from pressmark.views.search import FoundShape
from pressmark.views.shapes import Shape
from pressmark.views.similar import CopiesShape
from pressmark.views.source_shapes import SourceShape

if TYPE_CHECKING:
    import pandas
    import polars

T = TypeVar("T")
S = TypeVar("S", bound=Shape)
R = TypeVar("R", bound=Row)

_LOOK_EVERY = 0.5


class AsyncRows(Generic[R]):
    """Rows, fetched during iteration. Each iteration starts from the first row."""

    def __init__(self, begin: Callable[[], AsyncIterator[R]]) -> None:
        self._begin = begin

    def __aiter__(self) -> AsyncIterator[R]:
        return self._begin()

    async def pandas(self) -> pandas.DataFrame:
        """Fetch all rows as a data frame of pandas. Raises ImportError without pandas."""
        return pandas_frame([row async for row in self])

    async def polars(self) -> polars.DataFrame:
        """Fetch all rows as a data frame of Polars. Raises ImportError without Polars."""
        return polars_frame([row async for row in self])


class AsyncPressmark:
    """An archive: `AsyncPressmark("https://archive.example", token=…)`, or `AsyncPressmark(home="pressmark-home")`.

    Use it in an ``async with`` statement, or await `close`. Errors and times are those of `Pressmark`.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        home: str | os.PathLike[str] | None = None,
        token: str | None = None,
        within: float = 60.0,
    ) -> None:
        """Connect to a service, or open a home on disk. `within` is the patience for one answer, in seconds."""
        self._connection = Connection(url, home, token, within)
        transport = self._connection.transport(httpx2.AsyncHTTPTransport)
        self._http = httpx2.AsyncClient(**self._connection.options, **transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()
        self._connection.close()

    def sources(self) -> AsyncRows[SourceShape]:
        """List the sources, by name."""
        return self._list(calls.sources())

    async def source(self, name: str) -> SourceShape:
        """Return a source."""
        return await self._send(calls.source(name))

    async def run(self, source: str, *, all_pages: bool = False, force: bool = False) -> RunShape:
        """Request a run of a source; `all_pages` also fetches what is not due, `force` fetches it in full."""
        return await self._send(calls.run(source, all_pages=all_pages, force=force))

    async def archive(self, url: str) -> RunShape:
        """Request a run that archives one page."""
        return await self._send(calls.archive(url))

    def runs(self, *, source: str | None = None, status: Status | None = None) -> AsyncRows[RunShape]:
        """List the runs, newest first."""
        return self._list(calls.runs(source, status))

    async def run_of(self, run: str) -> RunShape:
        """Return a run by its id."""
        return await self._send(calls.run_of(run))

    async def cancel(self, run: str) -> RunShape:
        """Cancel a run."""
        return await self._send(calls.cancel(run))

    async def wait(self, run: str, *, within: float = 3600.0) -> RunShape:
        """Return a run once it is over. Raises TimeoutError after `within` seconds."""
        end = time.monotonic() + within
        while (found := await self.run_of(run)).status != "over":
            if time.monotonic() > end:
                raise TimeoutError(f"run {run} is not over after {within:g} s: {found.reason or found.status}")
            await asyncio.sleep(_LOOK_EVERY)
        return found

    def run_captures(self, run: str, *, requisites: bool = False) -> AsyncRows[CaptureShape]:
        """List the pages that a run captured; with `requisites`, also their images, styles and scripts."""
        return self._list(calls.run_captures(run, requisites=requisites))

    def captures(self, url: str, **among: Unpack[Among]) -> AsyncRows[CaptureShape]:
        """List the captures of a URL, newest first; with `match`, of all URLs that it covers."""
        return self._list(calls.captures(url, among))

    def search(self, words: str, **where: Unpack[Search]) -> AsyncRows[FoundShape]:
        """Search the present and past texts of pages, best match first."""
        return self._list(calls.search(words, where))

    def notes(self, **where: Unpack[OfNotes]) -> AsyncRows[SnapshotNoteShape]:
        """List the tags and notes that people gave to snapshots; those that were written last come first."""
        return self._list(calls.notes(where))

    async def note(self, url: str, at: When = "latest") -> SnapshotNoteShape:
        """Return the tags and the note of the capture nearest to a time. Raises NotFound if it has none."""
        return await self._send(calls.note(url, at))

    async def write_note(
        self, url: str, at: When = "latest", *, tags: Sequence[str] = (), note: str = ""
    ) -> SnapshotNoteShape:
        """Write the tags and the note of a capture; they replace those before."""
        return await self._send(calls.write_note(url, at, tags, note))

    async def snapshot(self, url: str, at: When = "latest") -> SnapshotShape:
        """Return the capture nearest to a time: header fields, text, metadata."""
        return await self._send(calls.snapshot(url, at))

    async def raw(self, url: str, at: When = "latest") -> bytes:
        """Return the payload of a capture, decoded from its content coding."""
        return await self._send(calls.raw(url, at))

    async def text(self, url: str, at: When = "latest", *, markdown: bool = False) -> str:
        """Return the text of a capture, or its Markdown."""
        return await self._send(calls.text(url, at, markdown=markdown))

    async def thread(self, url: str, at: When = "latest") -> dict[str, Any]:
        """Return a forum thread over all its pages, with the history of its posts (docs/formats/threads.md)."""
        return await self._send(calls.thread(url, at))

    async def article(self, url: str, at: When = "latest") -> dict[str, Any]:
        """Return an article over all its parts."""
        return await self._send(calls.article(url, at))

    async def similar(self, url: str, at: When = "latest") -> CopiesShape:
        """Return the pages with nearly the same text."""
        return await self._send(calls.similar(url, at))

    async def diff(self, url: str, start: When = "previous", end: When = "latest") -> DiffShape:
        """Compare two captures of a URL; `previous` is the version before the other one."""
        return await self._send(calls.diff(url, start, end))

    async def cite(self, url: str, at: When = "latest", style: StyleName = "apa") -> str:
        """Return a citation of a capture."""
        return await self._send(calls.cite(url, at, style))

    def watches(self) -> AsyncRows[WatchShape]:
        """List the watches."""
        return self._list(calls.watches())

    async def watch(self, name: str) -> WatchShape:
        """Return a watch."""
        return await self._send(calls.watch(name))

    def watch_hits(self, name: str) -> AsyncRows[HitShape]:
        """List the sentences that a watch has found, newest first."""
        return self._list(calls.watch_hits(name))

    async def write_watch(
        self, name: str, phrases: Sequence[str], *, version: str | None = None, **facts: Unpack[OfWatch]
    ) -> WatchShape:
        """Add a watch; with the `version` of the one that was read, replace it as a whole."""
        return await self._send(calls.write_watch(name, phrases, version, facts))

    async def remove_watch(self, name: str) -> None:
        """Remove a watch. What it found stays."""
        await self._send(calls.remove_watch(name))

    async def undo_watch(self, name: str) -> WatchShape:
        """Undo the last change of a watch, or its removal."""
        return await self._send(calls.undo_watch(name))

    def texts(self, **selection: Unpack[Selection]) -> AsyncRows[Mapping[str, Any]]:
        """Return the texts of captures as rows (docs/formats/exports.md, jsonl)."""
        return self._lines(calls.export("jsonl", selection, with_text=True))

    def posts(self, **selection: Unpack[Selection]) -> AsyncRows[Mapping[str, Any]]:
        """Return the posts of forums as rows (docs/formats/exports.md, `--posts`)."""
        return self._lines(calls.export("jsonl", selection, posts=True))

    async def export(self, form: Form, target: str | os.PathLike[str], **selection: Unpack[Selection]) -> Path:
        """Write an export to a file, which appears when it is complete. Raises Incomplete, FileExistsError."""
        path = Path(target)
        if path.exists():
            raise FileExistsError(f"{path} exists")
        part = path.with_name(f"{path.name}.part")
        with part.open("wb") as file:
            async for piece in self._pieces(calls.export(form, selection)):
                file.write(piece)
        part.rename(path)
        return path

    async def _send(self, call: Call[T]) -> T:
        try:
            answer = await self._http.request(
                call.method,
                call.path,
                params=dict(call.params) or None,
                json=call.body,
                headers=dict(call.headers),
            )
        except httpx2.HTTPError as error:
            raise PressmarkError(f"no answer from {self._http.base_url}: {error}") from error
        if not answer.is_success:
            refuse(answer)
        return call.read(answer)

    def _list(self, call: ListCall[S]) -> AsyncRows[S]:
        async def begin() -> AsyncIterator[S]:
            cursor = None
            while True:
                items, cursor = await self._send(call.page(cursor))
                for item in items:
                    yield item
                if cursor is None:
                    return

        return AsyncRows(begin)

    def _lines(self, call: Call[bytes]) -> AsyncRows[Mapping[str, Any]]:
        async def begin() -> AsyncIterator[Mapping[str, Any]]:
            rest = b""
            async for piece in self._pieces(call):
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    yield json.loads(line)

        return AsyncRows(begin)

    async def _pieces(self, call: Call[bytes]) -> AsyncIterator[bytes]:
        try:
            async with self._http.stream(call.method, call.path, params=dict(call.params) or None) as answer:
                if not answer.is_success:
                    await answer.aread()
                    refuse(answer)
                async for piece in answer.aiter_bytes():
                    yield piece
        except httpx2.HTTPError as error:
            raise Incomplete(f"the export from {self._http.base_url} is incomplete: {error}") from error
