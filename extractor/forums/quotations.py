"""Find the quotations in a post, and their authors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode

from extractor.forums.bodies import read_body
from extractor.html.lines import in_one_line
from extractor.html.regions import elements
from extractor.values.thread import Quote
from extractor.values.urls import Resolver

_LABELS = "cite,header,[class*=author i],[class*=attribution i],[class*=quote-header i],[class*=quote-title i]"
_LONGEST_LABEL = 120


def outermost(nodes: Sequence[LexborNode]) -> Iterator[LexborNode]:
    """Yield the quotations that are not inside another one."""
    each = {node.mem_id: node for node in nodes}  # a list of selectors finds a node once per selector
    for node in each.values():
        parent, inside = node.parent, False
        for _ in range(64):
            if parent is None or inside:
                break
            inside = parent.mem_id in each
            parent = parent.parent
        if not inside:
            yield node


_SAID = re.compile(
    r"\s*(?:\b(?:said|wrote|has written|schrieb|a écrit|escribió|ha scritto|написал\(?а?\)?|says)\b|发表于|發表於"
    r"|\bon \d).*$"
    r"|:\s*$",
    re.IGNORECASE,
)
_LEAD = re.compile(r"^(?:quote from|originally posted by|quoting|zitat von|citation|quote)\s*:?\s*", re.IGNORECASE)


def quoted_name(label: str | None) -> str | None:
    """``Bob wrote:`` → Bob; ``Quote from: Ann on May 4`` → Ann."""
    if label is None:
        return None
    return _LEAD.sub("", _SAID.sub("", label)).strip(" :,@") or None


def quotes_of_any(quotes: Sequence[LexborNode], resolver: Resolver) -> Iterator[Quote]:
    """Yield the quotations of any forum: the author from a label, the post from a link."""
    for quote in outermost(quotes):
        label = _label_of(quote)
        read = read_body(quote, resolver, dropped={label.mem_id} if label is not None else ())
        if not read.text:
            continue
        link = label.css_first("a[href*='#']") if label is not None else None
        place, _, fragment = ((link.attrs.get("href") or "") if link is not None else "").rpartition("#")
        url = resolver(place or "#") if fragment else None
        numbers = re.findall(r"\d+", fragment)
        yield Quote(
            text=read.text,
            author=quoted_name(in_one_line(label)) if label is not None else None,
            post=numbers[-1] if numbers else None,
            url=f"{url}#{fragment}" if url else None,
        )


def _label_of(quote: LexborNode) -> LexborNode | None:
    """Return the element with the quoted author: by its name, or a first line like ``Boris wrote:``."""
    named = quote.css_first(_LABELS)
    first = named or next((part for part in elements(quote) if part.mem_id != quote.mem_id), None)
    if first is None or first.mem_id == quote.mem_id:
        return None
    said = in_one_line(first)
    fits = 0 < len(said) <= _LONGEST_LABEL and said != in_one_line(quote)
    return first if fits and (named is not None or _SAID.search(said)) else None
