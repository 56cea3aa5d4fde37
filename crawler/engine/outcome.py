"""How a run ended, and why: from what its frontier counted (DESIGN.md, promise 6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict

from archive.values.plural import counted
from crawler.frontier.frontier import Frontier
from crawler.policy.order import Counts, Ending, Outcome
from crawler.policy.rows import SeedFate, State
from crawler.policy.skip_reasons import LISTS, NO_BOARDS, NO_LISTS, dropped_in
from extractor.values.verdict import BARRING

Told = Callable[[str], str | None]

_BLOCKED = ("robots", "401", "403", "429", "451", "blocked", "captcha", "login")
"""How the reasons of URLs begin that were forbidden to us."""
_BY_ROBOTS = ("robots", "host-unreachable")
"""Reasons that say little without what came of robots.txt."""
_FEW = 3
"""Pages that may be kept from us before that says something of the site."""


def ended(
    frontier: Frontier,
    counts: Counts,
    ending: Ending | None,
    reason: str,
    *,
    limit: str | None,
    belongs: Callable[[str], bool],
    robots: Told,
    incomplete: str | None = None,
    slow: str | None = None,
) -> Outcome:
    """The outcome of a run that is over.

    `ending` and `reason` are what ended it before its time, if anything did; `limit` is the limit that it reached;
    `belongs` says whether a URL is of the source; `robots` tells what is known of the robots.txt of a URL's host;
    `incomplete` says which threads were had in part; `slow` which pattern of the scope took too long.
    """
    if ending is None:
        lacks = (slow, _why_partial(frontier, counts, belongs) or incomplete, _drawn(counts.drawn))
        ending, reason = _judge(frontier, counts, limit, lacks) or _nothing_kept(frontier.seeds(), robots)
    return outcome_of(frontier, counts, ending, reason)


def outcome_of(frontier: Frontier, counts: Counts, ending: Ending | None, reason: str) -> Outcome:
    return Outcome(**asdict(counts), outcome=ending or "running", reason=reason, dropped=dropped_in(frontier.tally))


def _judge(
    frontier: Frontier, counts: Counts, limit: str | None, lacks: Sequence[str | None]
) -> tuple[Ending, str] | None:
    """None for a run that kept nothing. `lacks` are reasons why it kept less than it was asked for."""
    tally = frontier.tally
    kept = tally["new"] + tally["unchanged"]
    barred = {kind: n for kind in sorted(BARRING) if (n := tally[f"verdict:{kind}"])}
    if sum(barred.values()) >= max(_FEW, counts.pages):
        told = ", ".join(f"{n} {kind}" for kind, n in barred.items())
        return "blocked", f"got {told} instead of pages; {counts.pages} pages were fetched"
    if kept and limit and counts.queued:
        return "limited", f"{limit}; {counts.queued} URLs were not fetched"
    if kept and any(lacks):
        return "partial", "; ".join(filter(None, lacks))
    cut = f"; {counted(tally['cut-off'], 'response')} too long, truncated" if tally["cut-off"] else ""
    if tally["new"]:
        return "done", f"{counted(counts.pages, 'page')}, {counted(tally['new'], 'new or changed response')}{cut}"
    if kept:
        return "unchanged", f"no changes in {counted(counts.pages, 'page')}{cut}"
    return None


def _drawn(pages: int) -> str | None:
    if not pages:
        return None
    one = "1 page is rendered by scripts: its text is not archived"
    return one if pages == 1 else f"{pages} pages are rendered by scripts: their text is not archived"


def _why_partial(frontier: Frontier, counts: Counts, belongs: Callable[[str], bool]) -> str | None:
    if failed := frontier.tally["failed-pages"]:
        return f"{failed} of {counts.pages + failed} pages could not be fetched"
    if frontier.tally[NO_LISTS] and not frontier.tally[LISTS]:
        return "the seeds are pages, not feeds or sitemaps"
    if frontier.tally[NO_BOARDS] and not frontier.tally[LISTS]:
        return "the seeds contain no forum boards or threads"
    there = _strayed(frontier, belongs)
    return there and f"the seeds redirect to {there}; neither that page nor its links belong to the source"


def _strayed(frontier: Frontier, belongs: Callable[[str], bool]) -> str | None:
    """Where a seed led that is not of the source, when no link belonged to it either: the site may have moved."""
    if not dropped_in(frontier.tally).get("outside") or any(frontier.let_in()):
        return None
    return next((fate.url for fate in frontier.seeds() if fate.state is State.DONE and not belongs(fate.url)), None)


def _has_failed(fate: SeedFate) -> bool:
    """Also when its robots.txt could not be asked for: then it is dropped for that."""
    return fate.state is State.FAILED or (fate.reason or "").startswith(("forbidden address", "host-unreachable"))


def _nothing_kept(seeds: list[SeedFate], robots: Told) -> tuple[Ending, str]:
    """Why nothing was kept is why the seeds were not; of a seed that redirected, its last target counts."""
    fates = [seed for seed in seeds if seed.state is not State.REDIRECTED]
    if not fates:
        return "empty", "the seeds redirect in a loop"
    first = fates[0]
    reason = f"{first.url}: {first.reason or 'nothing was archived'}"
    if first.reason in _BY_ROBOTS and (told := robots(first.url)):
        reason += f" ({told})"
    if len(fates) > 1:
        reason += f", and {len(fates) - 1} more"
    if any(fate.reason and fate.reason.startswith(_BLOCKED) for fate in fates):
        return "blocked", reason
    return ("failed" if any(map(_has_failed, fates)) else "empty"), reason
