"""The client for programs that wait for each answer."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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


class Rows(Generic[R]):
    """Rows, fetched during iteration. Each iteration starts from the first row."""

    def __init__(self, begin: Callable[[], Iterator[R]]) -> None:
        self._begin = begin

    def __iter__(self) -> Iterator[R]:
        return self._begin()

    def pandas(self) -> pandas.DataFrame:
        """Fetch all rows as a data frame of pandas. Raises ImportError without pandas."""
        return pandas_frame(self)

    def polars(self) -> polars.DataFrame:
        """Fetch all rows as a data frame of Polars. Raises ImportError without Polars."""
        return polars_frame(self)


class Pressmark:
    """An archive: `Pressmark("https://archive.example", token=…)`, or `Pressmark(home="pressmark-home")`.

    Use it in a ``with`` statement, or call `close`. All methods raise PressmarkError: NotFound for what the archive
    does not have, Refused for what the service refuses, with its sentence. Times are aware `datetime`s, or text:
    ``latest``, ``2026``, ``20260131120000`` (UTC).
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
        transport = self._connection.transport(httpx2.HTTPTransport)
        self._http = httpx2.Client(**self._connection.options, **transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()
        self._connection.close()

    def sources(self) -> Rows[SourceShape]:
        """List the sources, by name."""
        return self._list(calls.sources())

    def source(self, name: str) -> SourceShape:
        """Return a source."""
        return self._send(calls.source(name))

    def run(self, source: str, *, all_pages: bool = False, force: bool = False) -> RunShape:
        """Request a run of a source; `all_pages` also fetches what is not due, `force` fetches it in full."""
        return self._send(calls.run(source, all_pages=all_pages, force=force))

    def archive(self, url: str) -> RunShape:
        """Request a run that archives one page."""
        return self._send(calls.archive(url))

    def runs(self, *, source: str | None = None, status: Status | None = None) -> Rows[RunShape]:
        """List the runs, newest first."""
        return self._list(calls.runs(source, status))

    def run_of(self, run: str) -> RunShape:
        """Return a run by its id."""
        return self._send(calls.run_of(run))

    def cancel(self, run: str) -> RunShape:
        """Cancel a run."""
        return self._send(calls.cancel(run))

    def wait(self, run: str, *, within: float = 3600.0) -> RunShape:
        """Return a run once it is over. Raises TimeoutError after `within` seconds."""
        end = time.monotonic() + within
        while (found := self.run_of(run)).status != "over":
            if time.monotonic() > end:
                raise TimeoutError(f"run {run} is not over after {within:g} s: {found.reason or found.status}")
            time.sleep(_LOOK_EVERY)
        return found

    def run_captures(self, run: str, *, requisites: bool = False) -> Rows[CaptureShape]:
        """List the pages that a run captured; with `requisites`, also their images, styles and scripts."""
        return self._list(calls.run_captures(run, requisites=requisites))

    def captures(self, url: str, **among: Unpack[Among]) -> Rows[CaptureShape]:
        """List the captures of a URL, newest first; with `match`, of all URLs that it covers."""
        return self._list(calls.captures(url, among))

    def search(self, words: str, **where: Unpack[Search]) -> Rows[FoundShape]:
        """Search the present and past texts of pages, best match first."""
        return self._list(calls.search(words, where))

    def notes(self, **where: Unpack[OfNotes]) -> Rows[SnapshotNoteShape]:
        """List the tags and notes that people gave to snapshots; those that were written last come first."""
        return self._list(calls.notes(where))

    def note(self, url: str, at: When = "latest") -> SnapshotNoteShape:
        """Return the tags and the note of the capture nearest to a time. Raises NotFound if it has none."""
        return self._send(calls.note(url, at))

    def write_note(
        self, url: str, at: When = "latest", *, tags: Sequence[str] = (), note: str = ""
    ) -> SnapshotNoteShape:
        """Write the tags and the note of a capture; they replace those before."""
        return self._send(calls.write_note(url, at, tags, note))

    def snapshot(self, url: str, at: When = "latest") -> SnapshotShape:
        """Return the capture nearest to a time: header fields, text, metadata."""
        return self._send(calls.snapshot(url, at))

    def raw(self, url: str, at: When = "latest") -> bytes:
        """Return the payload of a capture, decoded from its content coding."""
        return self._send(calls.raw(url, at))

    def text(self, url: str, at: When = "latest", *, markdown: bool = False) -> str:
        """Return the text of a capture, or its Markdown."""
        return self._send(calls.text(url, at, markdown=markdown))

    def thread(self, url: str, at: When = "latest") -> dict[str, Any]:
        """Return a forum thread over all its pages, with the history of its posts (docs/formats/threads.md)."""
        return self._send(calls.thread(url, at))

    def article(self, url: str, at: When = "latest") -> dict[str, Any]:
        """Return an article over all its parts."""
        return self._send(calls.article(url, at))

    def similar(self, url: str, at: When = "latest") -> CopiesShape:
        """Return the pages with nearly the same text."""
        return self._send(calls.similar(url, at))

    def diff(self, url: str, start: When = "previous", end: When = "latest") -> DiffShape:
        """Compare two captures of a URL; `previous` is the version before the other one."""
        return self._send(calls.diff(url, start, end))

    def cite(self, url: str, at: When = "latest", style: StyleName = "apa") -> str:
        """Return a citation of a capture."""
        return self._send(calls.cite(url, at, style))

    def watches(self) -> Rows[WatchShape]:
        """List the watches."""
        return self._list(calls.watches())

    def watch(self, name: str) -> WatchShape:
        """Return a watch."""
        return self._send(calls.watch(name))

    def watch_hits(self, name: str) -> Rows[HitShape]:
        """List the sentences that a watch has found, newest first."""
        return self._list(calls.watch_hits(name))

    def write_watch(
        self, name: str, phrases: Sequence[str], *, version: str | None = None, **facts: Unpack[OfWatch]
    ) -> WatchShape:
        """Add a watch; with the `version` of the one that was read, replace it as a whole."""
        return self._send(calls.write_watch(name, phrases, version, facts))

    def remove_watch(self, name: str) -> None:
        """Remove a watch. What it found stays."""
        self._send(calls.remove_watch(name))

    def undo_watch(self, name: str) -> WatchShape:
        """Undo the last change of a watch, or its removal."""
        return self._send(calls.undo_watch(name))

    def texts(self, **selection: Unpack[Selection]) -> Rows[Mapping[str, Any]]:
        """Return the texts of captures as rows (docs/formats/exports.md, jsonl)."""
        return self._lines(calls.export("jsonl", selection, with_text=True))

    def posts(self, **selection: Unpack[Selection]) -> Rows[Mapping[str, Any]]:
        """Return the posts of forums as rows (docs/formats/exports.md, `--posts`)."""
        return self._lines(calls.export("jsonl", selection, posts=True))

    def export(self, form: Form, target: str | os.PathLike[str], **selection: Unpack[Selection]) -> Path:
        """Write an export to a file, which appears when it is complete. Raises Incomplete, FileExistsError."""
        path = Path(target)
        if path.exists():
            raise FileExistsError(f"{path} exists")
        part = path.with_name(f"{path.name}.part")
        with part.open("wb") as file:
            for piece in self._pieces(calls.export(form, selection)):
                file.write(piece)
        part.rename(path)
        return path

    def _send(self, call: Call[T]) -> T:
        try:
            answer = self._http.request(
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

    def _list(self, call: ListCall[S]) -> Rows[S]:
        def begin() -> Iterator[S]:
            cursor = None
            while True:
                items, cursor = self._send(call.page(cursor))
                yield from items
                if cursor is None:
                    return

        return Rows(begin)

    def _lines(self, call: Call[bytes]) -> Rows[Mapping[str, Any]]:
        def begin() -> Iterator[Mapping[str, Any]]:
            rest = b""
            for piece in self._pieces(call):
                *lines, rest = (rest + piece).split(b"\n")
                yield from map(json.loads, lines)

        return Rows(begin)

    def _pieces(self, call: Call[bytes]) -> Iterator[bytes]:
        try:
            with self._http.stream(call.method, call.path, params=dict(call.params) or None) as answer:
                if not answer.is_success:
                    answer.read()
                    refuse(answer)
                yield from answer.iter_bytes()
        except httpx2.HTTPError as error:
            raise Incomplete(f"the export from {self._http.base_url} is incomplete: {error}") from error
