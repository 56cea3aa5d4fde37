"""Parse search queries: words, "phrases", -excluded, prefix*. Any string is a valid query.

All words must occur, in any order, in the title or the text. Quotation marks make words adjacent; a minus before a word
or a phrase excludes it; an asterisk after a word matches any ending. Incomplete syntax (a lone quotation mark, an
asterisk alone) is ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archive.texts.search.tokens import Run, runs

_TERM = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<quoted>[^"]*)(?:"|$)(?P<star>\*)?|(?P<word>[^\s"]+))')
_QUOTES = str.maketrans("“”„‟«»＂「」『』", '"' * 11)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Adjacent runs, in this order."""

    runs: tuple[Run, ...]
    prefix: bool = False
    """Whether the last run is a prefix. A run without spaces always is."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens as in `archive.texts.search.tokens`, except that the end of a last run without spaces is open."""
        made: list[str] = []
        for run in self.runs:
            made += (run.text[at : at + 2] for at in range(len(run.text))) if run.unspaced else [run.text]
        return tuple(made[:-1] if self._ends_open and len(self.runs[-1].text) > 1 else made)

    @property
    def begins(self) -> bool:
        """Whether the last token is a prefix."""
        return self.prefix if not self._ends_open else len(self.runs[-1].text) == 1

    @property
    def _ends_open(self) -> bool:
        return self.runs[-1].unspaced


@dataclass(frozen=True, slots=True)
class Query:
    wanted: tuple[Phrase, ...]
    unwanted: tuple[Phrase, ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)
    """What is made for a query is looked up for each text that it finds."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.wanted, self.unwanted)))

    def __hash__(self) -> int:
        return self._hash

    @property
    def is_empty(self) -> bool:
        """Whether the query has no positive terms; exclusions alone find nothing."""
        return not self.wanted


def parse(text: str) -> Query:
    """Parse a query."""
    wanted: dict[Phrase, None] = {}
    unwanted: dict[Phrase, None] = {}
    for found in _TERM.finditer(text.translate(_QUOTES)):
        quoted = found["quoted"]
        content = found["word"] if quoted is None else quoted
        prefix = content.endswith("*") if quoted is None else found["star"] is not None
        if pieces := tuple(runs(content)):
            (unwanted if found["minus"] else wanted)[Phrase(pieces, prefix)] = None
    return Query(tuple(wanted), tuple(unwanted))
