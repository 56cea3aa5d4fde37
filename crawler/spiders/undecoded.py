"""An answer as received, decoded to a page only when it is read, and what `parse` gets."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from crawler.policy.answers import body_of
from crawler.policy.rows import Row
from extractor.html.page import Page
from extractor.values.content import LIMIT

if TYPE_CHECKING:
    from scrapy.http import Response


DRAWN_TYPE = "text/html;charset=utf-8"


class UndecodedAnswer:
    """An answer whose content codings are decoded when it is read."""

    def __init__(self, response: Response, content_type: str) -> None:
        self.response = response
        self._content_type = content_type

    @property
    def has_body(self) -> bool:
        return bool(self.response.body)

    @property
    def is_html(self) -> bool:
        return _is_html(self._content_type, self.response.body)

    @cached_property
    def decoded(self) -> Page:
        return Page(self.response.url, body_of(self.response, LIMIT), self._content_type)


class DrawnAnswer:
    """A page as a browser drew it."""

    is_html = has_body = True

    def __init__(self, url: str, html: str) -> None:
        self.decoded = Page(url, html.encode("utf-8", "replace"), DRAWN_TYPE)


class Answer(NamedTuple):
    """What a walk's `parse` gets: a page, and the request that it answers."""

    page: Page
    request: Row

    @property
    def url(self) -> str:
        return self.page.url

    @property
    def body(self) -> bytes:
        """The decompressed body."""
        return self.page.body

    @property
    def is_html(self) -> bool:
        return is_html(self.page)


def is_html(page: Page) -> bool:
    return _is_html(page.content_type, page.body)


def is_sheet(content_type: str | None) -> bool:
    """Return whether an answer is a style sheet, by its type."""
    return "css" in (content_type or "")


def is_script(page: Page) -> bool:
    """Return whether it is a script that may import modules, by its type or the end of its path."""
    kind = (page.content_type or "").partition(";")[0].strip().lower()
    return kind.endswith(("javascript", "ecmascript")) or (not kind and page.url.partition("?")[0].endswith(".mjs"))


def _is_html(content_type: str | None, body: bytes) -> bool:
    if not content_type:
        return body.lstrip()[:1] == b"<"
    return content_type.partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml")
