"""What Pressmark knows of one forum engine: how to recognize it, walk it and read it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from extractor.html.page import Page
from extractor.values.thread import ForumLinks, Thread


class Forum(Protocol):
    """What we know of one forum engine: how to tell it, walk it and read it."""

    @property
    def name(self) -> str: ...

    @property
    def sign(self) -> str:
        """A CSS selector that matches something on each page of a thread or a board of this engine, and of no other."""

    def recognises(self, page: Page) -> bool: ...

    def has_posts(self, page: Page) -> bool:
        """Whether something stands on the page that looks like a post; cheap, and no promise."""

    def links(self, page: Page, at: datetime | None = None) -> ForumLinks:
        """`at` is when the page was captured, for times like "3 hours ago"."""

    def thread(self, page: Page, at: datetime | None = None) -> Thread | None:
        """None when the page is none of a thread."""
