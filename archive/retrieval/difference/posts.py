"""Compare two readings of a page of a thread, post by post: added, edited, removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from archive.retrieval.difference.lines import Row, compare
from archive.retrieval.difference.sequences import Budget
from archive.retrieval.thread_history import keys_of
from extractor.values.thread import Post


@dataclass(frozen=True, slots=True)
class PostChange:
    """The change of a post."""

    kind: Literal["added", "edited", "removed"]
    post: Post
    """As it is in the newer reading; one that was removed, as it was."""
    rows: tuple[Row, ...] = ()
    """Of one that was edited: its lines, side by side."""


def compare_posts(old: Sequence[Post], new: Sequence[Post], budget: Budget) -> tuple[PostChange, ...]:
    """Return changes in the order of the newer page, removed posts first. `archive.retrieval.thread_history` identifies
    posts."""
    before = dict(zip(keys_of(old), old, strict=True))
    after = dict(zip(keys_of(new), new, strict=True))
    return (
        *(PostChange("removed", post) for key, post in before.items() if key not in after),
        *_added_and_edited(before, after, budget),
    )


def _added_and_edited(before: dict[str, Post], after: dict[str, Post], budget: Budget) -> Iterator[PostChange]:
    for key, post in after.items():
        if key not in before:
            yield PostChange("added", post)
        elif before[key].text != post.text:
            yield PostChange("edited", post, compare(before[key].text, post.text, budget))
