"""The worker's counts of a run so far, in a file, because the run may be interrupted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from crawler.userspiders.ledger import read_kept


def read_counts(file: Path) -> Counter[str]:
    """Read the counts of earlier processes of the run; none if the file is missing or torn."""
    try:
        return Counter(json.loads(file.read_text()))
    except (OSError, ValueError):
        return Counter()


def counts_before(file: Path, ledger: Path) -> Counter[str]:
    """Return the counts of earlier processes of the run, of pages only those whose requests are over.

    The others are requested, and counted, again. What was new then is unchanged now, so the higher count of it is true.
    """
    counts, kept = read_counts(file), read_kept(ledger)
    return Counter({**counts, **kept, "new": max(counts["new"], kept.get("new", 0))})


def write_counts(file: Path, counts: Counter[str]) -> None:
    """Replace the file atomically."""
    half = file.with_suffix(".part")
    half.write_text(json.dumps(dict(counts)))
    half.replace(file)
