"""Compare two versions of a line word by word; scripts without spaces character by character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from archive.retrieval.difference.sequences import Budget, matches
from archive.texts.search.tokens import UNSPACED

_TOKEN = re.compile(rf"[{UNSPACED}]|(?:[^\W{UNSPACED}]|[\u0300-\u036f])+|\s+|[^\w\s]", re.DOTALL)
_SAYS = re.compile(r"\w")


class Piece(NamedTuple):
    """A piece of text that both versions have, or only one of them."""

    kind: Literal["same", "deleted", "inserted"]
    text: str


def words(text: str) -> list[str]:
    """Return the words of a text and the characters between them: joined, they are the text."""
    return _TOKEN.findall(text)


def spoken(text: str) -> list[str]:
    """Return the words of a text without white space."""
    return [word for word in words(text) if not word.isspace()]


def pieces(old: str, new: str, budget: Budget) -> tuple[Piece, ...]:
    """Return equal, deleted and inserted pieces, in order. Without insertions they are `old`, without deletions `new`.

    An equal piece between two changes counts as changed if it contains no word, such as a space.
    """
    one, other = words(old), words(new)
    made: list[Piece] = []
    deleted, inserted, at_one, at_other = "", "", 0, 0
    for match in matches(one, other, budget):
        deleted += "".join(one[at_one : match.old])
        inserted += "".join(other[at_other : match.new])
        at_one, at_other = match.old + match.length, match.new + match.length
        same = "".join(one[match.old : at_one])
        ends = (at_one, at_other) == (len(one), len(other))
        if (deleted or inserted) and not ends and not _SAYS.search(same):
            deleted, inserted = deleted + same, inserted + same
            continue
        made += _changed(deleted, inserted)
        made.append(Piece("same", same))
        deleted = inserted = ""
    made += _changed(deleted + "".join(one[at_one:]), inserted + "".join(other[at_other:]))
    return tuple(made)


def _changed(deleted: str, inserted: str) -> Iterator[Piece]:
    if deleted == inserted:
        yield from [Piece("same", deleted)] if deleted else []
        return
    if deleted:
        yield Piece("deleted", deleted)
    if inserted:
        yield Piece("inserted", inserted)
