"""Perform a check of a run by replay: store its results, and note how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.values.capture import Capture
from crawler.browser.browser import Browser
from crawler.policy.shared import BrowserLimits
from pressmark.service.service import Service
from pressmark.upkeep.qa.check_page import check_page, pages_of
from pressmark.views.review.replay_checks import ReplayCheck, ReplayChecks
from pressmark.views.review.replay_jobs import ReplayJob, ReplayJobs

_SAVE_EVERY = 5.0
"""Seconds between two notes of how far a check is, and of its results."""


class PerformedCheck:
    """A check that this process performs. Pages that were checked since it was requested are not checked again."""

    def __init__(self, service: Service, job: ReplayJob, limits: BrowserLimits) -> None:
        self.job = job
        self._service = service
        self._limits = replace(limits, picture="jpeg")  # it is compared and thrown away: the one that costs least
        self._jobs, self._results = ReplayJobs(service.database), ReplayChecks(service.database)
        self._unsaved: list[ReplayCheck] = []

    def results(self) -> list[ReplayCheck]:
        """Return the results of this check, the worst first. Raises DatabaseUnusable."""
        found = self._results.of_run(self.job.run)
        return [one for one in found if one.checked_at >= self.job.requested_at]

    async def run(self) -> None:
        """Check the pages. Raises BrowserMissing, BeingChecked if another process took it over, DatabaseUnusable."""
        pages = await asyncio.to_thread(self._begin)
        tasks = [asyncio.ensure_future(one) for one in (self._check(pages), self._save_again_and_again())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._save()

    def _begin(self) -> list[Capture]:
        """Return the pages that are left."""
        every = list(pages_of(self._service, self.job.run))
        wanted, done = every[: self.job.limit], {one.record_id for one in self.results()}
        left = [capture for capture in wanted if capture.record_id not in done]
        counts = {"pages": len(wanted), "unchecked": len(every) - len(wanted), "checked": len(wanted) - len(left)}
        self.job = self._jobs.note(self.job, self._service.now(), **counts)
        return left

    async def _check(self, pages: Sequence[Capture]) -> None:
        with TemporaryDirectory(prefix="pressmark-qa-") as directory:
            browser = Browser(Path(directory) / "qa.browser", self._limits)
            try:
                for capture in pages:
                    self._unsaved.append(await check_page(self._service, browser, capture))
            finally:
                await browser.close()

    async def _save_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(_SAVE_EVERY)
            await self._save()

    async def _save(self) -> None:
        taken = list(self._unsaved)
        if taken:
            await asyncio.to_thread(self._results.store, self.job.run, taken)
        checked = self.job.checked + len(taken)
        self.job = await asyncio.to_thread(self._jobs.note, self.job, self._service.now(), checked=checked)
        del self._unsaved[: len(taken)]
