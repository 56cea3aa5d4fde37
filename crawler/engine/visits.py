"""Decide which pages of the frontier are requested now, and whether a request is conditional."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from crawler.frontier.host_queue import Leased
from crawler.frontier.page_fetch import Fetch
from crawler.frontier.result_writer import ResultWriter
from crawler.policy.order import Order
from crawler.policy.revisit import conditions
from crawler.policy.rows import FetchResult, Link, Row, State, host_of
from crawler.policy.scope import Scope
from crawler.policy.shared import Parts
from crawler.run.knowledge import Knowledge
from crawler.run.requests import Requests

if TYPE_CHECKING:
    from scrapy import Request

    from crawler.spiders.walk import Walk


class VisitContext(Protocol):
    """The part of a run that its visits use. `crawler.engine.crawl.Crawl` implements it."""

    order: Order
    parts: Parts
    scope: Scope
    requests: Requests
    result_writer: ResultWriter

    def fetch(self, host: str, leased: Leased | None = None, *, conditional: bool = False) -> Fetch:
        """Begin a fetch."""
        ...


class Visits:
    """The pages that a run requests, and those that it skips."""

    def __init__(self, run: VisitContext, walk: type[Walk], knowledge: Knowledge) -> None:
        self._run, self._walk, self._knowledge = run, walk, knowledge
        self.spider: Walk | None = None
        """Reads the links of skipped pages; None before it has started."""

    def choose(self, rows: Sequence[Row]) -> list[Leased]:
        """Return those URLs that are requested now, with their newest captures. The others are skipped."""
        chosen = []
        for leased, rule in self._knowledge.judge(rows):
            if rule is None:
                chosen.append(leased)
            else:
                self._skip(leased, rule)
        return chosen

    def request(self, leased: Leased, spider: Walk) -> Request:
        """Return the request for a page, conditional if it may be unchanged since its newest capture."""
        row, capture = leased
        comparable = self._knowledge.note_request(row) and self._may_be_unchanged(row) and not self._run.order.in_full
        headers = conditions(capture) if capture and comparable else {}
        fetch = self._run.fetch(host_of(row.url), leased, conditional=bool(headers))
        return self._run.requests.of(fetch, row.url, spider.visit, spider.miss, conditions=headers)

    def drop(self, row: Row, reason: str, links: Sequence[Link] = ()) -> None:
        """Write down that a page is not requested, with the links that were read from its newest capture."""
        page = row.page or row.id
        self._run.result_writer.drop(FetchResult(row.id, State.DROPPED, reason, links, page, modified=row.modified))

    def _may_be_unchanged(self, row: Row) -> bool:
        """Return whether an answer without a body is enough. A page whose links are followed must be read."""
        depth = self._run.scope.depth
        if self._walk.needs_body(row, depth):
            return self._run.parts.reread is not None
        return not (self._run.order.everything and self._walk.reads(row, depth))

    def _skip(self, leased: Leased, rule: str) -> None:
        """Skip a page. If its links lead further, they are read from its newest capture."""
        row, capture = leased
        if capture is None or self.spider is None or not self._walk.leads_on(row, self._run.scope.depth):
            self.drop(row, rule)
        else:
            self.spider.reread(row, capture, lambda found: self.drop(row, rule, found))
