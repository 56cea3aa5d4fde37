"""A thread over all its pages, with the history of its posts: added, edited, deleted, and the changes of their text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from fastapi.responses import HTMLResponse

from archive.retrieval.difference.lines import compare
from archive.retrieval.difference.sequences import Budget
from archive.retrieval.thread_history import KeptPost
from archive.values.timestamps import timestamp14
from pressmark.http.dependencies import Desk, Part
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.http.target import url_after
from pressmark.views.capture_choice import check_archived, moment_of
from pressmark.views.diff import Stretch, stretches
from pressmark.views.links import link
from pressmark.web.charts import Span, timeline

router = Part(include_in_schema=False)

ALL, CHANGED = "all", "changed"
_PAGE = 50
"""Posts on a page of a thread."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of a post, and the capture that shows it."""

    at: datetime
    page: str


@dataclass(frozen=True, slots=True)
class EditView:
    moment: Moment
    stretches: list[Stretch]
    """The change of the post to this state."""


@dataclass(frozen=True, slots=True)
class PostView:
    number: int
    """In the thread, from 1."""
    kept: KeptPost
    added: Moment
    seen: Moment
    deleted: Moment | None
    edits: list[EditView]


@router.get("/thread/{part}/{timestamp}/{rest:path}")
def thread(request: Request, part: str, timestamp: str, service: Desk) -> HTMLResponse:
    """Show a thread.

    `part` is `all` for the beginning, the number of a further part, or `changed` for edited or deleted posts.
    """
    url = url_after(request, 3)
    whole = service.archive.thread(url, moment_of(timestamp))
    if whole is None:
        check_archived(service, url, timestamp)
        raise Refused(404, f"Pressmark found no forum posts on {url}")
    number = _number(part)
    numbered = list(enumerate(whole.posts, 1))
    chosen = [(at, kept) for at, kept in numbered if kept.changed] if part == CHANGED else numbered
    here = chosen[(number - 1) * _PAGE : number * _PAGE] if part != CHANGED else chosen
    parts = -(-len(numbered) // _PAGE)
    return page(
        request,
        "thread.html",
        scripts=("diff.js",),
        thread=whole,
        posts=list(_views(here)),
        part=part,
        number=number,
        parts=range(1, parts + 1) if parts > 1 and part != CHANGED else (),
        timeline=timeline([_span(number, kept) for number, kept in here]),
        changed=sum(kept.changed for kept in whole.posts),
        tail=f"{timestamp}/{link(url)}",
        url=url,
    )


def _span(number: int, kept: KeptPost) -> Span:
    ends = kept.deleted or kept.seen
    return Span(number, kept.added, ends, [edit.until for edit in kept.edits], ended=kept.deleted is not None)


def _number(part: str) -> int:
    if part in (ALL, CHANGED):
        return 1
    if not (part.isascii() and part.isdecimal() and 0 < len(part) < 7):
        raise Refused(404, f"a thread has no part {part!r}")
    return int(part)


def _views(posts: Sequence[tuple[int, KeptPost]]) -> Iterator[PostView]:
    budget = Budget()
    for number, kept in posts:
        deleted = _moment(kept, kept.deleted) if kept.deleted else None
        edits = list(_edits(kept, budget))
        yield PostView(number, kept, _moment(kept, kept.added), _moment(kept, kept.seen), deleted, edits)


def _edits(kept: KeptPost, budget: Budget) -> Iterator[EditView]:
    texts = [*(edit.text for edit in kept.edits), kept.post.text]
    for edit, after in zip(kept.edits, texts[1:], strict=True):
        rows = compare(edit.text, after, budget)
        yield EditView(_moment(kept, edit.until), stretches(rows, noise=True))


def _moment(kept: KeptPost, at: datetime) -> Moment:
    return Moment(at, f"/snapshot/{timestamp14(at)}/{link(kept.captures[at])}")
