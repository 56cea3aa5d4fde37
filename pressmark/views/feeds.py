"""Atom feeds (RFC 4287, paged as in RFC 5005) of new and changed pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as Tree

import pressmark
from archive.database.schema import microseconds, moment
from archive.index.changes import Changes, PageChange, Position
from archive.index.records import name_of
from archive.retrieval.difference.lines import Row, compare
from archive.retrieval.difference.sequences import Budget
from archive.retrieval.difference.words import Piece
from pressmark.service.service import Service
from pressmark.views.capture_choice import stamp
from pressmark.views.describe_captures import page_link
from pressmark.views.diff import PREVIOUS, diff_link
from pressmark.views.links import link

MEDIA_TYPE = "application/atom+xml"
PAGE = 50
"""Entries of one page of a feed."""

ATOM = "http://www.w3.org/2005/Atom"
"""The namespace of Atom."""
TAG = "tag:pressmark.invalid,2026"
"""The prefix of all our ids (RFC 4151). What follows is unique by itself: a record's UUID, or a feed's name."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without entries was updated."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_LINES = 5
_BEGINNING = 300
_AROUND = 60
"""Characters of unchanged text before and after a change."""
_LONGEST = 100_000
"""Length of a text in characters above which a feed does not show its changes."""


@dataclass(frozen=True, slots=True)
class Feed:
    """The feed of a source, of a collection, or of everything."""

    source: str | None = None
    collection: str | None = None

    @property
    def name(self) -> str:
        return self.source or self.collection or "Pressmark"

    @property
    def path(self) -> str:
        """The path that serves it."""
        if self.source:
            return f"/api/v1/feeds/sources/{quote(self.source)}"
        return f"/api/v1/feeds/collections/{quote(self.collection)}" if self.collection else "/api/v1/feeds/all"

    @property
    def tag(self) -> str:
        kind, _, name = self.path.removeprefix("/api/v1/feeds/").partition("/")
        return f"{TAG}:feed/{kind}/{name}".rstrip("/")


@dataclass(frozen=True, slots=True)
class FeedHead:
    """What a page of a feed says of itself: its id (RFC 4151), its title, and URLs."""

    tag: str
    title: str
    own: str
    first: str
    next: str | None
    alternate: str
    """The page for people."""


class UnknownCollection(Exception):
    def __init__(self, collection: str) -> None:
        super().__init__(f"no collection named {collection!r}")


def feed(service: Service, which: Feed, home: str, *, before: str | None = None, limit: int = PAGE) -> bytes:
    """Return a page of a feed as XML; `home` is our own origin, `before` the cursor of the previous page.

    Raises UnknownSource, UnknownCollection, ValueError for an invalid cursor.
    """
    place = read_place(before) if before else None
    found = Changes(service.database).page(
        source=which.source, collection=which.collection, before=place, limit=limit + 1
    )
    if not found and place is None:
        _check(service, which)
    stamped = [(change, stamp(service, change.url, change.at, change.record_id)) for change in found[:limit]]
    here = f"{home}{which.path}"
    query = f"?{urlencode({'source': which.source})}" if which.source else ""
    head = FeedHead(
        tag=which.tag,
        title=f"{which.name}: new and changed pages",
        own=_page(here, before),
        first=here,
        next=_page(here, write_place(stamped[-1][0].place)) if len(found) > limit else None,
        alternate=f"{home}/new{query}",
    )
    return write_feed(head, home, stamped)


def _check(service: Service, which: Feed) -> None:
    """Check that a feed without entries is of an existing source or collection."""
    if which.source is not None:
        service.sources.get(which.source)
    if which.collection is not None and which.collection not in service.sources.outlines().collections:
        raise UnknownCollection(which.collection)


def write_place(place: Position) -> str:
    return f"{microseconds(place.at)}.{place.wording}"


def read_place(cursor: str) -> Position:
    """Parse a cursor. Raises ValueError."""
    at, _, number = cursor.partition(".")
    try:
        place = Position(moment(int(at)), int(number))
    except (ValueError, OverflowError):
        raise ValueError(f"invalid cursor {cursor[:80]!r}: follow the next link of the feed") from None
    if abs(place.wording) >= 1 << 63:
        raise ValueError(f"invalid cursor {cursor[:80]!r}: its number is too large")
    return place


