"""What people type to search: words, "phrases", -left out, beginn*. Any string is a query; none is an error.

Words are all to be found, in any order and either in the title or in the text. Quotation marks hold words together side
by side; a minus before a word or a phrase asks for texts without it; an asterisk behind a word stands for any end of
it. What looks like syntax and is not (a lone quotation mark, an asterisk alone) counts for nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.texts.search.tokens import Run, runs

_TERM = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<quoted>[^"]*)(?:"|$)(?P<star>\*)?|(?P<word>[^\s"]+))')
_QUOTES = str.maketrans("“”„‟«»＂「」『』", '"' * 11)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Runs that stand side by side, in this order."""

    runs: tuple[Run, ...]
    prefix: bool = False
    """Whether the last run is only the beginning of one. A run without spaces always is."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """As `archive.texts.search.tokens` makes them; but the end of a last run without spaces is open."""
        made: list[str] = []
        for run in self.runs:
            made += (run.text[at : at + 2] for at in range(len(run.text))) if run.unspaced else [run.text]
        return tuple(made[:-1] if self._ends_open and len(self.runs[-1].text) > 1 else made)

    @property
    def begins(self) -> bool:
        """Whether the last token stands for all that begin with it."""
        return self.prefix if not self._ends_open else len(self.runs[-1].text) == 1

    @property
    def _ends_open(self) -> bool:
        return self.runs[-1].unspaced


@dataclass(frozen=True, slots=True)
class Query:
    wanted: tuple[Phrase, ...]
    unwanted: tuple[Phrase, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for; what is to be left out alone asks for nothing."""
        return not self.wanted


def parse(text: str) -> Query:
    """The query that a string is."""
    wanted: dict[Phrase, None] = {}
    unwanted: dict[Phrase, None] = {}
    for found in _TERM.finditer(text.translate(_QUOTES)):
        quoted = found["quoted"]
        content = found["word"] if quoted is None else quoted
        prefix = content.endswith("*") if quoted is None else found["star"] is not None
        if pieces := tuple(runs(content)):
            (unwanted if found["minus"] else wanted)[Phrase(pieces, prefix)] = None
    return Query(tuple(wanted), tuple(unwanted))
