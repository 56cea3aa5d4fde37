"""A run: one crawl of one source, from asked-for to over.

SchedulerError
├── UnknownRun      no run has that id
├── RunOver         the run is over, and can't be changed any more
└── StaleEpoch      the worker was taken for dead: another one has its runs
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Row

from config.values.use import Use
from crawler.policy.order import Counts, Ending, Outcome

Status = Literal["queued", "running", "over"]
UNFINISHED: tuple[Status, ...] = ("queued", "running")
"""The names of the outcomes, instead of "not unfinished": this lets an index find them, however many are over."""
STATUSES: tuple[Status, ...] = get_args(Status)
ENDINGS: tuple[Ending, ...] = tuple(ending for ending in get_args(Ending) if ending != "interrupted")
"""How a run can be over. An interrupted run is not over: it is queued again."""
LOOSE = "single-pages"
"""The source of runs of a URL that belongs to no source. If a source of that name is described, its settings apply."""

OUTSIDE = "scrapy"
"""The name prefix of workers that are crawls of other programs: only those programs can resume their runs."""


_NOTHING = "the run archived nothing"


class SchedulerError(Exception):
    """Base class of the ledger's errors."""


class UnknownRun(SchedulerError):
    def __init__(self, run: str) -> None:
        super().__init__(f"no run with the id {run}")
        self.run = run


class RunOver(SchedulerError):
    def __init__(self, run: str) -> None:
        super().__init__(f"the run {run} has ended")
        self.run = run


class StaleEpoch(SchedulerError):
    def __init__(self, epoch: int, why: str) -> None:
        super().__init__(f"epoch {epoch} may not write: {why}")
        self.epoch = epoch


@dataclass(frozen=True, slots=True)
class Run:
    """One row of the ledger."""

    id: str
    source: str
    status: Status
    requested_at: datetime
    tick: datetime | None = None
    """The slot of the timetable that requested it; None for a person."""
    url: str | None = None
    """Fetched instead of the seeds."""
    outcome: Ending | None = None
    """Set when it is over."""
    reason: str | None = None
    """Why it ended so, or why it is queued again, as a sentence."""
    attempt: int = 1
    started_at: datetime | None = None
    """The start of the first attempt."""
    seen_at: datetime | None = None
    ended_at: datetime | None = None
    worker: str | None = None
    epoch: int | None = None
    cancel: bool = False
    """Whether its end was requested."""
    counts: Counts = field(default_factory=Counts)
    config_hash: str | None = None
    use: Use | None = None
    """What its source said of `use`; None if nothing, so the setting decides."""
    completeness: Mapping[str, Any] | None = None
    """The fates of the items that the site lists, as in `crawler.frontier.completeness`; None if no list was read."""
    everything: bool = False
    """Whether it also requests pages that are not due."""
    in_full: bool = False
    """Whether it requests every page in full, without conditions."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """The number of URLs found and not fetched, by reason; empty while it is active."""
    spider: Mapping[str, Any] | None = None
    """For a finished run of a user's spider: the number of its `items`, and Scrapy's `stats`."""


COUNTS = ("pages", "captures", "revisits", "failures", "bytes", "queued", "drawn")


def run_of(row: Row[Any]) -> Run:
    values = dict(row._mapping)
    tasks, completeness, spider = values.pop("tasks"), values.pop("completeness"), values.pop("spider")
    dropped = values.pop("dropped")
    everything, in_full = bool(values.pop("everything")), bool(values.pop("in_full"))
    counts = Counts(**{name: values.pop(name) or 0 for name in COUNTS}, tasks=json.loads(tasks) if tasks else {})
    return Run(
        counts=counts,
        completeness=json.loads(completeness) if completeness else None,
        spider=json.loads(spider) if spider else None,
        everything=everything,
        in_full=in_full,
        dropped=json.loads(dropped) if dropped else {},
        **values,
    )


def counts_row(counts: Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in COUNTS}


def standing_row(counts: Counts) -> dict[str, Any]:
    """Return the columns for the state of a run: its counts, and the states of its frontier's URLs."""
    return {**counts_row(counts), "tasks": json.dumps(dict(counts.tasks))}


def honest(outcome: Outcome) -> tuple[Ending, str | None]:
    """Return the true outcome and reason: never done or partial when nothing was archived.

    A run that found only what is archived is unchanged: a mailbox without new mail, a series with all its documents. If
    something of such a mailbox failed, such as an image of an archived message, the run is partial.
    """
    ending = outcome.outcome
    if ending == "running":
        raise ValueError("a run that continues has not ended")
    if ending == "partial" and outcome.held:
        return ending, outcome.reason or None
    if ending in ("done", "partial") and outcome.captures == 0:
        why = outcome.reason.removeprefix(_NOTHING).removeprefix("; ")
        return "empty", f"{_NOTHING}; {why}" if why else _NOTHING
    return ending, outcome.reason or None
