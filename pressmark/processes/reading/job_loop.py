"""A loop that takes one job after another, of those that all services share."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from socket import gethostname
from typing import ClassVar, Generic, NamedTuple, Protocol, TypeVar

from archive.values.activity import Activity
from archive.values.errors import ArchiveError, DatabaseUnusable, StoreUnreachable
from pressmark.processes.retrying_loop import RetryingLoop, sentence_of
from pressmark.service.service import Service

_LOOK_EVERY = 1.0
"""Seconds until the next look when there is no job."""

J = TypeVar("J")


class Jobs(Protocol[J]):
    """Where the jobs are."""

    def claim(self, name: str, /) -> J | None:
        """Take the next job; None if there is none."""

    def give_back(self, job: J, problem: str | None = None) -> None:
        """Leave a job to others: at once, or after a failure later."""


class Said(NamedTuple):
    """What the log says of a job."""

    done: str
    failed: str
    late: str
    """Another process has it now."""


class JobLoop(RetryingLoop, Generic[J]):
    """Does one job after another. A failure of a job is its own: the next one may succeed."""

    said: ClassVar[Said]
    late: ClassVar[type[Exception]]
    """What the work raises when another process has taken the job."""
    halted: ClassVar[type[Exception]]
    """What it raises when this process is being stopped."""

    def __init__(self, service: Service, jobs: Jobs[J], name: str) -> None:
        """`name` is a noun with its article, for the supervisor."""
        super().__init__(longest=60)
        self._jobs = jobs
        self._name = f"{service.settings.worker.name} on {gethostname()}"
        self.activity = Activity(name)

    @abstractmethod
    def work(self, job: J) -> Mapping[str, object]:
        """Do a job, and finish it. Return what the log says of its result."""

    @abstractmethod
    def doing(self, job: J) -> str:
        """Describe a job, to follow "while it"."""

    @abstractmethod
    def facts(self, job: J) -> Mapping[str, object]:
        """Return which job it is, for the log."""

    def turn(self) -> float:
        job = self._jobs.claim(self._name)
        if job is None:
            return _LOOK_EVERY
        log = logging.getLogger(type(self).__module__)
        try:
            result = self.activity.doing(self.doing(job), partial(self.work, job))
        except self.late as error:
            log.warning(self.said.late, extra={"reason": str(error)})
            raise
        except (self.halted, StoreUnreachable):
            with suppress(ArchiveError):  # without the database, its lease ends
                self._jobs.give_back(job)
            raise
        except DatabaseUnusable:
            raise
        except Exception as error:
            facts = {**self.facts(job), "reason": sentence_of(error)}
            log.warning(self.said.failed, extra=facts, exc_info=not isinstance(error, ArchiveError))
            self._jobs.give_back(job, sentence_of(error))
            return 0.0
        log.info(self.said.done, extra={**self.facts(job), **result})
        return 0.0
