"""The tools that a language model calls.

Their names, parameters and docstrings are what the model reads.

Sources: Model Context Protocol, revision 2025-11-25, "Tools".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from archive.index.changes import Changes, PageChange
from archive.retrieval.snapshot import Snapshot
from archive.texts.text_as_markdown import markdown_of
from archive.texts.texts import TextRow, Texts
from archive.values.capture import Capture
from archive.values.errors import CaptureNotFound
from pressmark.api.mcp import answers
from pressmark.service.access.source_facts import in_text
from pressmark.service.service import Service
from pressmark.views.capture_choice import LATEST, moment_of, snapshot_at, stamp_of
from pressmark.views.capture_pages import captures_of
from pressmark.views.capture_shapes import CaptureShape
from pressmark.views.citations.printed import apa
from pressmark.views.citations.work import work_of
from pressmark.views.describe import sources_after
from pressmark.views.describe_captures import page_link
from pressmark.views.diff import PREVIOUS, compared, diff_shape
from pressmark.views.feeds import read_place, write_place
from pressmark.views.reserved_texts import ReservedTexts, TextReserved
from pressmark.views.search import FoundShape, find, narrowed
from pressmark.views.threads import whole_json
from scheduler.run import Run

_LINES = 200
"""Changed lines and posts in one answer."""
_POSTS = 30
_BEGINNING = 500

Url = Annotated[str, Field(description="The address of the page, as it is on the web.", max_length=8192)]
When = Annotated[
    str, Field(description="`latest`, or a time: 2026, 2026-01-31, 20260131120000 (UTC). The nearest capture is used.")
]
Cursor = Annotated[str | None, Field(description="The `next` of the page before.")]
Limit = Annotated[int, Field(ge=1, le=50)]


@dataclass(frozen=True)
class Tools:
    """What a model may do. `service` stays open while it does."""

    service: Service

    @property
    def _texts(self) -> ReservedTexts:
        return ReservedTexts(self.service)

    @property
    def reading(self) -> Sequence[Any]:
        """The tools that change nothing."""
        return (
            self.search_texts,
            self.list_versions,
            self.read_page,
            self.compare_versions,
            self.read_thread,
            self.whats_new,
            self.list_sources,
            self.show_run,
        )

    @property
    def writing(self) -> Sequence[Any]:
        """The tools that add to the archive."""
        return (self.archive_page,)

    def search_texts(
        self,
        *,
        query: Annotated[str, Field(description='Words, all of which must occur; "a phrase", -without, begin*.')],
        language: Annotated[str | None, Field(description="Such as en or zh.")] = None,
        source: str | None = None,
        site: Annotated[str | None, Field(description="A host, with its subdomains.")] = None,
        since: Annotated[str | None, Field(description="A time: only texts that a page had after it.")] = None,
        until: str | None = None,
        current: Annotated[bool, Field(description="Leave out texts that a page has replaced.")] = False,
        cursor: Cursor = None,
        limit: Limit = 10,
    ) -> answers.Hits:
        """Search the present and past texts of all archived pages, best match first."""
        where = narrowed(
            self.service, language=language, source=source, site=site, since=since, until=until, current=current
        )
        found = find(self.service, query, where, limit=limit, cursor=cursor)
        return answers.Hits(items=[self._hit(one) for one in found.items], next=found.next)

    def list_versions(
        self, url: Url, since: str | None = None, until: str | None = None, cursor: Cursor = None, limit: Limit = 20
    ) -> answers.Versions:
        """List the captures of a page, newest first."""
        found = captures_of(self.service, url, since=since, until=until, cursor=cursor, limit=limit)
        if not found.items and cursor is None:
            raise CaptureNotFound(url)
        return answers.Versions(items=[self._version(one) for one in found.items], next=found.next)

    def read_page(
        self,
        url: Url,
        at: When = LATEST,
        offset: Annotated[int, Field(ge=0)] = 0,
        length: Annotated[int, Field(ge=100, le=100_000, description="Characters, at most.")] = 20_000,
    ) -> answers.PageText:
        """Read the text of an archived page, with its citation. Long texts come in parts: see `next_offset`."""
        with snapshot_at(self.service, url, at) as found:
            text = found.text
            if text is None or not text.text:
                raise ValueError(found.why_no_text)
            self._check(found)
            whole = markdown_of(text) or text.text
            evidence = self._evidence(found.capture, found.original.sha256)
            return answers.PageText(
                evidence=evidence,
                citation=apa(work_of(found, evidence.link)),
                title=text.title,
                author=text.author,
                date=text.date,
                language=text.language,
                text=whole[offset : offset + length],
                offset=offset,
                total=len(whole),
                next_offset=_after(offset, length, len(whole)),
            )

    def compare_versions(self, url: Url, start: When = PREVIOUS, end: When = LATEST) -> answers.Differences:
        """Show what changed between two captures of a page. `start` may be `previous`: the version before `end`."""
        with compared(self.service, url, start, end) as found:
            self._check(found.old, found.new)
            shape = diff_shape(found)
            old, new = (self._evidence_of(one) for one in (found.old, found.new))
        lines = [] if shape.posts_only else [row for row in shape.rows if row.kind not in ("same", "noise")]
        posts = shape.posts or []
        return answers.Differences(
            url=shape.url,
            old=old,
            new=new,
            changed=shape.changed,
            lines=[answers.Change(kind=row.kind, old=row.old, new=row.new) for row in lines[:_LINES]],
            facts=[fact.model_dump(mode="json", exclude={"noise"}) for fact in shape.facts if not fact.noise],
            posts=[{"kind": post.kind, "post": post.post} for post in posts[:_LINES]],
            left_out=max(len(lines) - _LINES, 0) + max(len(posts) - _LINES, 0),
            link=self._link(shape.page),
        )

    def read_thread(self, url: Url, at: When = LATEST, offset: Annotated[int, Field(ge=0)] = 0) -> answers.Thread:
        """Read a forum thread over all its pages, thirty posts at a time, with the edits and deletions of its posts."""
        with snapshot_at(self.service, url, at) as first:
            self._check(first)
        whole = self.service.archive.thread(url, moment_of(at), may_read=self._may_read)
        if whole is None:
            raise ValueError(f"Pressmark found no forum posts on {url}")
        shape = whole_json(whole)
        posts = shape["posts"]
        return answers.Thread(
            url=whole.url,
            title=whole.title,
            complete=whole.complete,
            missing=list(whole.missing),
            deleted=whole.deleted,
            deleted_why=whole.deleted_why,
            posts=posts[offset : offset + _POSTS],
            offset=offset,
            total=len(posts),
            next_offset=_after(offset, _POSTS, len(posts)),
        )

    def whats_new(
        self, source: str | None = None, collection: str | None = None, cursor: Cursor = None, limit: Limit = 20
    ) -> answers.WhatIsNew:
        """List the pages that are new or have a new text, newest first."""
        before = read_place(cursor) if cursor else None
        found = Changes(self.service.database).page(
            source=source, collection=collection, before=before, limit=limit + 1
        )
        if source is not None and not found:
            self.service.sources.get(source)
        following = write_place(found[limit - 1].place) if len(found) > limit else None
        return answers.WhatIsNew(items=[self._news(change) for change in found[:limit]], next=following)

    def list_sources(self, cursor: Cursor = None, limit: Limit = 50) -> answers.SourceLines:
        """List the sites that are archived."""
        found = sources_after(self.service, cursor or "", limit + 1)
        lines = [
            answers.SourceLine(name=one.name, state=one.state, collection=one.collection, seeds=one.seeds[:5])
            for one in found[:limit]
        ]
        return answers.SourceLines(items=lines, next=lines[-1].name if len(found) > limit else None)

    def show_run(
        self, run: Annotated[str, Field(description="The id that `archive_page` returned.")]
    ) -> answers.Requested:
        """Show the state of a run."""
        return _requested(self.service.runs.get(run))

    def archive_page(self, url: Url) -> answers.Requested:
        """Archive a page now. The run is queued: `show_run` tells when it is over."""
        return _requested(self.service.request_url(url))

    def _hit(self, found: FoundShape) -> answers.Hit:
        capture = self._capture_at(found.url, found.at, found.record_id)
        return answers.Hit(
            evidence=self._evidence(capture, capture.sha256),
            title=found.title,
            snippet="" if self._reserved(capture) else found.snippet,
            language=found.language,
            source=found.source,
            current=found.current,
        )

    def _version(self, one: CaptureShape) -> answers.Version:
        evidence = answers.Evidence(
            url=one.url, at=one.at, record_id=one.record_id, sha256=one.sha256, link=self._link(one.page)
        )
        return answers.Version(
            evidence=evidence,
            status=one.status,
            kind=one.kind,
            instead=one.verdict,
            damaged=one.damaged.reason if one.damaged else None,
        )

    def _news(self, change: PageChange) -> answers.News:
        capture = self._capture_at(change.url, change.at, change.record_id)
        return answers.News(
            evidence=self._evidence(capture, capture.sha256),
            novelty=change.novelty,
            title=change.title,
            author=change.author,
            language=change.language,
            source=change.source,
            beginning="" if self._reserved(capture) else change.text[:_BEGINNING],
        )

    def _evidence_of(self, found: Snapshot) -> answers.Evidence:
        return self._evidence(found.capture, found.original.sha256)

    def _capture_at(self, url: str, at: datetime, record_id: str) -> Capture:
        for capture in self.service.index.in_second(url, at):
            if capture.record_id == record_id:
                return capture
        raise CaptureNotFound(url)

    def _check(self, *found: Snapshot) -> None:
        """Raise TextReserved for a text that may not be mined."""
        for one in found:
            if why := self._texts.why(one.text, one.capture, one.original):
                raise TextReserved(why)

    def _may_read(self, capture: Capture, text: TextRow) -> bool:
        return self._texts.why(text, capture, *self.service.index.ancestry(capture)) is None

    def _reserved(self, capture: Capture) -> bool:
        if not self._texts.binds(capture.source):
            return False
        text = Texts(self.service.database).of(capture.record_id)
        return self._texts.why(text, capture, *self.service.index.ancestry(capture)) is not None

    def _evidence(self, capture: Capture, sha256: str | None) -> answers.Evidence:
        page = page_link(capture.url, stamp_of(self.service, capture))
        return answers.Evidence(
            url=capture.url, at=capture.at, record_id=capture.record_id, sha256=sha256, link=self._link(page)
        )

    def _link(self, path: str) -> str:
        return f"{self.service.settings.public_url or ''}{path}"


def _after(offset: int, length: int, total: int) -> int | None:
    return offset + length if offset + length < total else None


def _requested(run: Run) -> answers.Requested:
    return answers.Requested(
        run=run.id,
        state=run.outcome or run.status,
        reason=in_text(run.reason) if run.reason else run.reason,
        url=run.url,
        pages=run.counts.pages,
    )
