"""Inspect a local site and propose a source for it."""

from __future__ import annotations

import asyncio

from pressmark.discover.inspect import SiteInspection, inspect_site
from pressmark.discover.propose import Proposal, ProposalOptions, propose
from pressmark.discover.visit import Visitor

AGENT = "Pressmark/0.2"
LOOPBACK = ("127.0.0.0/8",)
RSS = (
    "<rss version='{}'><channel><title>News</title><link>/</link>"
    "<item><title>One</title><link>/one</link></item></channel></rss>"
)


def look_at(url: str, *, allowed: bool = True) -> SiteInspection:
    from ipaddress import ip_network

    async def looking() -> SiteInspection:
        visitor = Visitor(AGENT, allow=[ip_network(network) for network in LOOPBACK] if allowed else ())
        try:
            return await inspect_site(url, visitor)
        finally:
            await visitor.close()

    return asyncio.run(looking())


def proposed(seen: SiteInspection, wish: ProposalOptions | None = None) -> Proposal:
    return propose(seen, wish or ProposalOptions(addresses=LOOPBACK), user_agent=AGENT)
