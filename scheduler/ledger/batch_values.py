"""What is known of work over the whole store in jobs: see `scheduler.ledger.batches`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive.values.errors import ArchiveError


class UnknownBatch(Exception):
    def __init__(self, id_: str) -> None:
        super().__init__(f"there is no audit, rebuild or export in jobs with the id {id_!r}")


class BatchIsOver(Exception):
    def __init__(self, id_: str, outcome: str | None) -> None:
        super().__init__(f"{id_} is over: {outcome}")


class LateWorker(ArchiveError):
    """Another process has taken the job since, or the batch was cancelled."""

    def __init__(self, job: BatchJob) -> None:
        super().__init__(f"the job {job.name} of {job.batch} is done by another process now, or was cancelled")


@dataclass(frozen=True, slots=True)
class Batch:
    """Work that was requested."""

    id: str
    kind: str
    options: Mapping[str, Any]
    requested_at: datetime
    requested_by: str
    ended_at: datetime | None
    outcome: str | None
    """`done` or `cancelled`; None before the end."""
    result: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class BatchJob:
    """A job as one process has it."""

    batch: str
    kind: str
    options: Mapping[str, Any]
    name: str
    stage: int
    epoch: int


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch is. The total grows once its first job has listed the others."""

    total: int
    done: int
    failing: int
    """Jobs that are not done and have failed several times in a row. They are tried again."""
    is_stuck: bool = False
    """Whether all jobs that could be done now are among these: those of later stages wait for them."""
    first: str = ""
    """One of these."""
    problem: str = ""
    """Why it failed."""
