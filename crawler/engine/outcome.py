"""How a run ended and why, derived from the counts of its frontier (DESIGN.md, promise 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from archive.values.plural import counted
from crawler.engine.drawing import NO_BROWSER
from crawler.engine.media import MEDIA_MISSED, NO_MEDIA_TOOL
from crawler.frontier.frontier import Frontier
from crawler.policy.order import Counts, Ending, Outcome
from crawler.policy.rows import SeedFate, State
from crawler.policy.series_gaps import SeriesFates, series_fates
from crawler.policy.skip_reasons import LISTS, NO_BOARDS, NO_LISTS, RESERVED, UNREAD_LISTS, dropped_in
from extractor.values.verdict import BARRING, DRAWN

Told = Callable[[str], str | None]

_BLOCKED = ("robots", RESERVED, "401", "402", "403", "429", "451", "blocked", "captcha", "login")
"""Prefixes of the reasons that mean: the site forbade the URL."""
_SILENT = "host-unreachable"
_BY_ROBOTS = ("robots", _SILENT)
"""Reasons that say little unless the result of robots.txt is added."""
_NO_DOCUMENT = "the site has no document of the series"
_NOT_DUE = "the date of the first document of the series has not come yet"
_FEW = 3
"""More refused pages than this say something about the whole site."""


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
    series: Mapping[str, str] | None = None,
) -> Outcome:
    """Return the outcome of a run that is over.

    `ending` and `reason` say what ended the run early, if anything did; `limit` is the limit that it reached; `belongs`
    returns whether a URL belongs to the source; `robots` describes what is known of the robots.txt of a URL's host;
    `incomplete` says which threads were fetched only in part; `slow` names the pattern of the scope that took too long;
    `series` has the labels of the documents of a series by URL.
    """
    if ending is None:
        unread = (_without_browser(frontier.tally[NO_BROWSER]), _drawn(counts.drawn))
        media = (_without_media_tool(frontier.tally[NO_MEDIA_TOOL]), _media_missed(frontier.tally[MEDIA_MISSED]))
        lacks = (slow, _why_partial(frontier, counts, belongs) or incomplete, *unread, *media)
        judged = _judge(frontier, counts, limit, lacks)
        ending, reason = (
            _of_series(series_fates(frontier.seeds(), series), judged, robots, due=bool(series))
            if series is not None
            else judged or _nothing_kept(frontier.seeds(), robots)
        )
    return outcome_of(frontier, counts, ending, reason)


def counts_of(frontier: Frontier) -> Counts:
    """Return the counts of a run: what it fetched, and what is left to fetch."""
    tally, states = frontier.tally, frontier.states
    return Counts(
        pages=tally["pages"],
        captures=tally["captures"],
        revisits=tally["revisits"],
        failures=tally["failures"],
        bytes=tally["bytes"],
        queued=states[State.PENDING] + states[State.LEASED],
        drawn=tally[f"verdict:{DRAWN}"],
        tasks={state.name.lower(): states[state] for state in State},
        unanswered=tally["unanswered"],
    )


def outcome_of(frontier: Frontier, counts: Counts, ending: Ending | None, reason: str) -> Outcome:
    return Outcome(**asdict(counts), outcome=ending or "running", reason=reason, dropped=dropped_in(frontier.tally))


def _judge(
    frontier: Frontier, counts: Counts, limit: str | None, lacks: Sequence[str | None]
) -> tuple[Ending, str] | None:
    """Return the ending and the reason; None for a run that archived nothing.

    `lacks` are reasons why it archived less than requested.
    """
    tally = frontier.tally
    kept = tally["new"] + tally["unchanged"]
    barred = {kind: n for kind in sorted(BARRING) if (n := tally[f"verdict:{kind}"])}
    if sum(barred.values()) >= max(_FEW, counts.pages):
        told = ", ".join(f"{n} {kind}" for kind, n in barred.items())
        return "blocked", f"the site sent {told} instead of pages; {_were(counts.pages, 'page')} fetched"
    if kept and limit and counts.queued:
        return "limited", f"{limit}; {_were(counts.queued, 'URL')} not fetched"
    if kept and any(lacks):
        return "partial", "; ".join(filter(None, lacks))
    cut = _cut(tally["cut-off"])
    if tally["new"]:
        new = f"{counted(tally['new'], 'new or changed file')} archived"
        return "done", f"{counted(counts.pages, 'page')} fetched, {new}{cut}"
    if kept:
        return "unchanged", f"no changes in {counted(counts.pages, 'page')}{cut}"
    return None


def _cut(responses: int) -> str:
    if not responses:
        return ""
    kept = "its beginning is" if responses == 1 else "their beginnings are"
    return f"; {_were(responses, 'file')} larger than allowed, so only {kept} archived"


def _were(number: int, noun: str) -> str:
    return f"{counted(number, noun)} {'was' if number == 1 else 'were'}"


def _without_browser(pages: int) -> str | None:
    if not pages:
        return None
    theirs = "its" if pages == 1 else "their"
    return f"Pressmark could not start a browser, so {_were(pages, 'page')} archived without what {theirs} scripts add"


def _without_media_tool(pages: int) -> str | None:
    if not pages:
        return None
    return (
        f"yt-dlp is not installed, so Pressmark did not look for the video and audio of {counted(pages, 'page')}; "
        "install it with pip install 'pressmark[media]'"
    )


def _media_missed(number: int) -> str | None:
    return f"{_were(number, 'video or audio file')} found and not archived" if number else None


def _drawn(pages: int) -> str | None:
    if not pages:
        return None
    one = "1 page gets its text from scripts, so the archive does not have this text"
    return one if pages == 1 else f"{pages} pages get their text from scripts, so the archive does not have this text"


def _why_partial(frontier: Frontier, counts: Counts, belongs: Callable[[str], bool]) -> str | None:
    if failed := frontier.tally["failed-pages"]:
        return f"{failed} of {counted(counts.pages + failed, 'page')} could not be fetched"
    if frontier.tally[NO_LISTS] and not frontier.tally[LISTS]:
        return (
            "the start URLs of the source are ordinary pages, not feeds or sitemaps; choose another walk (crawl method)"
        )
    if frontier.tally[NO_BOARDS] and not frontier.tally[LISTS]:
        return "the start URLs of the source show no forum boards or threads; choose another walk (crawl method)"
    if unread := frontier.tally[UNREAD_LISTS]:
        return f"{counted(unread, 'list')} of the site could not be read in full, so pages may be missing"
    there = _redirected_outside(frontier, belongs)
    return there and (
        f"the start URL redirects to {there}, which does not belong to the source, so Pressmark does not "
        "follow the links on that page"
    )


def _redirected_outside(frontier: Frontier, belongs: Callable[[str], bool]) -> str | None:
    """Return where a seed led outside the source, if no link belonged to the source either: the site may have moved."""
    if not dropped_in(frontier.tally).get("outside") or any(frontier.let_in()):
        return None
    return next((fate.url for fate in frontier.seeds() if fate.state is State.DONE and not belongs(fate.url)), None)


def _of_series(fates: SeriesFates, judged: tuple[Ending, str] | None, robots: Told, *, due: bool) -> tuple[Ending, str]:
    """Return the ending and the reason of a run of a series. Documents that are not there yet are no failure.

    `due`: whether the date of any of its documents has come.
    """
    if not due:
        return "empty", _NOT_DUE
    if judged is None and (fates.unknown or not fates.there):
        return _nothing_kept(list(fates.unknown), robots) if fates.unknown else ("empty", _NO_DOCUMENT)
    ending, reason = judged or ("unchanged", fates.nothing_new())
    gaps = fates.sentence()
    return ending, f"{reason}; {gaps}" if gaps else reason


def _has_failed(fate: SeedFate) -> bool:
    """Return whether a seed failed. A seed dropped because its robots.txt could not be fetched counts, too."""
    return fate.state is State.FAILED or (fate.reason or "").startswith(("forbidden address", "host-unreachable"))


def _nothing_kept(seeds: list[SeedFate], robots: Told) -> tuple[Ending, str]:
    """Return why nothing was archived: the reason of the seeds. For a seed that redirected, its last target counts."""
    fates = [seed for seed in seeds if seed.state is not State.REDIRECTED]
    if not fates:
        return "empty", "the start URLs of the source redirect to each other without end"
    first = fates[0]
    unreachable = f"the server of {first.url} can't be reached"
    reason = unreachable if first.reason == _SILENT else f"{first.url}: {first.reason or 'nothing was archived'}"
    if first.reason in _BY_ROBOTS and (told := robots(first.url)):
        reason += f" ({told})"
    if len(fates) > 1:
        reason += f", and {len(fates) - 1} more"
    if any(fate.reason and fate.reason.startswith(_BLOCKED) for fate in fates):
        return "blocked", reason
    return ("failed" if any(map(_has_failed, fates)) else "empty"), reason
