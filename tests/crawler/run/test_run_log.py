from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from crawler.run.run_log import RunLog

FULL = Path("/dev/full")
"""A device on which every write ends with ENOSPC."""


def test_a_log_on_a_full_disk_costs_the_run_nothing() -> None:
    log = RunLog(FULL, lambda: datetime.now(UTC))
    log.event("begun")
    log.failure("http://a.example/", "no answer")

    log.close()

    assert log.reasons == {"no answer": 1}
