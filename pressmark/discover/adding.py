"""From a URL to the text of a source's file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network

from archive.values.counters import Figures
from config.settings import Settings
from config.source import PRODUCT
from pressmark.discover.draft import draft
from pressmark.discover.inspect import Look, look, start_of
from pressmark.discover.propose import Proposal, Wish, check_wish, propose
from pressmark.discover.visit import Visitor


@dataclass(frozen=True, slots=True)
class Found:
    """What was seen, what is proposed, and the text of the file."""

    seen: Look
    proposal: Proposal
    text: str


async def look_and_propose(
    url: str, wish: Wish, *, settings: Settings, taken: Sequence[str], at: datetime, figures: Figures
) -> Found:
    """Look at a site and draft its source. Raises ConfigError, UnfitUrl, SiteUnreachable, AddressForbidden."""
    agent = user_agent(settings)
    start = start_of(url)
    check_wish(start, wish, taken)
    networks = [ip_network(network) for network in wish.addresses]
    visitor = Visitor(agent, allow=networks, ports=wish.ports, figures=figures)
    try:
        seen = await look(start, visitor)
    finally:
        await visitor.close()
    proposal = propose(seen, wish, user_agent=agent, taken=taken)
    return Found(seen, proposal, draft(proposal, seen, at=at))


def user_agent(settings: Settings) -> str:
    """How we call ourselves to a site that is no source yet."""
    return settings.user_agent or (f"{PRODUCT} (+{settings.contact})" if settings.contact else PRODUCT)
