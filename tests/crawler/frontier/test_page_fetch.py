"""A fetch is written when each of its exchanges is on disk, or could not be written."""

from __future__ import annotations

import asyncio

import pytest

from archive.spool.entry import Receipt
from archive.values.capture import Context
from archive.values.errors import WriteFailed
from crawler.engine.receipts import FetchReceipts
from crawler.frontier.page_fetch import Fetch


def fetch(recorded: int) -> Fetch:
    context = Context(collection="", source="", run="")
    return Fetch(FetchReceipts(), "h", context, lambda fetch, outcome: None, recorded=recorded)


@pytest.mark.parametrize("error", [None, WriteFailed("no space")])
def test_a_fetch_is_waited_for_until_its_last_exchange_is_acknowledged(error: WriteFailed | None) -> None:
    async def states() -> list[bool]:
        one = fetch(2)
        waiting = asyncio.ensure_future(one.written())
        found = []
        for receipt in (Receipt(one, None, None), Receipt(one, None, error)):
            await asyncio.sleep(0)
            found.append(waiting.done())
            one.acknowledge(receipt)
        await asyncio.wait_for(waiting, 10)
        await asyncio.wait_for(one.written(), 10)
        assert one.error is error
        return found

    assert asyncio.run(states()) == [False, False]


def test_a_fetch_without_exchanges_is_not_waited_for() -> None:
    asyncio.run(asyncio.wait_for(fetch(0).written(), 10))
