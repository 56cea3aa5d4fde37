"""Compare two captures of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.retrieval.difference.facts import FactChange, compare_heads, compare_texts
from archive.retrieval.difference.lines import Row, compare
from archive.retrieval.difference.posts import PostChange, compare_posts
from archive.retrieval.difference.sequences import Budget
from archive.retrieval.snapshot import Snapshot
from archive.texts.texts import TextRow
from extractor.html.lines import storable
from extractor.values.thread import Post


@dataclass(frozen=True, slots=True)
class Difference:
    rows: tuple[Row, ...]
    """The text, line by line."""
    posts: tuple[PostChange, ...] | None
    """The changes of the posts of a thread, or of the comments under an article; None for a page without any."""
    posts_only: bool
    """Whether the text consists of the posts, as in a forum: then `rows` repeats `posts`."""
    facts: tuple[FactChange, ...]
    """Title, author, date and the like."""
    fields: tuple[FactChange, ...]
    """Fields of the response head; the status is `:status`."""
    reread: bool
    """Whether two pages were read by different extractors, so that a change may be the reader's and not the page's."""

    @property
    def changed(self) -> bool:
        """Whether the content changed, apart from noise and header fields."""
        return bool(self.facts or self.posts) or any(row.kind not in ("same", "noise") for row in self.rows)

    @property
    def noise(self) -> int:
        """The number of lines that differ only by noise."""
        return sum(row.kind == "noise" for row in self.rows)


def compare_captures(old: Snapshot, new: Snapshot) -> Difference:
    """Compare two captures, in bounded time for any input."""
    budget = Budget()
    one, other = old.text, new.text
    posts = _posts(one, other)
    return Difference(
        rows=compare(one.text if one else None, other.text if other else None, budget),
        posts=compare_posts(*posts, budget) if posts else None,
        posts_only=posts is not None and is_its_posts(one) and is_its_posts(other),
        facts=compare_texts(one, other),
        fields=compare_heads(_head(old), _head(new)),
        reread=None not in (readers := (_reader(old), _reader(new))) and readers[0] != readers[1],
    )


def _posts(old: TextRow | None, new: TextRow | None) -> tuple[Sequence[Post], Sequence[Post]] | None:
    """Return the posts of two texts if they can be compared.

    An article may have got its first comments, or lost all.
    """
    if old is None or new is None:
        return None
    one, other = old.thread, new.thread
    articles = bool(old.text and new.text) and not (is_its_posts(old) or is_its_posts(new))
    if (one and other) or ((one or other) and articles):
        return one.posts if one else (), other.posts if other else ()
    return None


def is_its_posts(text: TextRow | None) -> bool:
    """Return whether a text consists of its posts: `extractor.reading` uses either the posts or the article."""
    thread = text.thread if text else None
    return text is not None and thread is not None and (text.text or "") == storable(thread.text)


def _head(snapshot: Snapshot) -> list[tuple[str, str]]:
    return [(":status", str(snapshot.status or "")), *snapshot.headers]


def _reader(snapshot: Snapshot) -> tuple[str | None, str | None] | None:
    """Return the extractor and version of a page's text; None if the capture is not the page."""
    text = snapshot.text
    return (text.extractor, text.version) if text and text.state == "done" and snapshot.instead is None else None
