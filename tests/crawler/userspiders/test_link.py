"""A child whose worker is gone ends at once, and writes nothing down: what it had under way is made again."""

from __future__ import annotations

import asyncio
from contextlib import closing, suppress
from pathlib import Path

from crawler.userspiders.ledger import Ledger
from crawler.userspiders.process import SpiderProcess

SPIDER = """
import asyncio, pathlib, scrapy

class Own(scrapy.Spider):
    name = "own"

    async def start(self):
        for number in range(8):
            yield scrapy.Request(f"http://127.0.0.1:9/{number}")
            while number == 3 and not pathlib.Path(__file__).with_name("hung-up").exists():
                await asyncio.sleep(0.01)
"""


def test_requests_of_a_child_whose_line_is_cut_are_made_again(tmp_path: Path) -> None:
    """The line may end before the input of the child does: a page that can't be requested has not failed."""
    (tmp_path / "own.py").write_text(SPIDER)
    order = {
        "spider": "own.py:Own",
        "arguments": {},
        "scrapy": {},
        "identity": "tests",
        "concurrency": 8,
        "retries": 0,
        "timeout": 10.0,
        "directory": str(tmp_path),
        "ledger": str(tmp_path / "run.db"),
        "counted": {},
    }

    async def cut() -> bool:
        process = await SpiderProcess.start(0, tmp_path / "said")
        try:
            process.send(order)
            while (found := await process.next()) is not None and found[0]["kind"] != "ask":
                pass
            process._writer.close()
            (tmp_path / "hung-up").touch()
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 20)
            return process.is_gone
        finally:
            await process.end()

    ended = asyncio.run(cut())

    with closing(Ledger(tmp_path / "run.db")) as ledger:
        assert (ledger.tally["failures"], ledger.tally["over"]) == (0, 0)
        assert ledger.waiting >= 1
    assert ended
