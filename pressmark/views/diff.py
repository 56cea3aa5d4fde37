"""Two captures of a URL side by side, as all doors show them: which are meant, and the shape of their differences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from archive.retrieval.difference.captures import Difference, compare_captures
from archive.retrieval.difference.facts import FactChange
from archive.retrieval.difference.lines import Row
from archive.retrieval.difference.posts import PostChange
from archive.retrieval.snapshot import Snapshot
from archive.values.errors import NothingBefore
from archive.values.timestamps import timestamp14
from extractor.values.thread_json import post_json
from pressmark.service.service import Service
from pressmark.views.capture_choice import LATEST, snapshot_at, stamp_of
from pressmark.views.describe_captures import page_link
from pressmark.views.links import link
from pressmark.views.shapes import Shape

PREVIOUS = "previous"
"""In place of a time: the version before the other one."""
_CONTEXT = 3
"""Equal lines that are shown on each side of a change."""


class VersionShape(Shape):
    """One of the two captures."""

    timestamp: str
    at: datetime
    title: str | None
    instead: str | None
    """What it is when it is not the page: blocked, captcha, login, soft-404, parked, or an error status."""
    page: str
    """The page that shows it."""


class PieceShape(Shape):
    """A part of a line."""

    kind: Literal["same", "deleted", "inserted"]
    text: str


class RowShape(Shape):
    """A line of either text, or of both."""

    kind: Literal["same", "noise", "changed", "deleted", "inserted"]
    """`noise`: only relative times, counters, links to other pages and the like differ."""
    old: str | None
    new: str | None
    pieces: list[PieceShape]
    """Word by word, where both sides exist and differ."""


class PostChangeShape(Shape):
    """The change of a post."""

    kind: Literal["added", "edited", "removed"]
    post: dict[str, Any]
    """As docs/formats/threads.md describes it."""
    rows: list[RowShape]
    """The lines of an edited post."""


class FactShape(Shape):
    """A fact that has changed."""

    name: str
    old: str | None
    new: str | None
    noise: bool
    """Whether it changes with every answer."""


class DiffShape(Shape):
    """The differences between two captures of a URL."""

    url: str
    old: VersionShape
    new: VersionShape
    changed: bool
    """Whether the page changed, without noise and header fields."""
    noise: int
    """The number of lines that differ by noise only."""
    reread: bool
    """Whether the two texts come from different extractor versions, so that a difference may come from the extractor.
    """
    rows: list[RowShape]
    """The old sides of all rows are the old text, the new sides the new one."""
    posts: list[PostChangeShape] | None
    """Of a thread, or of the comments under an article; null for a page without them."""
    posts_only: bool
    """Whether the page consists of posts, as in a forum: `rows` repeats what `posts` says."""
    facts: list[FactShape]
    """Title, author, date and the like."""
    fields: list[FactShape]
    """Of the head of the answer; its status is `:status`."""
    page: str
    """The page that shows it."""


class Compared(NamedTuple):
    """Two captures, and their differences."""

    old: Snapshot
    new: Snapshot
    difference: Difference
    stamps: tuple[str, str]
    """The names of the two in addresses."""


@contextmanager
def compared(service: Service, url: str, start: str, end: str, collection: str | None = None) -> Iterator[Compared]:
    """Compare two captures of a URL, with the snapshots open.

    Both times are as for `snapshot_at`, except that `latest` is the newest real page; `start` may be `previous`. Raises
    CaptureNotFound; ValueError for an invalid time.
    """
    with _newer(service, url, end, collection) as new, _older(service, new, start, collection) as old:
        stamps = (stamp_of(service, old.capture), stamp_of(service, new.capture))
        yield Compared(old, new, compare_captures(old, new), stamps)


def in_order(service: Service, url: str, start: str, end: str) -> tuple[str, str]:
    """Order two names of captures by time. Raises CaptureNotFound, ValueError."""
    with snapshot_at(service, url, start) as one, snapshot_at(service, url, end) as other:
        return (end, start) if one.capture.at > other.capture.at else (start, end)


def _newer(service: Service, url: str, end: str, collection: str | None) -> Snapshot:
    latest = service.archive.latest_page(url, collection) if end == LATEST else None
    return service.archive.open(latest) if latest is not None else snapshot_at(service, url, end, collection)


def _older(service: Service, new: Snapshot, start: str, collection: str | None) -> Snapshot:
    if start != PREVIOUS:
        return snapshot_at(service, new.capture.url, start, collection)
    before = service.archive.version_before(new.capture, collection)
    if before is None:
        raise NothingBefore(new.capture.url, new.capture.at)
    return service.archive.open(before)


def diff_link(url: str, start: str, end: str) -> str:
    """Return the address of the page that shows the differences."""
    return f"/diff/{start}/{end}/{link(url)}"


def diff_shape(found: Compared) -> DiffShape:
    old, new, difference, stamps = found
    posts = difference.posts
    return DiffShape(
        url=new.capture.url,
        old=_version(old, stamps[0]),
        new=_version(new, stamps[1]),
        changed=difference.changed,
        noise=difference.noise,
        reread=difference.reread,
        rows=_rows(difference.rows),
        posts=None if posts is None else [_post(change) for change in posts],
        posts_only=difference.posts_only,
        facts=[_fact(change) for change in difference.facts],
        fields=[_fact(change) for change in difference.fields],
        page=diff_link(new.capture.url, *stamps),
    )


def _version(snapshot: Snapshot, stamp: str) -> VersionShape:
    capture, title = snapshot.capture, snapshot.text.title if snapshot.text else None
    page = page_link(capture.url, stamp)
    return VersionShape(
        timestamp=timestamp14(capture.at), at=capture.at, title=title, instead=snapshot.instead, page=page
    )


def _rows(rows: Iterable[Row]) -> list[RowShape]:
    return [
        RowShape(
            kind=row.kind,
            old=row.old,
            new=row.new,
            pieces=[PieceShape(kind=piece.kind, text=piece.text) for piece in row.pieces],
        )
        for row in rows
    ]


def _post(change: PostChange) -> PostChangeShape:
    return PostChangeShape(kind=change.kind, post=post_json(change.post), rows=_rows(change.rows))


def _fact(change: FactChange) -> FactShape:
    return FactShape(name=change.name, old=change.old, new=change.new, noise=change.noise)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows that are shown together, or folded together."""

    folded: bool
    rows: tuple[Row, ...]


def stretches(rows: Sequence[Row], *, noise: bool = False, context: int = _CONTEXT) -> list[Stretch]:
    """Split all rows, in order, into changes with their context, and folded rows.

    Noise counts as a change on request.
    """
    quiet = ("same",) if noise else ("same", "noise")
    shown = [False] * len(rows)
    for at, row in enumerate(rows):
        if row.kind not in quiet:
            around = slice(max(at - context, 0), at + context + 1)
            shown[around] = [True] * len(shown[around])
    found: list[Stretch] = []
    start = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or shown[at] != shown[start]:
            found.append(Stretch(not shown[start], tuple(rows[start:at])))
            start = at
    return found
