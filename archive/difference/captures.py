"""Two captures of a page side by side."""

from __future__ import annotations

from dataclasses import dataclass

from archive.difference.facts import FactChange, compare_heads, compare_texts
from archive.difference.lines import Row, compare
from archive.difference.posts import PostChange, compare_posts
from archive.difference.sequences import Budget
from archive.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Difference:
    rows: tuple[Row, ...]
    """The text, line by line."""
    posts: tuple[PostChange, ...] | None
    """Of two readings of a thread's page, what became of its posts; None for other pages."""
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
    threads = (one.thread if one else None, other.thread if other else None)
    return Difference(
        rows=compare(one.text if one else None, other.text if other else None, budget),
        posts=compare_posts(threads[0], threads[1], budget) if threads[0] and threads[1] else None,
        facts=compare_texts(one, other),
        fields=compare_heads(_head(old), _head(new)),
        reread=None not in (readers := (_reader(old), _reader(new))) and readers[0] != readers[1],
    )


def _head(snapshot: Snapshot) -> list[tuple[str, str]]:
    return [(":status", str(snapshot.status or "")), *snapshot.headers]


def _reader(snapshot: Snapshot) -> tuple[str | None, str | None] | None:
    """Who read the text of a page; None of what came instead of one."""
    text = snapshot.text
    return (text.extractor, text.version) if text and text.state == "done" and snapshot.instead is None else None
