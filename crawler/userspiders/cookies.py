"""Cookies of a user's spider that survive a kill."""

from __future__ import annotations

import pickle
from http.cookiejar import Cookie
from typing import TYPE_CHECKING, Any, cast

from scrapy.downloadermiddlewares.cookies import CookiesMiddleware

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.userspiders.ledger import Ledger
    from crawler.userspiders.link import OwnCrawler


class LastingCookies(CookiesMiddleware):
    """Scrapy's cookie middleware, with its jars in the ledger."""

    _ledger: Ledger

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> LastingCookies:
        made = super().from_crawler(crawler)
        ledger = cast("OwnCrawler", crawler).ledger
        made._ledger = ledger
        if (noted := ledger.notes.get("cookies")) is not None:
            for key, cookies in pickle.loads(noted).items():  # noqa: S301 - our own file
                for cookie in cookies:
                    made.jars[key].jar.set_cookie(cookie)
        return made

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        answer = super().process_response(request, response)
        if b"Set-Cookie" in response.headers:
            kept: dict[Any, list[Cookie]] = {key: list(jar) for key, jar in self.jars.items()}
            self._ledger.note("cookies", pickle.dumps(kept))
        return answer
