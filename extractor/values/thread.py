"""Forum threads with their posts, and links of forum pages: the values that engines return."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation of another post."""

    text: str
    author: str | None = None
    post: str | None = None
    """The id of the quoted post, if the quotation names it."""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    url: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A post."""

    id: str | None
    """The engine's id: it stays the same if the post moves to another page."""
    author: str | None
    date: str | None
    """When it was written: ISO 8601 with the precision and zone of the page."""
    text: str
    """The lines of the body, with quotations in place, without the signature."""
    markdown: str = ""
    own: str = ""
    """The lines of the body without quotations."""
    quotes: tuple[Quote, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    score: int | None = None
    """Likes, points or votes, if the page has them."""
    url: str | None = None
    answers: str | None = None
    """The id of the parent post, in engines with threads as trees."""


@dataclass(frozen=True, slots=True)
class Thread:
    """The posts of one page of a thread, with facts about the whole thread."""

    url: str
    """The URL of the page."""
    engine: str
    """The name of the engine, ``schema.org`` or ``generic``; ``comments`` for comments under an article."""
    title: str | None
    posts: tuple[Post, ...]
    home: str | None = None
    """The URL of the thread's first page, equal for all its pages."""
    board: str | None = None
    tags: tuple[str, ...] = ()
    page: int | None = None
    """The number of this page, from 1."""
    pages: int | None = None
    """The number of pages of the thread, by this page."""
    next: str | None = None
    folded: tuple[str, ...] = ()
    """The ids of posts of which the page does not show all answers: one that is missing may still exist."""

    @property
    def opener(self) -> str | None:
        """The author of the first post; None on later pages."""
        return self.posts[0].author if self.posts and self.page == 1 else None

    @property
    def text(self) -> str:
        """Return the text, post by post."""
        return "\n".join(post.text for post in self.posts if post.text)


@dataclass(frozen=True, slots=True)
class ThreadLink:
    """A thread in the list of a board."""

    url: str
    title: str
    replies: int | None = None
    last_post: str | None = None
    """The time of the last post, in ISO 8601 with the precision of the board."""


@dataclass(frozen=True, slots=True)
class ForumLinks:
    """The links of a forum page: absolute URLs without fragments, each once, in page order."""

    boards: tuple[str, ...] = ()
    threads: tuple[ThreadLink, ...] = ()
    next: str | None = None
    """The next page of this board or thread."""
    page: int | None = None
    pages: int | None = None
    board: str | None = None
    """For a thread's page: the URL of its board."""
    home: str | None = None
    """For a thread's page: the URL of the thread's first page."""
    beside: tuple[ThreadLink, ...] = ()
    """Pages about this one that are no pages of the thread, such as the versions of a post."""
    unread: int = 0
    """Entries of this board that can't be read, so nobody knows their threads."""
    is_cut: bool = False
    """The board has a next page, and its address can't be read."""
