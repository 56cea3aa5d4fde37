"""The archive's side of a crawl of a user's Scrapy project: a home, a spool, and a run in the ledger."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from archive.spool.recorder import Receipt
from archive.values.capture import Context
from archive.values.errors import ArchiveError
from archive.values.plural import counted
from crawler.engine.project import RecordingTarget, Tally
from crawler.policy.order import Ending, Outcome
from pressmark.addon.choices import Choices
from pressmark.processes.addon_spools import open_own_works, rescue
from pressmark.service.assembly import open_pressmark
from pressmark.service.keys import announcing_signer
from scheduler.run import StaleEpoch

log = logging.getLogger(__name__)

FAILED = "archive_failed"
"""The reason with which a spider is closed when an exchange could not be written."""
_INDEXED_WITHIN = 30.0
_ENDINGS: dict[str, Ending] = {
    "finished": "done",
    "cancelled": "cancelled",
    "shutdown": "cancelled",
    "start_error": "failed",
    FAILED: "failed",
}


class ArchivedCrawl:
    """One crawl: its recording, and its row in the ledger.

    `beat` and `end` block: do not call them in the event loop.
    """

    def __init__(self, choices: Choices, failed: Callable[[ArchiveError], None], *, robots: bool) -> None:
        """Open the home.

        `failed` gets, in any thread, what could not be written; `robots` says whether robots.txt is obeyed. Raises
        DatabaseUnusable, OSError, and ConfigError for a key that can't sign requests.
        """
        self.tally = Tally()
        self._failed = failed
        told = {"openedForSource": choices.source, "robots": "obey" if robots else "ignore"}
        with ExitStack() as stack:
            self._service = stack.enter_context(open_pressmark(choices.settings))
            stack.callback(rescue, self._service)
            signer = announcing_signer(choices.settings, self._service.database, self._service.now)(None)
            worker, self._parts = stack.enter_context(open_own_works(self._service, lambda _: told))
            self._parts.hearing.append(self._receive)
            self._run = self._service.runs.begin(choices.source, worker, self._parts.epoch)
            self._stack = stack.pop_all()
        context = Context(choices.collection, choices.source, self._run.id, record_auth=choices.record_auth)
        self.kept = RecordingTarget(
            self._parts.recorder,
            context,
            self._parts.spool.now,
            failed,
            signer,
            choices.settings.use,
            self.tally.reserved.append,
        )

    @property
    def run(self) -> str:
        """The id of its run."""
        return self._run.id

    def beat(self) -> str | None:
        """Write the state of the crawl to the ledger; return the reason if its end was requested."""
        try:
            return self._service.runs.seen(self._parts.epoch, {self.run: self.tally.counts()}).get(self.run)
        except Exception as error:  # the crawl continues: its exchanges are archived whatever the ledger says
            log.warning("the run %s could not be reported to the ledger: %s", self.run, error)
            return None

    def end(self, reason: str) -> Exception | None:
        """Seal, index, and ship what was recorded; return the error with which the store refused it, if any.

        `reason` is the one with which Scrapy closed the spider.
        """
        with self._stack:
            self._parts.recorder.seal()
            self._parts.indexer.flush(_INDEXED_WITHIN)
            try:
                self._service.runs.finish(self._run, self._outcome(reason))
            except StaleEpoch as error:
                log.warning("the ledger had already ended the run %s: %s", self.run, error)
        return next(iter(self._parts.unshipped), None)

    def _outcome(self, reason: str) -> Outcome:
        counts, ending, sentence = self.tally.counts(), _ENDINGS.get(reason, "limited"), f"Scrapy closed it: {reason}"
        if self.tally.errors:
            ending, sentence = "failed", str(self.tally.errors[0])
        elif ending == "done" and self.tally.reserved and not counts.pages:
            ending, sentence = "blocked", self._reserved()
        elif ending == "done" and self.tally.unchanged:
            ending = "unchanged"
        return Outcome(
            pages=counts.pages,
            captures=counts.captures,
            revisits=counts.revisits,
            failures=counts.failures,
            bytes=counts.bytes,
            dropped={"reserved": len(self.tally.reserved)} if self.tally.reserved else {},
            outcome=ending,
            reason="" if ending in ("done", "unchanged") else sentence,
        )

    def _reserved(self) -> str:
        reserved = self.tally.reserved
        return f"the site reserves the use of {counted(len(reserved), 'page')} ({reserved[0]})"

    def _receive(self, receipts: Sequence[Receipt]) -> None:
        known = len(self.tally.errors)
        self.tally.count(receipts)
        for error in self.tally.errors[known:]:
            self._failed(error)
