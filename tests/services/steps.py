"""Count the steps of SQLite's virtual machine: a cost that does not depend on the machine."""

from __future__ import annotations

import urllib.request
from typing import Any

from sqlalchemy import event

from pressmark.service.service import Service

_STEP = 5
"""Steps between two counts."""


class Steps:
    """Counts the steps of all connections of a database."""

    def __init__(self, service: Service) -> None:
        self.count = 0
        event.listen(service.database.engine, "checkout", self._attach)

    def _attach(self, connection: Any, *_: object) -> None:
        connection.set_progress_handler(self._note, _STEP)

    def _note(self) -> None:
        self.count += 1


def steps_of(url: str, steps: Steps, path: str) -> int:
    """Return the cost of the second request: the first may find what is remembered."""
    for _ in range(2):
        steps.count = 0
        with urllib.request.urlopen(url + path, timeout=60) as answer:
            assert answer.status == 200
            answer.read()
    return steps.count
