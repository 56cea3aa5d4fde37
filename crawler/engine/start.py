"""What a run begins with, besides its seeds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from archive.index.pages import Owed
from crawler.frontier.admission import Admission
from crawler.frontier.frontier import Frontier
from crawler.policy.rows import Role, Row
from crawler.policy.scope import Scope
from crawler.policy.slices import SLICE, slices

_TAKEN_UP = "taken-up"
"""The count that says, also to a later process of the run, that nothing is missing of what an earlier run left."""


async def go_on(frontier: Frontier, scope: Scope) -> None:
    """Of a run that was interrupted: drop what is not of the source any more, whose file may have changed since."""
    scope.recall(frontier.led())
    last = 0
    while rows := frontier.pending(last, SLICE):
        frontier.drop({row.id: why for row in rows if (why := _bars(scope, row))})
        last = rows[-1].id
        await asyncio.sleep(0)


def _bars(scope: Scope, row: Row) -> str | None:
    """Sitemaps may lie anywhere, and so may what a seed redirects to."""
    if row.role == Role.SITEMAP or (row.seed and row.hops):
        return None
    return scope.bars(row.url, requisite=row.role == Role.REQUISITE)


async def take_up(frontier: Frontier, admission: Admission, owed: Sequence[Owed]) -> None:
    """What a run that goes on had let in before, and what an earlier run left.

    In slices, between which other runs have their turn.
    """
    for urls in slices(frontier.let_in()):
        admission.go_on(urls)
        await asyncio.sleep(0)
    for left in slices(owed):
        there = frontier.seen([one.url for one in left])
        frontier.add(admission.left(one for one in left if one.url not in there))
        await asyncio.sleep(0)
    frontier.tally[_TAKEN_UP] = 1


def has_taken_up(frontier: Frontier) -> bool:
    """Whether what the frontier has still to fetch is all that is left, and may stand in the place of what was."""
    return _TAKEN_UP in frontier.tally
