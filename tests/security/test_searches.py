"""A search that would take minutes ends at a limit, with an answer that says so, and keeps nobody else waiting."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from services.retrieving import Retrieving, served
from services.waiting import eventually
from specimens.archives import SEGMENTS

from config.groups.service import Http
from config.settings import Settings
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service

_LONG = """WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 10000000000)
SELECT max(n) FROM counted"""
WORD = "a"
TOLD = "the search took too long and was ended; use rarer words, or limit it to a site or a time"


BOUND = 240.0
"""Seconds for which the clock may stand at most."""


class Clock:
    """The clock of the time limit. It stands until it is released, and counts how often it is read."""

    def __init__(self) -> None:
        self.released = Event()
        self.reads = 0
        self._began = monotonic()

    def __call__(self) -> float:
        self.reads += 1
        now = monotonic()
        return now if self.released.is_set() or now > self._began + BOUND else self._began


def make_slow(service: Service) -> None:
    """Have each row that a search looks at cost minutes."""
    with service.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE wordings RENAME TO kept_wordings")
        connection.exec_driver_sql(f"CREATE VIEW wordings AS SELECT * FROM kept_wordings WHERE ({_LONG}) > 0")


def test_a_search_that_would_take_minutes_is_answered_503(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("archive.database.time_limit.monotonic", clock)
    settings = Settings(home=tmp_path, http=Http(search_timeout=timedelta(seconds=0.1)))
    with open_pressmark(settings) as service, served(service) as url:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        with pytest.raises(SystemExit):
            main(["--home", str(tmp_path), "extract"])
        asked, address = Retrieving(url, service, []), f"/api/v1/search?q={WORD}"
        control = asked.get(address)
        make_slow(service)
        with ThreadPoolExecutor(1) as other:
            before = clock.reads
            search = other.submit(asked.get, address)
            try:
                eventually(lambda: clock.reads > before + 10, within=BOUND)  # the database looks at it while it works
                health = asked.get("/healthz")[0]
                was_waiting = not search.done()
            finally:
                clock.released.set()
            status, _, body = search.result(120)

    assert json.loads(control[2])["items"] != []
    assert (health, was_waiting) == (200, True)
    assert (status, json.loads(body)["detail"]) == (503, TOLD)