def write_feed(head: FeedHead, home: str, stamped: Sequence[tuple[PageChange, str]]) -> bytes:
    """Write a page of a feed: changes, each with the timestamp of its capture. `home` is our own origin."""
    root = Tree.Element("feed", {"xmlns": ATOM})
    add_element(root, "id", head.tag)
    add_element(root, "title", head.title)
    add_element(root, "updated", atom_time(max((change.at for change, _ in stamped), default=NEVER)))
    add_element(root, "link", rel="self", type=MEDIA_TYPE, href=head.own)
    add_element(root, "link", rel="first", type=MEDIA_TYPE, href=head.first)
    if head.next:
        add_element(root, "link", rel="next", type=MEDIA_TYPE, href=head.next)
    add_element(root, "link", rel="alternate", type="text/html", href=head.alternate)
    add_element(root, "generator", "Pressmark", version=pressmark.__version__)
    add_element(add_element(root, "author"), "name", "Pressmark")
    budget = Budget()
    for change, named in stamped:
        _entry(root, change, named, home, budget)
    document: bytes = Tree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _entry(root: Tree.Element, change: PageChange, named: str, home: str, budget: Budget) -> None:
    language = {"xml:lang": change.language} if change.language else {}
    entry = Tree.SubElement(root, "entry", language)
    add_element(entry, "id", f"{TAG}:page/{name_of(change.record_id)}")
    add_element(entry, "title", change.title or change.url)
    add_element(entry, "updated", atom_time(change.at))
    if change.author:
        add_element(add_element(entry, "author"), "name", change.author)
    add_element(entry, "category", term=change.novelty)
    add_element(entry, "link", rel="alternate", type="text/html", href=home + page_link(change.url, named))
    if change.novelty == "changed":
        add_element(entry, "link", rel="related", type="text/html", href=home + diff_link(change.url, PREVIOUS, named))
    add_element(entry, "link", rel="via", href=link(change.url))
    add_element(entry, "summary", _excerpt(change.text))
    add_element(entry, "content", "".join(_content(change, budget)), type="html")


def add_element(parent: Tree.Element, name: str, text: str = "", **attributes: str) -> Tree.Element:
    """Add an element with a text. Characters that XML can't hold are left out."""
    plain = {key: _NOT_XML.sub("", value) for key, value in attributes.items()}
    element = Tree.SubElement(parent, name, plain)
    element.text = _NOT_XML.sub("", text) or None
    return element


def _page(here: str, before: str | None) -> str:
    return f"{here}?{urlencode({'before': before})}" if before else here


def atom_time(at: datetime) -> str:
    """Write a time as Atom does (RFC 3339)."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _excerpt(text: str) -> str:
    words = " ".join(text.split())
    return f"{words[:_BEGINNING]}…" if len(words) > _BEGINNING else words


def _content(change: PageChange, budget: Budget) -> Iterator[str]:
    """Return HTML without any markup of the page: the changed lines, or the beginning of the text."""
    before = change.before
    if before is None or max(len(before), len(change.text)) > _LONGEST:
        yield f"<p>{escape(_excerpt(change.text))}</p>"
        return
    rows = [row for row in compare(before, change.text, budget) if row.kind not in ("same", "noise")]
    for row in rows[:_MOST_LINES]:
        yield f"<p>{''.join(_marked(row))}</p>"
    if len(rows) > _MOST_LINES:
        yield f"<p>… {len(rows) - _MOST_LINES} more lines</p>"


def _marked(row: Row) -> Iterator[str]:
    pieces = row.pieces or [
        piece for piece in (Piece("deleted", row.old or ""), Piece("inserted", row.new or "")) if piece.text
    ]
    for piece in pieces:
        if piece.kind == "same":
            yield escape(_middle(piece.text))
        else:
            name = "del" if piece.kind == "deleted" else "ins"
            yield f"<{name}>{escape(_excerpt(piece.text) if len(piece.text) > _BEGINNING else piece.text)}</{name}>"


def _middle(text: str) -> str:
    return f"{text[:_AROUND]} … {text[-_AROUND:]}" if len(text) > 2 * _AROUND + 20 else text
