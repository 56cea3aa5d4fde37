"""Join a thread over all its pages and captures: what was added, edited, deleted, and when.

Pure functions of readings. A post is identified by the id from its engine; without one, by author and date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from archive.values.urlkey import urlkey
from extractor.values.identity import without_tracking
from extractor.values.thread import Post, Thread

_BEGINNING = 40
"""Characters of a post without white space by which a text has it."""


@dataclass(frozen=True, slots=True)
class CapturedPage:
    """One captured page of a thread."""

    at: datetime
    page: Thread


@dataclass(frozen=True, slots=True)
class MissingPage:
    """An address that was not found (by its status, or a soft 404), with the time of that capture."""

    at: datetime
    url: str
    why: str = ""
    """What shows it: ``status 404``, ``the words "no such thread"``, ``no post, but the message "It was moved"``."""
    message: str | None = None
    """The text of a page that had posts before, and now has only a message; it is not known what that says."""


@dataclass(frozen=True, slots=True)
class Edit:
    """An earlier text of a post, which it had `until` that capture."""

    until: datetime
    text: str


@dataclass(frozen=True, slots=True)
class KeptPost:
    """A post with its history from captures."""

    post: Post
    """As it was last seen."""
    added: datetime
    """The first capture that has it."""
    seen: datetime
    """The last capture that has it."""
    edits: tuple[Edit, ...] = ()
    deleted: datetime | None = None
    """The first capture of its page without it, or with the page missing; None while it exists."""
    captures: Mapping[datetime, str] = field(default_factory=dict, compare=False)
    """The URL of the captured page for each of these times."""

    @property
    def changed(self) -> bool:
        """Whether it was edited or deleted since it was first seen."""
        return bool(self.edits or self.deleted)


@dataclass(frozen=True, slots=True)
class WholeThread:
    """A thread from all its captures."""

    url: str
    """Of its first page."""
    engine: str
    title: str | None
    board: str | None
    tags: tuple[str, ...]
    posts: tuple[KeptPost, ...]
    """In the order of the pages; deleted posts keep their place."""
    missing: tuple[str, ...]
    """The missing pages: their URLs, or ``page 3`` if no archived page links to it."""
    deleted: datetime | None = None
    """The first capture with the first page missing; None while that exists."""
    deleted_why: str | None = None
    """What shows that, as in `MissingPage.why`; None while it exists, or if it may not be shown."""

    @property
    def complete(self) -> bool:
        """Whether every page is archived, by the numbers on the pages."""
        return not self.missing


def joined(readings: Iterable[CapturedPage | MissingPage]) -> WholeThread | None:
    """Return the thread of these readings; None without any."""
    history = _History()
    for reading in sorted(readings, key=lambda reading: reading.at):
        if isinstance(reading, MissingPage):
            history.lose(reading)
        else:
            history.add(reading)
    return history.thread()


class _History:
    """The state after some readings, in the order of time."""

    def __init__(self) -> None:
        self._posts: dict[str, KeptPost] = {}
        self._pages: dict[str, CapturedPage] = {}
        """URL → the last reading of that page."""
        self._follows: dict[str, str | None] = {}
        """Post → the one before it, when it was last seen."""
        self._folded: set[str] = set()
        """The posts that were last missing where the page folds answers."""
        self._lost: set[str] = set()
        """The pages that were missing at their last capture."""
        self._deleted: datetime | None = None
        self._why = ""

    def add(self, reading: CapturedPage) -> None:
        page = self._placed(_addressed(reading.page))
        self._lost.discard(page.url)
        self._deleted = None
        gone = self._not_folded(self._replaced_by(page), page)
        self._pages[page.url] = replace(reading, page=page)
        keys = keys_of(page.posts)
        before = [self._last_before(page), *keys]
        for key, previous, post in zip(keys, before, page.posts, strict=False):
            self._follows[key] = previous
            self._posts[key] = self._seen(key, post, reading)
        self._delete(gone, reading.at, reading.page.url)

    def _placed(self, page: Thread) -> Thread:
        """Place a page without a pager, which claims to be the first: it follows the page that links to it."""
        if page.page != 1 or page.home is None or urlkey(page.home) == urlkey(page.url):
            return page
        leading = (kept.page for kept in self._pages.values() if kept.page.next == page.url != kept.page.url)
        before = next(leading, None)
        if before is None:
            return page
        return replace(page, page=before.page + 1 if before.page else None, pages=before.pages)

    def lose(self, gone: MissingPage) -> None:
        """Delete the posts of a missing page; if the first page is missing, all posts."""
        address = without_tracking(gone.url)
        if gone.message is not None and not self._is_replaced(address, gone.message):
            return
        if self._is_first(address):
            self._lost.update(self._pages)
            self._why = self._why if self._deleted else gone.why
            self._deleted = self._deleted or gone.at
        elif address in self._pages:
            self._lost.add(address)
        lost = {key for url in self._lost for key in keys_of(self._pages[url].page.posts)}
        self._delete(lost, gone.at, gone.url)

    def _is_replaced(self, url: str, message: str) -> bool:
        """Return whether a page had posts, of which a message in its place has none."""
        kept = self._pages.get(url)
        said = "".join(message.split())
        beginnings = ["".join(post.text.split())[:_BEGINNING] for post in kept.page.posts] if kept is not None else []
        return bool(beginnings) and not any(beginning and beginning in said for beginning in beginnings)

    def _is_first(self, url: str) -> bool:
        kept = self._pages.get(url)
        homes = {reading.page.home for reading in self._pages.values() if reading.page.home}
        return (kept is not None and kept.page.page == 1) or urlkey(url) in map(urlkey, homes)

    def _delete(self, keys: set[str], at: datetime, url: str) -> None:
        """Delete those of the posts that are on no existing page."""
        there = [reading for address, reading in self._pages.items() if address not in self._lost]
        here = {key for reading in there for key in keys_of(reading.page.posts)}
        for key in keys - here:
            kept = self._posts[key]
            if not kept.deleted:
                self._posts[key] = replace(kept, deleted=at, captures={**kept.captures, at: url})

    def _not_folded(self, keys: set[str], page: Thread) -> set[str]:
        """Return those of the posts that the page would show: not under a post of which it folds answers. A post that
        an earlier page folded is one of them once the page shows all.
        """
        if page.folded:
            self._folded.update(key for key in keys if self._posts[key].post.answers in page.folded)
        if not self._folded:
            return keys
        shown = {post.id for post in page.posts}.difference(page.folded)
        open_again = {key for key in self._folded if self._posts[key].post.answers in shown}
        here = keys | open_again
        self._folded -= open_again
        return here - self._folded

    def _last_before(self, page: Thread) -> str | None:
        """Return the last post of the page before."""
        for kept in self._pages.values():
            leads = kept.page.next == page.url or (page.page and kept.page.page == page.page - 1)
            if leads and (keys := keys_of(kept.page.posts)):
                return keys[-1]
        return None

    def _replaced_by(self, page: Thread) -> set[str]:
        """Return the posts of the page's previous version and of pages that no longer exist; forget the latter."""
        over = [url for url, kept in self._pages.items() if page.pages and (kept.page.page or 0) > page.pages]
        before = [self._pages.pop(url) for url in {*over, page.url} & self._pages.keys()]
        self._lost.difference_update(over)
        return {key for kept in before for key in keys_of(kept.page.posts)}

    def _seen(self, key: str, post: Post, reading: CapturedPage) -> KeptPost:
        known, at, here = self._posts.get(key), reading.at, {reading.at: reading.page.url}
        if known is None:
            return KeptPost(post, added=at, seen=at, captures=here)
        edits = known.edits if known.post.text == post.text else (*known.edits, Edit(at, known.post.text))
        told = {known.added, *(edit.until for edit in edits)}
        captures = {when: url for when, url in known.captures.items() if when in told} | here
        return KeptPost(post, known.added, at, edits, captures=captures)

    def thread(self) -> WholeThread | None:
        if not self._pages:
            return None
        pages = _in_order(self._pages)
        first, last = pages[0].page, max(self._pages.values(), key=lambda reading: reading.at).page
        return WholeThread(
            url=first.home or first.url,
            engine=last.engine,
            title=last.title,
            board=last.board,
            tags=last.tags,
            posts=tuple(self._posts[key] for key in self._order(pages)),
            missing=tuple(_missing(pages, last)),
            deleted=self._deleted,
            deleted_why=(self._why or None) if self._deleted else None,
        )

    def _order(self, pages: Sequence[CapturedPage]) -> list[str]:
        """Return posts in the order of the pages; deleted posts follow the post that they followed before."""
        order = list(dict.fromkeys(key for reading in pages for key in keys_of(reading.page.posts)))
        for key in self._posts:
            if key not in set(order):
                previous = self._follows[key]
                order.insert(order.index(previous) + 1 if previous in order else 0, key)
        return order


