"""The pages of a run that `fetch: auto` draws, and what the run learns of their URL patterns."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from archive.index.pages import FetchPattern
from archive.values.errors import DatabaseUnreachable
from crawler.policy.backoff import forgone
from crawler.policy.fetch_choice import MOST_PATTERNS, Choice, choose, learnt, passed, pattern_of
from crawler.policy.shared import Parts
from crawler.run.run_log import RunLog
from extractor.links.wordiness import has_more_text_than
from extractor.values.verdict import DRAWN, Verdict

_log = logging.getLogger(__name__)
_MUCH = 600
"""Characters of a document from which on the browser brought text to a page that had little."""
_NOT_DRAWN = Choice(False, "")


class FetchChoices:
    """The patterns of one source. Without a memory, those that the run itself learns."""

    def __init__(self, source: str, parts: Parts, log: RunLog) -> None:
        self._source, self._parts, self._run_log = source, parts, log
        self._known: dict[str, FetchPattern] | None = None
        self._changed: set[str] = set()
        self._not_drawn: dict[str, str] = {}

    def choose(self, url: str, verdict: Verdict | None, body: bytes) -> Choice:
        """Decide whether a page is drawn, and note it. What goes wrong here costs no page: its own answer decides."""
        with suppress(DatabaseUnreachable), forgone(_log, "%s has no URL pattern", url):
            return self._chosen(url, verdict, body)
        is_shell = verdict is not None and verdict.kind == DRAWN
        return Choice(is_shell, verdict.why if verdict is not None and is_shell else "")

    def _chosen(self, url: str, verdict: Verdict | None, body: bytes) -> Choice:
        if verdict is None and not self._patterns():
            return _NOT_DRAWN
        pattern = pattern_of(url)
        known = self._patterns().get(pattern)
        choice = choose(verdict, body, known, self._parts.now())
        if choice is None:
            return _NOT_DRAWN
        if not choice.draw and known is not None:
            self._set(passed(known))
            self._not_drawn.setdefault(pattern, choice.reason)
        return choice

    def note(self, url: str, before: Verdict | None, after: Verdict | None, document: str) -> None:
        """Learn from a page that was drawn: its verdicts before and after, and its document."""
        with suppress(DatabaseUnreachable), forgone(_log, "nothing was learnt from %s", url):
            self._note(url, before, after, document)

    def _note(self, url: str, before: Verdict | None, after: Verdict | None, document: str) -> None:
        if after is not None and not after.is_page:
            return  # a login, or a block, says nothing of the pages like it
        is_shell = after is not None and after.kind == DRAWN
        gained = not is_shell and (before is not None or has_more_text_than(document.encode("utf-8", "replace"), _MUCH))
        pattern = pattern_of(url)
        known = self._patterns().get(pattern)
        if known is not None or len(self._patterns()) < MOST_PATTERNS:
            self._set(learnt(known, pattern, gained=gained, now=self._parts.now()))

    async def save(self) -> None:
        """Save what was learnt. A database that refuses only costs the browser's time in the next run."""
        for pattern, reason in self._not_drawn.items():
            self._run_log.event("browser-not-needed", pattern=pattern, reason=reason)
        changed, self._changed, self._not_drawn = self._changed, set(), {}
        if self._parts.memory is not None and changed:
            states = [self._patterns()[pattern] for pattern in changed]
            with suppress(DatabaseUnreachable), forgone(_log, "%d URL patterns could not be written", len(states)):
                await asyncio.to_thread(self._parts.memory.store_patterns, self._source, states)

    def _set(self, known: FetchPattern) -> None:
        self._patterns()[known.pattern] = known
        self._changed.add(known.pattern)

    def _patterns(self) -> dict[str, FetchPattern]:
        if self._known is None:
            self._known = {}
            if self._parts.memory is not None:
                with suppress(DatabaseUnreachable), forgone(_log, "the URL patterns could not be read"):
                    self._known = dict(self._parts.memory.patterns(self._source))
        return self._known
