"""Count the exchanges without a response: the WARC and its journal have them, and the index never has."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from archive.values.errors import IntegrityError
from archive.warc.journal import SUFFIX, load


def unanswered_in(directory: Path, run: str) -> int:
    """Return how many exchanges of a run without a response the segments in the spool at `directory` have.

    Those of released segments are not counted, and those of a journal that the disk can't read.
    """
    counts: dict[str, int] = {}
    for place in ("open", "sealed"):  # a segment that moves meanwhile is found twice, under the same name
        for path in (directory / place).glob(f"*{SUFFIX}"):
            with suppress(IntegrityError):
                found = [one for one in load(path).captures if one.run == run and one.kind == "failed"]
                if found:
                    counts[found[0].location.segment] = len(found)
    return sum(counts.values())
