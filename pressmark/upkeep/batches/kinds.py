"""What the jobs of a batch do, by its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from archive.values.errors import Finding
from pressmark.service.service import Service
from pressmark.upkeep.audit import count_checked
from pressmark.upkeep.audit_store import CheckedObject

Halted = Callable[[], bool]
"""Whether the process is being stopped, or has lost its job."""
Results = Iterable[tuple[str, Mapping[str, Any]]]
"""The name and the result of each job that is done."""


class JobHalted(Exception):
    """The process is being stopped, or has lost its job: what it did before may be done again."""


class Summary(NamedTuple):
    """The results of the last job of a batch, and of the batch."""

    own: Mapping[str, Any]
    all: Mapping[str, Any]


class Kind(Protocol):
    """A kind of batch. Repeating a job changes nothing. What a method raises is a failure of its job."""

    def plan(self, service: Service, halted: Halted) -> Sequence[str]:
        """Return the names of the jobs. Raises JobHalted."""

    def part(self, service: Service, name: str, halted: Halted) -> Mapping[str, Any]:
        """Do a job. Raises JobHalted."""

    def summary(self, service: Service, results: Results, since: datetime | None, halted: Halted) -> Summary:
        """Do what is left when all other jobs are done, the first of them at `since`. Raises JobHalted."""


def going_on(halted: Halted) -> None:
    """Raise JobHalted if the process is being stopped, or has lost its job."""
    if halted():
        raise JobHalted


def checked_as_json(service: Service, checked: Iterable[CheckedObject], halted: Halted) -> dict[str, Any]:
    """Return how much was checked, and what is wrong, as a job keeps it. Count it for metrics. Raises JobHalted."""
    count, wrong = 0, []
    for one in checked:
        going_on(halted)
        count += 1
        if count_checked(service, [one]):
            wrong.append({"name": one.name, "findings": [asdict(finding) for finding in one.findings]})
    return {"checked": count, "wrong": wrong}


def wrong_in(results: Results) -> list[CheckedObject]:
    """Return what is wrong by the results of jobs, each object once, with all that was found."""
    found = dict[str, dict[Finding, None]]()
    for _, result in results:
        for one in result.get("wrong", ()):
            findings = (Finding(**finding) for finding in one["findings"])
            found.setdefault(one["name"], {}).update(dict.fromkeys(findings))
    return [CheckedObject(name, tuple(findings)) for name, findings in found.items()]
