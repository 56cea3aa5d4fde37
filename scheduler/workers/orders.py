"""Turn a run into the order for a crawl: the current description of its source, and the files of the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from archive.shipping.items import items_file
from config.duration import format_size
from config.errors import ConfigError, Problem
from config.groups.permissions import NOTHING, Permissions
from config.load import Sources
from config.source import Source
from config.source_files.run_problems import run_problems
from config.values.source_limits import Keep
from config.values.use import Use
from crawler.policy.order import Order
from scheduler.run import LOOSE, Run, SchedulerError

if TYPE_CHECKING:
    from crawler.wire.signatures import RequestSigner


class Orders:
    """Makes the order of a run from the sources of a home."""

    def __init__(
        self,
        sources: Sources,
        home: Path,
        permissions: Permissions = NOTHING,
        *,
        contact: str | None = None,
        user_agent: str | None = None,
        use: Use | None = None,
        signer: Callable[[Source], RequestSigner | None] = lambda source: None,
    ) -> None:
        """`signer` returns what signs the requests for a source, if anything does; it raises ConfigError."""
        self._permissions = permissions
        self._sources = sources
        self._frontiers = home / "frontiers"
        self._logs = home / "logs" / "runs"
        self._spiders, self._items = home / "spiders", home / "items"
        self._contact = contact
        self._user_agent = user_agent
        self._use = use
        self._signer = signer

    def order(self, run: Run) -> Order:
        """Return the order of a run. Raises UnknownSource when the source no longer exists, ConfigError."""
        for directory in (self._frontiers, self._logs):
            directory.mkdir(parents=True, exist_ok=True)
        source = self._source(run)
        self._check_permitted(source)
        return Order(
            run.id,
            source,
            frontier=self._frontiers / f"{run.id}.db",
            permissions=self._permissions,
            urls=(run.url,) if run.url else (),
            everything=run.everything,
            in_full=run.in_full,
            log=self._logs / f"{run.id}.jsonl",
            contact=self._contact,
            user_agent=self._user_agent,
            use=source.use or self._use,
            signer=self._signer(source),
            spiders=self._spiders,
            items=items_file(self._items, source.keep.collection, run.id),
        )

    def _source(self, run: Run) -> Source:
        if run.source == LOOSE and run.url and not self._is_described(LOOSE):
            return Source(name=LOOSE, seeds=(run.url,), walk="page", keep=Keep(requisites=True))
        return self._sources.refresh(run.source)

    def _check_permitted(self, source: Source) -> None:
        if any(self._permissions.problems(source)):
            described = ((self._sources.file_of(source.name), source),)
            raise SourceRefused(*run_problems(described, self._permissions))

    def _is_described(self, name: str) -> bool:
        """Return whether the source is described in a file.

        This costs a hundred stats at most: most homes don't describe it, and have no file to check.
        """
        self._sources.poll(100)
        return name in self._sources.good


class SourceRefused(ConfigError):
    """A source asks for more than the operator permits."""

    def __init__(self, *errors: ConfigError) -> None:
        super().__init__(Problem(f"the settings refuse the source: {'; '.join(map(str, errors))}"))


class QuotaUsedUp(SchedulerError):
    def __init__(self, source: str, quota: int) -> None:
        super().__init__(f"the quota of {source}, {format_size(quota)}, is used up")


def within_quota(source: Source, received: Callable[[], int]) -> Source:
    """Return the source with its runs limited to the rest of its quota after that many bytes. Raises QuotaUsedUp."""
    quota = source.limits.quota
    if quota is None:
        return source
    left = quota - received()
    if left <= 0:
        raise QuotaUsedUp(source.name, quota)
    limits = source.limits.model_copy(update={"bytes": min(left, source.limits.bytes or left)})
    return source.model_copy(update={"limits": limits})
