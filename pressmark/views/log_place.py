"""Where the log of a run is: on the machine of its worker, which may be another one than this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TypedDict

from archive.index.unshipped import Holder
from pressmark.service.service import Service
from pressmark.views.run_log import failures, has_log
from scheduler.run import Run


class FailedByReason(TypedDict):
    """What is known here of the URLs that a run could not fetch."""

    failed_by_reason: Mapping[str, int] | None
    """None if this machine does not have the log that says it."""
    log_on: Mapping[str, str | None] | None
    """The `worker` and `host` that have the log; None if it is here, or nowhere."""


def log_elsewhere(service: Service, run: Run) -> Holder | None:
    """Return who has the log of a run; None if it is here, or if no machine is known to have one."""
    if run.epoch is None or not service.database.is_shared or has_log(service.settings.home, run.id):
        return None
    return service.epochs.place_of(run.epoch)


def failed_by_reason(service: Service, run: Run) -> FailedByReason:
    """Return how many URLs failed for each reason, or where that is known."""
    if failures_unknown(service, run) is None:
        return {"failed_by_reason": failures(service.settings.home, run.id), "log_on": None}
    place = log_elsewhere(service, run)
    return {"failed_by_reason": None, "log_on": asdict(place) if place else None}


def log_missing(service: Service, run: Run) -> str | None:
    """Return why the log of a run says nothing here, as a sentence; None if it is here, or the run has not begun."""
    if run.started_at is None or has_log(service.settings.home, run.id):
        return None
    if place := log_elsewhere(service, run):
        return f"the log of this run is not on this machine: {place} has it"
    return "the log of this run is not on this machine any more"


def failures_unknown(service: Service, run: Run) -> str | None:
    """Return why it is not known here which URLs of a run failed, as a sentence; None if it is, or if none failed."""
    return log_missing(service, run) if run.counts.failures else None
