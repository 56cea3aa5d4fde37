"""Ask a parser of Markdown whether anything in a text is active."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token


def tokens_of(marked: str) -> Iterator[Token]:
    """Yield the tokens of a parser for CommonMark and GFM tables, with raw HTML allowed."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    for token in reader.parse(marked):
        yield from [token, *(token.children or [])]


def is_inert(marked: str) -> bool:
    for token in tokens_of(marked):
        url = str(token.attrs.get("href") or token.attrs.get("src") or "https://")
        if token.type.startswith("html") or not url.startswith(("https://", "http://")):
            return False
    return True
