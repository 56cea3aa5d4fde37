"""Which documents of a series are there, which are missing between them, and which are not there yet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from archive.values.plural import counted
from crawler.policy.rows import SeedFate, State

_GONE = ("404", "410")
_KNOWN = ("not-due", "not-newer")
"""Why an archived document is not requested."""
_MOST_NAMED = 12


def _were(documents: int) -> str:
    return f"{counted(documents, 'document')} {'was' if documents == 1 else 'were'}"


class SeriesFates(NamedTuple):
    """The documents of a series after a run, by their labels, each once and in order."""

    there: Sequence[str]
    """Archived now or before."""
    gaps: Sequence[str]
    """Not found, though a later one is there."""
    awaited: Sequence[str]
    """Not found, after the last one that is there."""
    unknown: Sequence[SeedFate]
    """Those of which the run learnt neither: failed, forbidden, redirected, or something else in their place."""

    def sentence(self) -> str | None:
        """Return which documents are missing between others, as a sentence; None when none is."""
        if not self.gaps:
            return None
        more = len(self.gaps) - _MOST_NAMED
        named = ", ".join(self.gaps[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        return f"the site does not have these documents of the series: {named}"

    def nothing_new(self) -> str:
        """Return that all documents that the site has were archived before, as a sentence."""
        return f"no new document in the series; {_were(len(self.there))} archived before"


def series_fates(fates: Iterable[SeedFate], labels: Mapping[str, str]) -> SeriesFates:
    """Sort the documents by what a run found; `labels` has the label of each URL."""
    there, missing, unknown = set[str](), set[str](), list[SeedFate]()
    for fate in fates:
        if (label := labels.get(fate.url)) is None:
            continue
        if fate.state is State.DONE and (fate.reason or "").startswith(_GONE):
            missing.add(label)
        elif (fate.state is State.DONE and fate.reason is None) or (
            fate.state is State.DROPPED and fate.reason in _KNOWN
        ):
            there.add(label)
        else:
            unknown.append(fate)
    ordered = list(dict.fromkeys(labels.values()))
    last = max((place for place, label in enumerate(ordered) if label in there), default=-1)
    absent = [(place, label) for place, label in enumerate(ordered) if label in missing - there]
    return SeriesFates(
        [label for label in ordered if label in there],
        [label for place, label in absent if place < last],
        [label for place, label in absent if place > last],
        unknown,
    )
