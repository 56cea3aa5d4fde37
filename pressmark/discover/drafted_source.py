"""From a URL to the text of a source's file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archive.values.counters import Figures
from archive.values.urlkey import urlkey
from config.errors import ConfigError, Problem
from config.settings import Settings
from config.source import PRODUCT, Source
from config.values.series import with_bounds
from pressmark.discover.draft import draft
from pressmark.discover.forecast import from_now_on
from pressmark.discover.inspect import SiteInspection, inspect_series, inspect_site, start_of
from pressmark.discover.propose import Proposal, ProposalOptions, check_wish, propose
from pressmark.discover.social_feeds import feed_address
from pressmark.discover.visit import visitor_for


@dataclass(frozen=True, slots=True)
class DraftedSource:
    """What was found, what is proposed, and the text of the file."""

    seen: SiteInspection
    proposal: Proposal
    text: str
    already: tuple[str, ...] = ()
    """The sources that begin at the same URL."""


async def inspect_and_propose(
    url: str,
    wish: ProposalOptions,
    *,
    settings: Settings,
    known: Mapping[str, Source],
    now: Callable[[], datetime],
    figures: Figures,
) -> DraftedSource:
    """Inspect a site and draft its source. Raises ConfigError, UnfitUrl, SiteUnreachable, AddressForbidden."""
    agent = user_agent(settings)
    given = _bounds(wish)
    series = _series(url, given, now())
    if series is not None:
        wish = replace(wish, walk="series", keys={**wish.keys, "series": series})
    start = url if series is not None else start_of(feed_address(url, settings.social))
    wished = check_wish(start, wish, list(known))
    visitor = visitor_for(wished, settings, agent, figures, now)
    try:
        due = wished.urls_on(now().date()) if series is not None else ()
        seen = await inspect_series(start, due, visitor) if series is not None else await inspect_site(start, visitor)
    finally:
        await visitor.close()
    proposal = propose(seen, wish, user_agent=agent, taken=list(known))
    if series is not None and "first" not in given:
        proposal = replace(proposal, kept=from_now_on(series["first"]))
    already = tuple(sources_at((seen.url, *proposal.source.seeds), known.values()))
    return DraftedSource(seen, proposal, draft(proposal, seen, at=now()), already)


def _bounds(wish: ProposalOptions) -> Mapping[str, Any]:
    """Return what the person says of a series."""
    given = wish.keys.get("series")
    return given if isinstance(given, Mapping) else {}


def _series(url: str, given: Mapping[str, Any], today: datetime) -> dict[str, Any] | None:
    """Return the key `series` for a URL with places; None for any other. Raises ConfigError."""
    try:
        return with_bounds(url, given, today.date())
    except ValueError as error:
        raise ConfigError(
            Problem(
                str(error), key="series", suggestion="write --first 1 --last 40, or fill in both fields of the page"
            )
        ) from None


def sources_at(urls: Iterable[str], sources: Iterable[Source]) -> Iterator[str]:
    """Yield the names of sources that have one of these URLs, in any spelling, as a seed."""
    keys = set(map(urlkey, urls))
    return (source.name for source in sources if not keys.isdisjoint(map(urlkey, source.seeds)))


def user_agent(settings: Settings) -> str:
    """Return our User-Agent for a site that has no source yet."""
    return settings.user_agent or (f"{PRODUCT} (+{settings.contact})" if settings.contact else PRODUCT)
