"""Spiders whose pages are read by page objects of web-poet, which scrapy-poet hands to their callbacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import scrapy
from itemloaders import ItemLoader
from itemloaders.processors import MapCompose, TakeFirst
from scrapy.http import Response, TextResponse
from ten import Plain, path_of
from web_poet import ItemPage, WebPage, field, handle_urls

POET = {"scrapy_poet.Addon": 300}


class TreePage(WebPage):
    """Reads a page with an ItemLoader into a scrapy.Item."""

    class Item(scrapy.Item):
        path = scrapy.Field(input_processor=MapCompose(path_of), output_processor=TakeFirst())
        links = scrapy.Field()

    def to_item(self) -> Item:  # type: ignore[override]
        loader = ItemLoader(item=self.Item(), selector=self.selector)
        loader.add_value("path", str(self.response.url))
        loader.add_css("links", "a::attr(href)")
        return loader.load_item()


class Loaded(Plain):
    """Page objects."""

    name = "loaded"
    custom_settings = {"ADDONS": POET}  # noqa: RUF012

    def parse(self, response: Response, page: TreePage) -> Iterator[Any]:
        assert isinstance(response, TextResponse)
        yield page.to_item()
        yield from response.follow_all(css="a")


@attrs.define
class Leaf:
    path: str
    number: int


@handle_urls("")  # of any address: the port of the site is not known here
class LeafPage(WebPage, ItemPage[Leaf]):
    """Found by the address of the page: no callback names it."""

    @field
    def path(self) -> str:
        return path_of(str(self.response.url))

    @field
    def number(self) -> int:
        return int(self.path.rpartition("/")[2])


class Discovered(Plain):
    """Callbacks that ask for an item."""

    name = "discovered"

    def parse(self, response: Response, item: Leaf) -> Iterator[Any]:
        assert isinstance(response, TextResponse)
        yield item
        yield from response.follow_all(css="a")
