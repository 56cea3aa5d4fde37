"""The child process of a run of a user's spider: ``python -m crawler.userspiders.child LINE MEMORY``.

Its input closes when the worker ends; then the child exits at once, whatever the spider does. It has the whole of
Scrapy's engine, but does not fetch: the worker does, at the other end of the socket LINE.
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import resource
import signal
import sqlite3
import sys
import threading
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from archive.values.parent_death import die_with_parent
from crawler.frontier.failures import FrontierUnwritable, unwritable
from crawler.userspiders.confinement import confine_spider
from crawler.userspiders.ledger import Ledger
from crawler.userspiders.link import Link, end_at_once
from crawler.userspiders.settings import settings_of
from crawler.userspiders.spider_loader import SpiderNotUsable, load_spider

if TYPE_CHECKING:
    from crawler.userspiders.link import OwnCrawler
    from crawler.userspiders.schedule import Schedule

_BEAT = 0.5
_MOST_LOGGED = 200


class _Log(logging.Handler):
    """Warnings and errors, for the log of the run."""

    def __init__(self, link: Link) -> None:
        super().__init__(logging.WARNING)
        self._link, self._left = link, _MOST_LOGGED

    def emit(self, record: logging.LogRecord) -> None:
        if self._left > 0:
            self._left -= 1
            trace = "".join(traceback.format_exception(*record.exc_info))[-4000:] if record.exc_info else None
            facts = {"traceback": trace} if trace else {}
            told = str(record.getMessage())[:2000]
            self._link.event("spider-log", level=record.levelname, logger=record.name, reason=told, **facts)


def main(line: int, memory: int) -> int:
    if memory:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    die_with_parent()
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=False)
    threading.Thread(target=_end_with_worker, daemon=True).start()
    return asyncio.run(_run(line))


def _end_with_worker() -> None:
    while os.read(0, 1024):
        pass
    end_at_once()


async def _run(line: int) -> int:
    link = await Link.over(line)
    order = await link.order()
    try:
        lacking = confine_spider(order) if order.get("confined") else []
        if lacking:
            link.event("spider-not-confined", reason="; ".join(lacking))
        crawler = _crawler(order, link)
        if order.get("check"):
            crawler.spidercls.from_crawler(crawler, **order["arguments"])
            link.report("usable")
        else:
            await _crawl(crawler, order, link)
    except FrontierUnwritable as error:
        _refuse(link, error)
    except Exception as error:
        link.report("unusable", reason=_why(error, order), traceback=traceback.format_exc()[-4000:])
    await link.close()
    return 0


def _crawler(order: dict[str, Any], link: Link) -> OwnCrawler:
    from crawler.userspiders.link import OwnCrawler

    spider = load_spider(order["spider"], Path(order["directory"]))
    crawler = OwnCrawler(spider, settings_of(order, spider.custom_settings))
    crawler.link = link
    if not order.get("check"):
        crawler.ledger = _ledger(Path(order["ledger"]), order["counted"])
        crawler.ledger.refused = partial(_refuse, link)
    else:
        crawler._apply_settings()
    return crawler


def _ledger(path: Path, counted: dict[str, int]) -> Ledger:
    try:
        ledger = Ledger(path)
        ledger.count_from(counted)
        return ledger
    except sqlite3.OperationalError as error:
        raise unwritable(path, error) from error


def _refuse(link: Link, error: FrontierUnwritable) -> None:
    """Tell the worker, which ends this process: what the spider does from now on is not saved."""
    link.report("refused", reason=str(error), lasts=error.lasts)


async def _crawl(crawler: OwnCrawler, order: dict[str, Any], link: Link) -> None:
    from scrapy import signals

    logging.getLogger().addHandler(_Log(link))
    ledger = crawler.ledger
    if ledger.lost:
        link.event("lost", reason=f"{ledger.lost} requests could not be saved and are lost with the process")
    reasons: list[str] = []

    def closed(reason: str) -> None:
        reasons.append(reason)

    crawler.signals.connect(closed, signals.spider_closed)
    tasks: set[asyncio.Task[Any]] = set()

    def close(reason: str) -> None:
        if (engine := crawler.engine) is not None and engine._slot is not None:
            cast("Schedule", engine._slot.scheduler).frozen = True
            tasks.add(asyncio.ensure_future(engine.close_spider_async(reason=reason)))

    tasks.add(asyncio.ensure_future(link.listen(close)))
    tasks.add(asyncio.ensure_future(_beat(link, ledger)))
    await crawler.crawl_async(**order["arguments"])
    if (task := asyncio.current_task()) is not None and task.cancelling():
        raise asyncio.CancelledError  # which Scrapy keeps to itself: sys.exit() of the spider ended the event loop
    link.report(
        "over",
        reason=reasons[-1] if reasons else "",
        stats=_stats(crawler),
        tally=dict(ledger.tally),
        notes={name: ledger.notes[name].decode() for name in ("errors", "start-errors") if name in ledger.notes},
    )
    ledger.close()


def _stats(crawler: OwnCrawler) -> dict[str, Any]:
    return crawler.stats.get_stats() if crawler.stats is not None else {}


async def _beat(link: Link, ledger: Ledger) -> None:
    """Report that the event loop runs, and the state of the run."""
    while True:
        link.report("stands", tally=dict(ledger.tally), waiting=ledger.waiting)
        await asyncio.sleep(_BEAT)


def _why(error: Exception, order: dict[str, Any]) -> str:
    if isinstance(error, SpiderNotUsable):
        return str(error)
    own = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(order["directory"])
    ]
    place = f" ({Path(own[-1].filename).name}:{own[-1].lineno})" if own else ""
    confined = isinstance(error, PermissionError) and order.get("confined")
    hint = "; custom spiders are confined: see worker.confine_spiders" if confined else ""
    return f"the spider {order['spider']} can't be used: {type(error).__name__}: {error}{place}{hint}"


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
