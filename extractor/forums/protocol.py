"""What Pressmark knows of one forum engine: how to recognize it, walk it and read it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from extractor.html.page import Page
from extractor.values.thread import ForumLinks, Thread


class Forum(Protocol):
    """A forum engine: how to recognize it, walk it and read it."""

    @property
    def name(self) -> str: ...

    @property
    def sign(self) -> str:
        """A CSS selector that matches on every thread and board page of this engine, and of no other."""

    def recognises(self, page: Page) -> bool: ...

    def has_posts(self, page: Page) -> bool:
        """Return whether the page seems to have posts; cheap, and not certain."""

    def links(self, page: Page, at: datetime | None = None) -> ForumLinks:
        """Return the links of a page. `at` is the time of capture, for times like "3 hours ago"."""

    def thread(self, page: Page, at: datetime | None = None) -> Thread | None:
        """Return the thread; None if it is not a thread page."""
