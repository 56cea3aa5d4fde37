"""What was said of captures beside their text: the check by replay, and the marks of people who review runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from archive.database.engine import Database
from archive.database.marks import CHECKS, REVIEWS, Marks
from archive.values.capture import Capture

JUDGED: dict[str, str] = {
    "replay": "string",
    "replay_missing": "integer",
    "replay_text_distance": "number",
    "replay_picture_distance": "number",
    "review": "string",
    "review_note": "string",
}
"""Columns of a row of a capture, the last ones. Files of earlier versions lack them."""
_OF_CHECK = {
    "replay": "result",
    "replay_missing": "missing",
    "replay_text_distance": "text_distance",
    "replay_picture_distance": "picture_distance",
}
_OF_MARK = {"review": "judgement", "review_note": "note"}


class Judgements:
    """The values of `JUDGED` for captures. Captures of runs that nobody checked or reviewed cost no query."""

    def __init__(self, database: Database) -> None:
        self._checks, self._marks = Marks(database, CHECKS), Marks(database, REVIEWS)
        self._runs: tuple[set[str], set[str]] | None = None

    def of(self, capture: Capture) -> dict[str, Any]:
        """Return what was said of a capture, without what was not said. Raises DatabaseUnusable."""
        if self._runs is None:
            self._runs = self._checks.begins(), self._marks.begins()
        checked, reviewed = self._runs
        run, found = capture.run, dict[str, Any]()
        if run in checked:
            found |= _named(_OF_CHECK, self._checks.get(f"{run}/{capture.record_id}"))
        if run in reviewed:
            found |= _named(_OF_MARK, self._marks.get(f"{run}/{capture.url}"))
        return found


def _named(names: Mapping[str, str], value: str | None) -> dict[str, Any]:
    said = json.loads(value) if value else {}
    return {name: said[key] for name, key in names.items() if said.get(key) not in (None, "")}
