"""What people say of the pages that a run found: good, bad, archive again, and notes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete

from archive.database.engine import Database
from archive.database.marks import REVIEWS, Marks
from archive.database.schema import marks
from archive.database.statements import insert_or_replace
from scheduler import unsaved

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


def name_of(run: str, url: str) -> str:
    """Return the name of the mark of a page in a run."""
    return f"{REVIEWS}{run}/{url}"


class ReviewMarks:
    """The marks of a database. Each change is noted for the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._marks = Marks(database, REVIEWS)

    def of_run(self, run: str) -> dict[str, ReviewMark]:
        """Return the marks of a run by URL. Raises DatabaseUnusable."""
        begin = f"{run}/"
        return {name.removeprefix(begin): _mark(value) for name, value in self._marks.all(begin).items()}

    def set(self, run: str, url: str, mark: ReviewMark) -> None:
        """Write a mark. Raises DatabaseUnusable."""
        value = json.dumps(asdict(mark) | {"at": mark.at.isoformat()}, ensure_ascii=False)
        with self._database.writing() as connection:
            row = {"name": name_of(run, url), "value": value}
            connection.execute(insert_or_replace(connection, marks, "name"), [row])
            unsaved.note(connection, "review", [(run, url)])

    def clear(self, run: str, url: str) -> None:
        """Delete a mark, if it exists. Raises DatabaseUnusable."""
        with self._database.writing() as connection:
            if connection.execute(delete(marks).where(marks.c.name == name_of(run, url))).rowcount:
                unsaved.note(connection, "review", [(run, url)])

    def note_all(self) -> None:
        """Note all marks for the ledger: those of an earlier version are not in it. Raises DatabaseUnusable."""
        with self._database.writing() as connection:
            unsaved.note(connection, "review", [name.split("/", 1) for name in self._marks.all()])

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
