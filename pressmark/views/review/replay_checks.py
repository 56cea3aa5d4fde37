"""What the quality assurance found of the pages of a run: its results, and where they are kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import computed_field

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.index.purges.purged_marks import REPLAY_CHECK
from archive.index.run_captures import shown_of_run
from archive.values.plural import counted
from pressmark.views.shapes import Shape

MOST_TEXT = 0.1
"""The share of the words of the archived text that replay may lack."""
MOST_PICTURE = 0.1
"""The difference of the pictures that is tolerated: fonts, advertisements and the moment vary."""
MOST_NAMED = 20
"""Missing files that are named for each page."""


class ReplayCheck(Shape):
    """A page shown again from the archive alone, compared with its capture."""

    url: str
    at: datetime
    """The time of the capture."""
    record_id: str
    checked_at: datetime
    requests: int = 0
    """Requests of the page at replay."""
    missing: int = 0
    """Requests that the archive could not answer."""
    missing_urls: list[str]
    """The first 20 of them."""
    text_distance: float | None = None
    """The share of the words of the archived text that the page does not show, from 0 to 1; null without a text."""
    picture_distance: float | None = None
    """The difference from the picture at the capture, from 0 to 1; null if there is none."""
    problem: str | None = None
    """Why the page could not be shown; null if it was."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def finding(self) -> str | None:
        """The worst difference, as a sentence; None if the page is in order."""
        if self.problem is not None:
            return f"at replay, the browser could not show the page: {self.problem}"
        if self.text_distance is not None and self.text_distance > MOST_TEXT:
            return f"at replay, {100 * self.text_distance:.0f} percent of the text is missing"
        if self.missing:
            return f"at replay, {counted(self.missing, 'file')} can't be found, such as {self.missing_urls[0]}"
        if self.picture_distance is not None and self.picture_distance > MOST_PICTURE:
            return f"at replay, the picture differs by {100 * self.picture_distance:.0f} percent"
        return None

    @property
    def badness(self) -> tuple[bool, bool, float, int]:
        """The higher, the worse."""
        distance = (self.text_distance or 0) + (self.picture_distance or 0)
        return self.problem is not None, self.finding is not None, distance, self.missing


class ReplayChecks:
    """The results of a database, by run. A later check of a capture replaces the earlier one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._marks = Marks(database, REPLAY_CHECK)

    def store(self, run: str, checks: Iterable[ReplayCheck]) -> None:
        """Store results. Raises DatabaseUnusable."""
        self._marks.set_all({f"{run}/{one.record_id}": one.model_dump_json(exclude={"finding"}) for one in checks})

    def of_run(self, run: str) -> list[ReplayCheck]:
        """Return the results of a run, the worst first, without captures that are hidden. Raises DatabaseUnusable."""
        found = [ReplayCheck.model_validate_json(value) for value in self._marks.all(f"{run}/").values()]
        shown = shown_of_run(self._database, run, [one.record_id for one in found])
        return sorted((one for one in found if one.record_id in shown), key=lambda one: one.badness, reverse=True)
