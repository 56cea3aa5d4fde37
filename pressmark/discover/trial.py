"""A test fetch: one page of a future source, read as a run would read it. Nothing is archived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.values.counters import Figures
from config.settings import Settings
from crawler.policy.robots import Rules, product
from crawler.wire.guard import AddressForbidden
from extractor.html.page import Page
from extractor.links.links import hrefs
from pressmark.discover.propose import Proposal
from pressmark.discover.visit import SiteUnreachable, VisitedPage, visitor_for
from pressmark.service.readers import reader_of

_EXCERPT = 1200


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of a test fetch."""

    url: str
    allowed: bool
    """Whether robots.txt allows it; a forbidden page is not fetched."""
    verdict: str
    """What robots.txt says, in a sentence."""
    problem: str | None = None
    """Why there is no page."""
    status: int | None = None
    content_type: str | None = None
    octets: int = 0
    links: int = 0
    title: str | None = None
    text: str | None = None
    """The beginning of the extracted text."""
    unread: str | None = None
    """Why there is no text."""


async def fetch_trial(
    proposal: Proposal,
    robots: Rules,
    settings: Settings,
    user_agent: str,
    figures: Figures,
    *,
    now: Callable[[], datetime],
) -> Trial:
    """Fetch the first page of a first run that is not a seed, or else the seed."""
    source = proposal.source
    url = next((url for url in proposal.first if url not in source.seeds), source.seeds[0])
    if not robots.allow(url, product(user_agent)):
        return Trial(url, allowed=False, verdict=robots.reason)
    visitor = visitor_for(source, settings, user_agent, figures, now)
    try:
        visited = await visitor.visit(url)
    except (SiteUnreachable, AddressForbidden) as error:
        return Trial(url, allowed=True, verdict=robots.reason, problem=str(error))
    finally:
        await visitor.close()
    return await _read(visited, robots, settings)


async def _read(visited: VisitedPage, robots: Rules, settings: Settings) -> Trial:
    import asyncio

    title, text, unread = await asyncio.to_thread(_text_of, visited, settings)
    return Trial(
        url=visited.url,
        allowed=True,
        verdict=robots.reason,
        status=visited.status,
        content_type=visited.content_type,
        octets=len(visited.body),
        links=len(hrefs(visited.body, visited.url)) if visited.is_html else 0,
        title=title,
        text=text[:_EXCERPT] if text else None,
        unread=unread,
    )


def _text_of(visited: VisitedPage, settings: Settings) -> Sequence[str | None]:
    """Return title, text, and why there is none. A child process reads the page, as all foreign content."""
    with reader_of(settings) as reader:
        result = reader.read(Page(visited.url, visited.body, visited.content_type))
    if result.text is None:
        return None, None, result.reason
    return result.text.title, result.text.text, None
