"""Extract text that is only in a page's scripts, since no script runs here.

It is a long JSON string that is markup, or has the name of an article's body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractor.article.blocks import Blocks, blocks_of
from extractor.html.page import Page

ENGINE = "script"
VERSION = "1"
_LEAST = 400
"""Minimum bytes of a text in UTF-8."""
_MOST = 1 << 20
_MOST_STRINGS = 200
_STRING = re.compile(rf'(?<!\w)(\w{{1,40}})"?\s?:\s?"((?:[^"\\]++|\\.){{1,{_MOST}}}+)"')
"""A string and its name, which JavaScript writes without quotation marks."""
_PARAGRAPH = re.compile(r"<p[\s>]", re.IGNORECASE)
_BODY = "articleBody"
_MOST_LINKS = 0.3


@dataclass(frozen=True, slots=True)
class EmbeddedBlocks:
    """The blocks inside a script, and which of them are text and not only links."""

    blocks: Blocks
    kept: tuple[int, ...]

    @property
    def texts(self) -> list[str]:
        return [self.blocks.texts[number] for number in self.kept]


def embedded_text(page: Page) -> EmbeddedBlocks | None:
    """Return the longest running text inside a script."""
    best: Page | None = None
    most = _LEAST
    for found in _markup(page):
        held = Page(page.url, f"<body>{found}</body>".encode("utf-8", "ignore"))
        if held.running > most:
            best, most = held, held.running
    return _held(blocks_of(best)) if best is not None else None


def _held(blocks: Blocks) -> EmbeddedBlocks | None:
    links = zip(blocks.texts, blocks.linked, strict=True)
    kept = tuple(number for number, (text, linked) in enumerate(links) if linked <= len(text) * _MOST_LINKS)
    return EmbeddedBlocks(blocks, kept) if kept else None


def _markup(page: Page) -> Iterator[str]:
    """Yield strings that may be the text, as markup."""
    seen = 0
    for script in page.tagged("script"):
        for key, written in _STRING.findall(script.text()):
            if len(written) < _LEAST and len(written.encode("utf-8", "replace")) < _LEAST:
                continue
            value = _value(written)
            if _PARAGRAPH.search(value) or key == _BODY:
                seen += 1
                yield value.replace("\n", "<br>") if key == _BODY else value
            if seen >= _MOST_STRINGS:
                return


def _value(written: str) -> str:
    """Decode a JSON string; empty if it is invalid."""
    try:
        value = json.loads(f'"{written}"', strict=False)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""
