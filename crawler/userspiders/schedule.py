"""Scrapy's scheduler for a user's spider: every request and item goes through the ledger of the run."""

from __future__ import annotations

import hashlib
import json
import pickle
import traceback
from typing import TYPE_CHECKING, Any, cast

from itemadapter import ItemAdapter, is_item
from scrapy import Request, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.utils.request import request_from_dict
from scrapy.utils.serialize import ScrapyJSONEncoder

from crawler.userspiders.ledger import COUNTED, RECORDS, PendingOutput, Planned

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

    from crawler.userspiders.link import OwnCrawler

ROW = "_pressmark_row"
"""In request.meta: the number of the request in the ledger, or of the one that it came from."""
_MOST_AT_HAND = 10_000


class _InProgress(set[Request]):
    """The requests that the engine has in progress; it reports when one is over, with all its items."""

    def __init__(self, schedule: Schedule) -> None:
        super().__init__()
        self._schedule = schedule

    def remove(self, request: Request) -> None:
        super().remove(request)
        self._schedule.over(request)


class Schedule(BaseScheduler):
    """The setting SCHEDULER of all runs of users' spiders. The crawler has its `ledger` and its `link`."""

    def __init__(self, crawler: Crawler) -> None:
        own = cast("OwnCrawler", crawler)
        self._crawler, self._ledger, self._link = crawler, own.ledger, own.link
        self._held: dict[int, PendingOutput] = {}
        self._leased: dict[Request, int] = {}
        self._at_hand: dict[int, Request] = {}
        self._asked_for: dict[bytes, None] = {}
        self.frozen = False
        """Whether the run is being ended from outside: a request cut off by that has not failed, and is not over."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Schedule:
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        self._spider = spider
        engine = self._crawler.engine
        if engine is not None and engine._slot is not None:
            engine._slot.inprogress = _InProgress(self)
            self._mark_output(engine.scraper)
        connect = self._crawler.signals.connect
        connect(self._scraped, signals.item_scraped)
        connect(self._item_error, signals.item_error)
        connect(self._spider_error, signals.spider_error)

    @staticmethod
    def _mark_output(scraper: Any) -> None:
        """Mark each request that a callback or an errback yields with the request that it came from.

        A spider middleware would not see what errbacks yield.
        """
        process = scraper._process_spidermw_output_async

        async def marked(output: Any, response: Any) -> None:
            asked = getattr(response, "request", None)
            if isinstance(output, Request) and asked is not None and ROW in asked.meta:
                output.meta[ROW] = asked.meta[ROW]
            await process(output, response)

        scraper._process_spidermw_output_async = marked

    def has_pending_requests(self) -> bool:
        return self._ledger.waiting > 0 and not self.frozen

    def enqueue_request(self, request: Request) -> bool:
        row = request.meta.pop(ROW, None)
        request.meta.pop(RECORDS, None)
        request.meta.pop(COUNTED, None)
        fingerprint = self._crawler.request_fingerprinter.fingerprint(request)
        started = b"request" + fingerprint if row is None else None
        if started is not None and self._ledger.had_started(started):
            return True
        if not request.dont_filter and (fingerprint in self._asked_for or self._ledger.seen(fingerprint)):
            self._crawler.stats.inc_value("dupefilter/filtered")
            return False
        planned = self._planned(request, fingerprint, row)
        if row in self._held:
            if planned.fingerprint:
                self._asked_for[fingerprint] = None  # until it is saved
            self._held[row].requests.append(planned)
        else:
            self._ledger.write(PendingOutput([planned]), started=started)
        self._crawler.stats.inc_value("scheduler/enqueued")
        return True

    def next_request(self) -> Request | None:
        if self.frozen or (planned := self._ledger.lease()) is None:
            return None
        request = self._at_hand.pop(planned.id, None)
        if request is None:
            request = request_from_dict(pickle.loads(planned.request or b""), spider=self._spider)  # noqa: S301 - our own file
        request.meta[ROW] = planned.id
        self._held[planned.id] = PendingOutput()
        self._leased[request] = planned.id
        self._crawler.stats.inc_value("scheduler/dequeued")
        return request

    def over(self, request: Request) -> None:
        """Save everything that a request yielded, with its end."""
        row = self._leased.pop(request, None)
        if row is None:  # a callback or a pipeline downloaded it past the schedule
            self._ledger.count(request.meta.get(COUNTED, {}))
            self._ledger.write(PendingOutput())
            return
        if self.frozen and RECORDS not in request.meta:
            return
        held = self._held.pop(row)
        if RECORDS not in request.meta and not held.requests and not held.items:
            self._ledger.tally["failures"] += 1
        self._ledger.count(request.meta.get(COUNTED, {}))
        self._ledger.write(held, over=row)
        for planned in held.requests:
            self._asked_for.pop(planned.fingerprint or b"", None)

    def _planned(self, request: Request, fingerprint: bytes, row: int | None) -> Planned:
        """Plan a request that was made by the callback of the request `row`; None if by `start`."""
        self._ledger.last += 1
        number, start = self._ledger.last, row is None
        packed = self._packed(request, row)
        if packed is None or len(self._at_hand) < _MOST_AT_HAND:
            self._at_hand[number] = request
        # Requests of callbacks go first, the latest first; then those of `start`, in its order: as in Scrapy.
        return Planned(
            number, request.priority, -number if start else number, packed, None if request.dont_filter else fingerprint
        )

    def _packed(self, request: Request, row: int | None) -> bytes | None:
        try:
            return pickle.dumps(request.to_dict(spider=self._spider), protocol=4)
        except Exception as error:  # whatever a user's object raises
            self._ledger.tally["unpicklable"] += 1
            self._link.event(
                "unserialisable",
                url=request.url,
                reason=f"{type(self._spider).__name__}{self._line_of(request, row)}: a request can't be saved and "
                f"would be lost if the worker died: {type(error).__name__}: {error}",
            )
            return None

    def _line_of(self, request: Request, row: int | None) -> str:
        """Return the line of a callback that is not a method of the spider, or of what made the request."""
        for call in (request.callback, request.errback):
            if call is not None and getattr(call, "__self__", None) is not self._spider:
                return _place_of(call)
        if row is None:
            return _place_of(self._spider.start)
        maker = next((one for one, leased in self._leased.items() if leased == row), None)
        return _place_of((maker and maker.callback) or self._spider.parse)

    def _scraped(self, item: Any, response: Any) -> None:
        request = getattr(response, "request", None)
        row = request.meta.get(ROW) if request is not None else None
        records = request.meta.get(RECORDS, []) if request is not None else []
        packed = self._as_json(item, getattr(response, "url", None) or getattr(request, "url", None), records)
        if packed is None:
            return
        if row in self._held:
            self._held[row].items.append(packed)
            return
        digest = b"item" + hashlib.sha256(packed.encode()).digest() if row is None else None
        if digest is None or not self._ledger.had_started(digest):
            self._ledger.write(PendingOutput([], [packed]), started=digest)

    def _as_json(self, item: Any, url: str | None, records: list[str]) -> str | None:
        try:
            if not is_item(item):
                raise TypeError(f"a {type(item).__name__} is not an item")
            saved = {"item": ItemAdapter(item).asdict(), "url": url, "records": records}
            return json.dumps(saved, ensure_ascii=False, cls=ScrapyJSONEncoder)
        except Exception as error:  # whatever a user's object raises
            self._ledger.tally["unkept"] += 1
            self._link.event("item-not-kept", url=url, reason=f"{type(error).__name__}: {error}: {item!r:.200}")
            return None

    def _item_error(self, item: Any, failure: Any) -> None:
        self._ledger.tally["item-errors"] += 1
        self._link.event("item-error", reason=_with_place(failure.value), traceback=failure.getTraceback()[-4000:])

    def _spider_error(self, failure: Any, response: Any) -> None:
        name = "errors" if response is not None else "start-errors"
        self._ledger.tally[name] += 1
        reason, url = _with_place(failure.value), getattr(response, "url", None)
        self._ledger.note(name, reason.encode())
        self._link.event("spider-error", url=url, reason=reason, traceback=failure.getTraceback()[-4000:])


def _with_place(error: BaseException) -> str:
    """Format an exception with its place in the user's code."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"


def _place_of(call: Any) -> str:
    code = getattr(call, "__code__", None)
    return f" ({code.co_filename.rpartition('/')[2]}:{code.co_firstlineno})" if code is not None else ""
