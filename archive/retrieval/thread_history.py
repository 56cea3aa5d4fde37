"""A thread over all its pages, and over all the times at which they were read: what was added, edited, deleted, when.

Pure: from readings alone. A post is known by the id that its engine gives it; without one, by its author and its date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from archive.values.urlkey import urlkey
from extractor.values.identity import without_tracking
from extractor.values.thread import Post, Thread


@dataclass(frozen=True, slots=True)
class Reading:
    """One page of a thread, as it was captured at one time."""

    at: datetime
    page: Thread


@dataclass(frozen=True, slots=True)
class Gone:
    """An address of which a capture says that nothing is there."""

    at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Edit:
    """`until` that capture, the post had another text."""

    until: datetime
    text: str


@dataclass(frozen=True, slots=True)
class KeptPost:
    """A post with its history, as far as captures show it."""

    post: Post
    """As it was last seen."""
    added: datetime
    """The first capture that has it."""
    seen: datetime
    """The last capture that has it."""
    edits: tuple[Edit, ...] = ()
    deleted: datetime | None = None
    """The first capture of its page that has it no more, or says that the page is gone; None while it is there."""
    captures: Mapping[datetime, str] = field(default_factory=dict, compare=False)
    """Of each of these times, the URL of the page that was captured then."""

    @property
    def changed(self) -> bool:
        """Whether it is not as it was first seen, or not there any more."""
        return bool(self.edits or self.deleted)


@dataclass(frozen=True, slots=True)
class WholeThread:
    """All that is kept of a thread."""

    url: str
    """Of its first page."""
    engine: str
    title: str | None
    board: str | None
    tags: tuple[str, ...]
    posts: tuple[KeptPost, ...]
    """In the order of the pages; what was deleted stands where it stood."""
    missing: tuple[str, ...]
    """The pages that are not kept: their URLs, or ``page 3`` where no page that is kept leads to it."""
    deleted: datetime | None = None
    """The first capture that says that its first page is gone; None while that is there."""

    @property
    def complete(self) -> bool:
        """Whether every page of it is kept, as the pages themselves count them."""
        return not self.missing


def joined(readings: Iterable[Reading | Gone]) -> WholeThread | None:
    """The thread that these readings are of; None without any."""
    history = _History()
    for reading in sorted(readings, key=lambda reading: reading.at):
        if isinstance(reading, Gone):
            history.lose(reading)
        else:
            history.add(reading)
    return history.thread()


class _History:
    """What is known after some readings, in the order of their times."""

    def __init__(self) -> None:
        self._posts: dict[str, KeptPost] = {}
        self._pages: dict[str, Reading] = {}
        """URL → the last reading of that page."""
        self._follows: dict[str, str | None] = {}
        """Post → the one before it, when it was last seen."""
        self._lost: set[str] = set()
        """The pages that were gone when they were last asked for."""
        self._deleted: datetime | None = None

    def add(self, reading: Reading) -> None:
        page = self._placed(_addressed(reading.page))
        self._lost.discard(page.url)
        self._deleted = None
        gone = self._replaced_by(page)
        self._pages[page.url] = replace(reading, page=page)
        keys = keys_of(page.posts)
        before = [self._last_before(page), *keys]
        for key, previous, post in zip(keys, before, page.posts, strict=False):
            self._follows[key] = previous
            self._posts[key] = self._seen(key, post, reading)
        self._delete(gone, reading.at, reading.page.url)

    def _placed(self, page: Thread) -> Thread:
        """A later page without a pager says that it is the first of one: it follows the one that leads to it."""
        if page.page != 1 or page.home is None or urlkey(page.home) == urlkey(page.url):
            return page
        leading = (kept.page for kept in self._pages.values() if kept.page.next == page.url != kept.page.url)
        before = next(leading, None)
        if before is None:
            return page
        return replace(page, page=before.page + 1 if before.page else None, pages=before.pages)

    def lose(self, gone: Gone) -> None:
        """The posts of a page go with it, and with the first page all."""
        address = without_tracking(gone.url)
        if self._is_first(address):
            self._lost.update(self._pages)
            self._deleted = self._deleted or gone.at
        elif address in self._pages:
            self._lost.add(address)
        lost = {key for url in self._lost for key in keys_of(self._pages[url].page.posts)}
        self._delete(lost, gone.at, gone.url)

    def _is_first(self, url: str) -> bool:
        kept = self._pages.get(url)
        homes = {reading.page.home for reading in self._pages.values() if reading.page.home}
        return (kept is not None and kept.page.page == 1) or urlkey(url) in map(urlkey, homes)

    def _delete(self, keys: set[str], at: datetime, url: str) -> None:
        """Those of the posts that stand on no page that is there."""
        there = [reading for address, reading in self._pages.items() if address not in self._lost]
        here = {key for reading in there for key in keys_of(reading.page.posts)}
        for key in keys - here:
            kept = self._posts[key]
            if not kept.deleted:
                self._posts[key] = replace(kept, deleted=at, captures={**kept.captures, at: url})

    def _last_before(self, page: Thread) -> str | None:
        """The last post of the page before."""
        for kept in self._pages.values():
            leads = kept.page.next == page.url or (page.page and kept.page.page == page.page - 1)
            if leads and (keys := keys_of(kept.page.posts)):
                return keys[-1]
        return None

    def _replaced_by(self, page: Thread) -> set[str]:
        """The posts of the page as it was before, and of pages that the thread has no more: those are forgotten."""
        over = [url for url, kept in self._pages.items() if page.pages and (kept.page.page or 0) > page.pages]
        before = [self._pages.pop(url) for url in {*over, page.url} & self._pages.keys()]
        self._lost.difference_update(over)
        return {key for kept in before for key in keys_of(kept.page.posts)}

    def _seen(self, key: str, post: Post, reading: Reading) -> KeptPost:
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
        )

    def _order(self, pages: Sequence[Reading]) -> list[str]:
        """As the pages have them; what none has any more, after the post that it followed."""
        order = list(dict.fromkeys(key for reading in pages for key in keys_of(reading.page.posts)))
        for key in self._posts:
            if key not in set(order):
                previous = self._follows[key]
                order.insert(order.index(previous) + 1 if previous in order else 0, key)
        return order


def _addressed(page: Thread) -> Thread:
    """With the addresses under which its pages are one, whatever sessions their links bear, or come from."""
    home, following = page.home and without_tracking(page.home), page.next and without_tracking(page.next)
    return replace(page, url=without_tracking(page.url), home=home, next=following)


def _in_order(pages: Mapping[str, Reading]) -> list[Reading]:
    """By their numbers; those without, as they lead on from one to the next."""
    led = {reading.page.next for reading in pages.values()}
    starts = [url for url in pages if url not in led]
    order: dict[str, Reading] = {}
    for url in (*starts, *pages):
        following: str | None = url
        while following is not None and following in pages and following not in order:
            order[following] = pages[following]
            following = pages[following].page.next
    return sorted(order.values(), key=lambda reading: reading.page.page or 0)


def keys_of(posts: Sequence[Post]) -> list[str]:
    """What each post is known by; two that can't be told apart are numbered."""
    keys: list[str] = []
    for post in posts:
        key = post.id or f"{post.author} {post.date}"
        again = keys.count(key)
        keys.append(f"{key} ({again + 1})" if again else key)
    return keys


def _missing(pages: Sequence[Reading], last: Thread) -> Iterable[str]:
    """Where a page leads to that is not kept; and the numbers up to the last that nothing leads to."""
    kept = {reading.page.url for reading in pages}
    led = {reading.page.next: (reading.page.page or 0) + 1 for reading in pages if reading.page.next}
    yield from (url for url in led if url not in kept)
    numbers = {reading.page.page for reading in pages} | {number for url, number in led.items() if url not in kept}
    yield from (f"page {number}" for number in range(1, (last.pages or 0) + 1) if number not in numbers)
