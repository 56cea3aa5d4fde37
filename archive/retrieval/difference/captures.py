"""Two captures of a page side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.retrieval.difference.facts import FactChange, compare_heads, compare_texts
from archive.retrieval.difference.lines import Row, compare
from archive.retrieval.difference.posts import PostChange, compare_posts
from archive.retrieval.difference.sequences import Budget
from archive.retrieval.snapshot import Snapshot
from archive.texts.texts import TextRow
from extractor.html.lines import kept
from extractor.values.thread import Post


@dataclass(frozen=True, slots=True)
class Difference:
    rows: tuple[Row, ...]
    """The text, line by line."""
    posts: tuple[PostChange, ...] | None
    """What became of the posts of a thread, or of the comments under an article; None for a page without."""
    posts_only: bool
    """Whether the page is its posts, as in a forum: `rows` repeats what `posts` says."""
    facts: tuple[FactChange, ...]
    """Title, author, date and the like."""
    fields: tuple[FactChange, ...]
    """Of the head of the answer; its status is `:status`."""
    reread: bool
    """Whether two pages were read by different extractors, so that a change may be the reader's and not the page's."""

    @property
    def changed(self) -> bool:
        """Whether the page says anything else than it did: noise and header fields apart."""
        return bool(self.facts or self.posts) or any(row.kind not in ("same", "noise") for row in self.rows)

    @property
    def noise(self) -> int:
        """How many lines differ by noise only."""
        return sum(row.kind == "noise" for row in self.rows)


def compare_captures(old: Snapshot, new: Snapshot) -> Difference:
    """What differs from the one to the other, found out in a time that is bounded whatever they are."""
    budget = Budget()
    one, other = old.text, new.text
    posts = _posts(one, other)
    return Difference(
        rows=compare(one.text if one else None, other.text if other else None, budget),
        posts=compare_posts(*posts, budget) if posts else None,
        posts_only=posts is not None and _is_its_posts(one) and _is_its_posts(other),
        facts=compare_texts(one, other),
        fields=compare_heads(_head(old), _head(new)),
        reread=None not in (readers := (_reader(old), _reader(new))) and readers[0] != readers[1],
    )


def _posts(old: TextRow | None, new: TextRow | None) -> tuple[Sequence[Post], Sequence[Post]] | None:
    """The posts of two texts, where they can be compared. An article may have its first comments, or none any more."""
    if old is None or new is None:
        return None
    one, other = old.thread, new.thread
    articles = bool(old.text and new.text) and not (_is_its_posts(old) or _is_its_posts(new))
    if (one and other) or ((one or other) and articles):
        return one.posts if one else (), other.posts if other else ()
    return None


def _is_its_posts(text: TextRow | None) -> bool:
    """Whether a text is that of its posts: `extractor.reading` takes either the posts or the article as the text."""
    thread = text.thread if text else None
    return text is not None and thread is not None and (text.text or "") == kept(thread.text)


def _head(snapshot: Snapshot) -> list[tuple[str, str]]:
    return [(":status", str(snapshot.status or "")), *snapshot.headers]


def _reader(snapshot: Snapshot) -> tuple[str | None, str | None] | None:
    """Who read the text of a page; None of what came instead of one."""
    text = snapshot.text
    return (text.extractor, text.version) if text and text.state == "done" and snapshot.instead is None else None
