"""What people say of the pages that a run found: good, bad, archive again, and notes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from archive.database.engine import Database
from archive.database.marks import Marks

Judgement = Literal["good", "bad", "recapture"]


@dataclass(frozen=True, slots=True)
class ReviewMark:
    """What a person said of a page in a run. A later mark of the same page in the same run replaces it."""

    collection: str
    judgement: Judgement | None
    """None for a note alone."""
    note: str
    by: str
    at: datetime
    again: str | None = None
    """The run that archives the page again."""


class ReviewMarks:
    """The marks of a database."""

    def __init__(self, database: Database) -> None:
        self._marks = Marks(database, "review/")

    def of_run(self, run: str) -> dict[str, ReviewMark]:
        """Return the marks of a run by URL. Raises DatabaseUnusable."""
        begin = f"{run}/"
        return {name.removeprefix(begin): _mark(value) for name, value in self._marks.all(begin).items()}

    def set(self, run: str, url: str, mark: ReviewMark) -> None:
        """Write a mark. Raises DatabaseUnusable."""
        self._marks.set(f"{run}/{url}", json.dumps(asdict(mark) | {"at": mark.at.isoformat()}, ensure_ascii=False))

    def clear(self, run: str, url: str) -> None:
        """Delete a mark, if it exists. Raises DatabaseUnusable."""
        self._marks.delete(f"{run}/{url}")

    def by_collection(self) -> Mapping[str, list[ReviewMark]]:
        """Return all marks by collection. Raises DatabaseUnusable."""
        found: dict[str, list[ReviewMark]] = {}
        for value in self._marks.all().values():
            mark = _mark(value)
            found.setdefault(mark.collection, []).append(mark)
        return dict(sorted(found.items()))


def _mark(value: str) -> ReviewMark:
    said = json.loads(value)
    return ReviewMark(**said | {"at": datetime.fromisoformat(said["at"])})
