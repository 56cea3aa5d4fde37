"""The worker's counts of a run so far, in a file, because the run may be interrupted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path


def read_counts(file: Path) -> Counter[str]:
    """Read the counts of earlier processes of the run; none if the file is missing or torn."""
    try:
        return Counter(json.loads(file.read_text()))
    except (OSError, ValueError):
        return Counter()


def write_counts(file: Path, counts: Counter[str]) -> None:
    """Replace the file atomically."""
    half = file.with_suffix(".part")
    half.write_text(json.dumps(dict(counts)))
    half.replace(file)
