"""How much a run has of what the site itself lists in its feeds, sitemaps, section pages and boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from crawler.frontier.frontier import Frontier
from crawler.policy.rows import State
from crawler.policy.skip_reasons import dropped_in
from crawler.policy.thread_pages import Incomplete, incomplete

HAD, KNOWN = "had", "known"
"""Fates of items that are not missing: fetched in this run, or archived before and not requested."""
_MOST_REASONS = _MOST_THREADS = 50


@dataclass(frozen=True, slots=True)
class Missing:
    """Listed items that are missing for one reason."""

    count: int
    example: str | None = None
    """The URL of one of them; None where only their number is known."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """The items that the lists named in one run, and their fates."""

    listed: int
    """Each item counts once, however many addresses it has."""
    had: int
    known: int
    missing: Mapping[str, Missing] = field(default_factory=dict)
    """By reason, the most frequent first."""
    incomplete: Sequence[Incomplete] = ()
    """The first threads that lack some of their pages."""
    incomplete_threads: int = 0
    """The number of all such threads."""

    def as_json(self) -> dict[str, Any]:
        """Return the stored form. It has no entry for threads if none is incomplete."""
        facts = asdict(self)
        return facts if self.incomplete else {name: facts[name] for name in ("listed", "had", "known", "missing")}

    def why_partial(self) -> str | None:
        """Return which pages of threads are missing, as a sentence; None when none is."""
        if not self.incomplete:
            return None
        first = self.incomplete[0]
        pages = f"page {first.missing}" if first.missing.isdecimal() else f"pages {first.missing}"
        if self.incomplete_threads == 1:
            verb = "is" if first.missing.isdecimal() else "are"
            return f"{pages} of the forum thread {first.url} {verb} missing from this run"
        threads = f"{self.incomplete_threads} forum threads"
        return f"pages of {threads} are missing from this run, such as {pages} of {first.url}"


async def completeness(frontier: Frontier) -> Completeness:
    """Compute the completeness of a run that is over.

    Items outside the scope of the source count as missing, with that as the reason.
    """
    fates = await frontier.items()
    missing = {reason: Missing(count, url) for reason, (count, url) in fates.items() if reason not in (HAD, KNOWN)}
    of_rows = await frontier.reasons(State.DROPPED)
    for reason, count in dropped_in(frontier.tally).items():
        if reason not in of_rows and count:
            missing[reason] = Missing(count)
    had, known = fates.get(HAD, (0, ""))[0], fates.get(KNOWN, (0, ""))[0]
    ordered = sorted(missing.items(), key=lambda item: (-item[1].count, item[0]))[:_MOST_REASONS]
    partly = incomplete(await frontier.thread_pages())
    listed = had + known + sum(each.count for each in missing.values())
    return Completeness(listed, had, known, dict(ordered), tuple(partly[:_MOST_THREADS]), len(partly))
