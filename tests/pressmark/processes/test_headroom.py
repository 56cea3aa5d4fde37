"""The free space of a worker's spool, and its memory."""

from __future__ import annotations

import asyncio
import errno
import resource
from dataclasses import dataclass, field
from typing import Any

from services.waiting import until

from pressmark.processes.headroom import Headroom


@dataclass
class Spool:
    """A spool whose state a test sets."""

    now: Any = "ok"

    def state(self) -> str:
        if isinstance(self.now, Exception):
            raise self.now
        return str(self.now)

    def pressure(self) -> str:
        return "there is no room"


@dataclass
class Crawls:
    told: list[str] = field(default_factory=list)

    def pause(self, reason: str) -> None:
        self.told.append(reason)

    def resume(self) -> None:
        self.told.append("go on")


def test_crawls_pause_while_the_spool_is_full_and_continue_then() -> None:
    spool, crawls = Spool("stop"), Crawls()

    async def live() -> None:
        looking = asyncio.create_task(Headroom(spool, crawls, limit=1 << 40, stop=list).run())
        await until(lambda: crawls.told)
        spool.now = "ok"
        await until(lambda: len(crawls.told) == 2)
        looking.cancel()

    asyncio.run(live())
    assert crawls.told == ["there is no room", "go on"]


def test_the_space_of_a_process_without_file_descriptors_is_still_watched() -> None:
    spool, crawls = Spool("stop"), Crawls()

    async def live() -> None:
        looking = asyncio.create_task(Headroom(spool, crawls, limit=1 << 40, stop=list).run())
        await until(lambda: crawls.told)
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
        try:
            spool.now = "ok"
            await until(lambda: len(crawls.told) == 2 or looking.done())
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        looking.cancel()

    asyncio.run(live())
    assert crawls.told == ["there is no room", "go on"]


def test_an_exception_in_a_check_is_an_error_of_the_task() -> None:
    looking = Headroom(Spool(OSError(errno.EIO, "broken")), Crawls(), limit=1 << 40, stop=list)

    async def live() -> BaseException | None:
        [error] = await asyncio.gather(looking.run(), return_exceptions=True)
        return error

    assert isinstance(asyncio.run(live()), OSError)
