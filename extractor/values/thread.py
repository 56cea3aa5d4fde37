"""Forum threads with their posts, and links of forum pages: the values that engines return."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation of another post."""

    text: str
    author: str | None = None
    post: str | None = None
    """The id of the post that is quoted, where the quotation names it."""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    url: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A post."""

    id: str | None
    """As the engine counts it: the same for as long as the post is there, whatever page it moves to."""
    author: str | None
    date: str | None
    """When it was written: ISO 8601 with the precision and the zone that the page gives."""
    text: str
    """The lines of the body, what it quotes in its place; no signature."""
    markdown: str = ""
    own: str = ""
    """The lines of the body without what it quotes."""
    quotes: tuple[Quote, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    score: int | None = None
    """Likes, points or votes, where the page counts them."""
    url: str | None = None
    answers: str | None = None
    """The id of the post that it stands under, in engines whose threads are trees."""


@dataclass(frozen=True, slots=True)
class Thread:
    """The posts of one page of a thread, with facts about the whole thread."""

    url: str
    """Of the page that was read."""
    engine: str
    """The name of the engine, ``schema.org`` or ``generic``; ``comments`` for what readers wrote under an article."""
    title: str | None
    posts: tuple[Post, ...]
    home: str | None = None
    """The URL of the thread's first page: the same for all its pages."""
    board: str | None = None
    tags: tuple[str, ...] = ()
    page: int | None = None
    """Which of the thread's pages this is, from 1."""
    pages: int | None = None
    """How many pages the thread has, as this one says."""
    next: str | None = None

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
    """When it was last written to, in ISO 8601, as precise as the board is."""


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
    """Of a thread's page: the board that it is in."""
    home: str | None = None
    """Of a thread's page: the URL of the thread's first page."""
