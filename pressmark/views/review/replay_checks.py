"""What the quality assurance found of the pages of a run: its results, and where they are kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import computed_field

from archive.database.engine import Database
from archive.database.marks import CHECKS, Marks
from archive.index.run_captures import shown_of_run
from archive.values.plural import counted
from pressmark.service.access.named_urls import names_taken_down, shown
from pressmark.views.shapes import Shape

MOST_TEXT = 0.1
"""The share of the words of the archived text that replay may lack."""
MOST_PICTURE = 0.1
"""The difference of the pictures that is tolerated: fonts, advertisements and the moment vary."""
MOST_NAMED = 20
"""Missing files that are named for each page."""

ReplayResult = Literal["not-shown", "different", "nothing-compared", "in-order"]
HIDDEN_REASON = "the reason names a page that was taken down"
RESULTS: tuple[ReplayResult, ...] = ("not-shown", "different", "nothing-compared", "in-order")
"""The worst first."""


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
    picture_unread: bool = False
    """Whether the picture at the capture can't be read, so that it was not compared."""
    problem: str | None = None
    """Why the page could not be shown; null if it was."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def finding(self) -> str | None:
        """The worst difference, as a sentence; None if there is none."""
        if self.problem is not None:
            return f"at replay, the browser could not show the page: {self.problem}"
        if self.text_distance is not None and self.text_distance > MOST_TEXT:
            return f"at replay, {100 * self.text_distance:.0f} percent of the text is missing"
        if self.missing:
            example = f", such as {self.missing_urls[0]}" if self.missing_urls else ""
            return f"at replay, {counted(self.missing, 'file')} can't be found{example}"
        if self.picture_distance is not None and self.picture_distance > MOST_PICTURE:
            return f"at replay, the picture differs by {100 * self.picture_distance:.0f} percent"
        if self.picture_unread:
            return "at replay, the picture was not compared: the one at the capture can't be read"
        return None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def result(self) -> ReplayResult:
        """`not-shown`, `different`, `in-order`; `nothing-compared`: no file is missing, and neither text nor picture
        was compared."""
        if self.finding is not None:
            return "different" if self.problem is None else "not-shown"
        compared = self.text_distance is not None or self.picture_distance is not None
        return "in-order" if compared else "nothing-compared"

    @property
    def badness(self) -> tuple[int, float, int]:
        """The higher, the worse."""
        distance = (self.text_distance or 0) + (self.picture_distance or 0)
        return -RESULTS.index(self.result), distance, self.missing


class ReplayChecks:
    """The results of a database, by run. A later check of a capture replaces the earlier one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._marks = Marks(database, CHECKS)

    def store(self, run: str, checks: Iterable[ReplayCheck]) -> None:
        """Store results. Raises DatabaseUnusable."""
        self._marks.set_all({f"{run}/{one.record_id}": one.model_dump_json() for one in checks})

    def of_run(self, run: str) -> list[ReplayCheck]:
        """Return the results of a run, the worst first, without what is hidden. Raises DatabaseUnusable."""
        found = [_shown(ReplayCheck.model_validate_json(value)) for value in self._marks.all(f"{run}/").values()]
        open_ones = shown_of_run(self._database, run, [one.record_id for one in found])
        return sorted((one for one in found if one.record_id in open_ones), key=lambda one: one.badness, reverse=True)


def _shown(check: ReplayCheck) -> ReplayCheck:
    """Return a result without URLs that are taken down in this context."""
    if not names_taken_down((check.missing_urls, check.problem)):
        return check
    problem = HIDDEN_REASON if names_taken_down(check.problem) else check.problem
    return check.model_copy(update={"missing_urls": shown(check.missing_urls), "problem": problem})