def _addressed(page: Thread) -> Thread:
    """Return the page with normalized addresses, without session ids."""
    home, following = page.home and without_tracking(page.home), page.next and without_tracking(page.next)
    return replace(page, url=without_tracking(page.url), home=home, next=following)


def _in_order(pages: Mapping[str, CapturedPage]) -> list[CapturedPage]:
    """Return pages by number; pages without a number by their links to the next one."""
    led = {reading.page.next for reading in pages.values()}
    starts = [url for url in pages if url not in led]
    order: dict[str, CapturedPage] = {}
    for url in (*starts, *pages):
        following: str | None = url
        while following is not None and following in pages and following not in order:
            order[following] = pages[following]
            following = pages[following].page.next
    return sorted(order.values(), key=lambda reading: reading.page.page or 0)


def keys_of(posts: Sequence[Post]) -> list[str]:
    """Return the key of each post; posts with the same key are numbered."""
    keys: list[str] = []
    for post in posts:
        key = post.id or f"{post.author} {post.date}"
        again = keys.count(key)
        keys.append(f"{key} ({again + 1})" if again else key)
    return keys


def _missing(pages: Sequence[CapturedPage], last: Thread) -> Iterable[str]:
    """Return linked pages that are not archived, and missing numbers up to the last page."""
    kept = {reading.page.url for reading in pages}
    led = {reading.page.next: (reading.page.page or 0) + 1 for reading in pages if reading.page.next}
    yield from (url for url in led if url not in kept)
    numbers = {reading.page.page for reading in pages} | {number for url, number in led.items() if url not in kept}
    yield from (f"page {number}" for number in range(1, (last.pages or 0) + 1) if number not in numbers)
