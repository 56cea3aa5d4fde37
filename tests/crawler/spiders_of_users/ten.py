"""Spiders as people write them, each of another kind. All take the address of the site as `base`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import attrs
import scrapy
from pydantic import BaseModel
from scrapy.exceptions import DropItem
from scrapy.http import FormRequest, Response, TextResponse
from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import CrawlSpider, Rule, SitemapSpider, Spider


def path_of(url: str) -> str:
    return "/" + url.split("/", 3)[3]


class Plain(Spider):
    """Follows all links; its items are dicts."""

    name = "plain"

    def __init__(self, base: str, **facts: Any) -> None:
        super().__init__(**facts)
        self.start_urls = [f"{base}/tree/0"]

    def parse(self, response: Response) -> Iterator[Any]:
        assert isinstance(response, TextResponse)
        yield {"path": path_of(response.url), "title": response.css("title::text").get()}
        yield from response.follow_all(css="a")


class Crawling(CrawlSpider):
    """Rules; its items are dataclasses."""

    name = "crawling"
    rules = (
        Rule(LinkExtractor(allow=r"/tree/\d*[02468]$"), callback="parse_even", follow=True),
        Rule(LinkExtractor(allow=r"/tree/"), follow=True),
    )

    @dataclass
    class Page:
        path: str
        even: bool = True

    def __init__(self, base: str, **facts: Any) -> None:
        super().__init__(**facts)
        self.start_urls = [f"{base}/tree/0"]

    def parse_even(self, response: Response) -> Iterator[Page]:
        yield self.Page(path_of(response.url))


class Sitemapped(SitemapSpider):
    """A sitemap; its items are of attrs."""

    name = "sitemapped"
    sitemap_rules = (("/tree/", "parse_page"),)

    @attrs.define
    class Page:
        path: str

    def __init__(self, base: str, **facts: Any) -> None:
        super().__init__(**facts)
        self.sitemap_urls = [f"{base}/sitemap.xml"]

    def parse_page(self, response: Response) -> Iterator[Page]:
        yield self.Page(path_of(response.url))


class LoggedIn(Spider):
    """A form, and a cookie without which nothing is shown."""

    name = "logged-in"

    def __init__(self, base: str, **facts: Any) -> None:
        super().__init__(**facts)
        self.start_urls = [f"{base}/login"]

    def parse(self, response: Response) -> Any:
        return FormRequest.from_response(response, formdata={"name": "ann", "pass": "x"}, callback=self.inside)

    def inside(self, response: Response) -> Iterator[Any]:
        for number in range(12):
            yield response.follow(f"/members/{number}", self.member, cb_kwargs={"number": number})

    def member(self, response: Response, number: int) -> Iterator[Any]:
        yield {"number": number, "text": response.text}


class Paging(Spider):
    """A JSON API, page by page; its items are of pydantic."""

    name = "paging"

    class Row(BaseModel):
        id: int
        page: int

    def __init__(self, base: str, **facts: Any) -> None:
        super().__init__(**facts)
        self.base = base

    async def start(self) -> AsyncIterator[Any]:
        yield scrapy.Request(f"{self.base}/api?page=0", meta={"page": 0})

    def parse(self, response: Response) -> Iterator[Any]:
        assert isinstance(response, TextResponse)
        said = response.json()
        for number in said["rows"]:
            yield self.Row(id=number, page=response.meta["page"])
        if (following := said["next"]) is not None:
            yield response.follow(f"/api?page={following}", meta={"page": following})


class Odd:
    """A pipeline that drops even ones and marks the others."""

    def process_item(self, item: Any) -> Any:
        if int(item["path"].rpartition("/")[2]) % 2 == 0:
            raise DropItem("even")
        return {**item, "odd": True}


class Piped(Plain):
    name = "piped"
    custom_settings = {"ITEM_PIPELINES": {Odd: 300}}  # noqa: RUF012 - as people write it


def super_requests(spider: Plain, response: Response) -> Iterator[Any]:
    return (one for one in Plain.parse(spider, response) if isinstance(one, scrapy.Request))


class Failing(Spider):
    """Errbacks: for statuses, and for broken connections."""

    name = "failing"
    custom_settings = {"RETRY_TIMES": 1}  # noqa: RUF012

    def __init__(self, base: str, **facts: Any) -> None:
        super().__init__(**facts)
        self.base = base

    async def start(self) -> AsyncIterator[Any]:
        for path in ("/tree/1", "/absent", "/cut", "/moved"):
            yield scrapy.Request(self.base + path, errback=self.failed)

    def parse(self, response: Response) -> Iterator[Any]:
        yield {"path": path_of(response.url)}

    def failed(self, failure: Any) -> Iterator[Any]:
        yield {"failed": path_of(failure.request.url), "status": getattr(failure.value, "response", None) is not None}
        yield scrapy.Request(self.base + "/tree/2", dont_filter=True)


class Deep(Plain):
    """A depth, and priorities by it."""

    name = "deep"
    custom_settings = {"DEPTH_LIMIT": 2, "DEPTH_PRIORITY": 1}  # noqa: RUF012

    def parse(self, response: Response) -> Iterator[Any]:
        yield {"path": path_of(response.url), "depth": response.meta["depth"]}
        yield from super_requests(self, response)


class Throttled(Plain):
    name = "throttled"
    custom_settings = {  # noqa: RUF012
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": 0.01,
        "AUTOTHROTTLE_MAX_DELAY": 0.05,
    }
