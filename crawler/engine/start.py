"""What a run starts with, besides its seeds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from archive.index.pages import UnfetchedUrl
from crawler.frontier.admission import Admission
from crawler.frontier.frontier import Frontier
from crawler.policy.rows import Role, Row
from crawler.policy.scope import Scope
from crawler.policy.slices import SLICE, slices

_TAKEN_UP = "taken-up"
"""The count that says, also to a later process of the run, that all pages left by earlier runs are in the frontier."""


async def drop_outside(frontier: Frontier, scope: Scope) -> None:
    """Resume an interrupted run: drop the URLs that no longer belong to the source, whose file may have changed."""
    scope.recall(frontier.led())
    last = 0
    while rows := frontier.pending(last, SLICE):
        frontier.drop({row.id: why for row in rows if (why := _why_outside(scope, row))})
        last = rows[-1].id
        await asyncio.sleep(0)


def _why_outside(scope: Scope, row: Row) -> str | None:
    """Return why a URL does not belong. Sitemaps may lie anywhere, and so may the target of a seed's redirect."""
    if row.role == Role.SITEMAP or (row.seed and row.hops):
        return None
    return scope.why_outside(row.url, requisite=row.role == Role.REQUISITE)


async def restore_urls(frontier: Frontier, admission: Admission, unfetched: Sequence[UnfetchedUrl]) -> None:
    """Take up the URLs that a resumed run had let in before, and the pages that earlier runs left.

    Works in slices, between which other runs get their turn.
    """
    for urls in slices(frontier.let_in()):
        admission.readmit(urls)
        await asyncio.sleep(0)
    for left in slices(unfetched):
        there = frontier.seen([one.url for one in left])
        frontier.add(admission.left(one for one in left if one.url not in there))
        await asyncio.sleep(0)
    frontier.tally[_TAKEN_UP] = 1


def has_restored_urls(frontier: Frontier) -> bool:
    """Return whether the frontier holds all pages left to fetch, so that its list may replace the stored one."""
    return _TAKEN_UP in frontier.tally
