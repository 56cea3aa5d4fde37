"""Find English on pages in Chinese: words that are not marked as being of another language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import html

_APART = {"title", "script", "style", "code", "pre", "kbd", "textarea", "svg"}
_SPOKEN = ("title", "aria-label", "placeholder", "alt")
_SAME = re.compile(r"'[^']*'|\S+://\S+|[\w.-]+\.[\w./-]+|/\S+|\S*\d\S*|\w+/\w+|\S+@\S+|[a-z]+(?:[-_][a-z]+)+")
"""Quotations, URLs, hosts, files, paths, numbers with their units, names with hyphens."""
_WORD = re.compile(r"[A-Za-z]{2,}")
NAMES = {
    "Pressmark",
    "English",
    "UTC",
    "API",
    "JSON",
    "URL",
    "APA",
    "BibTeX",
    "MLA",
    "Chicago",
    "RIS",
    "CSL",
    "Markdown",
    "Webhook",
    "WARC",
    "Record",
}
NAMES |= {"ID", "SHA", "robots", "txt", "cron", "page", "site", "feed", "text", "html"}
NAMES |= {"KiB", "MiB", "PRESSMARK", "TOKEN", "pressmark", "gazette", "failing", "team", "default", "example", "slow"}
NAMES |= {"token", "add", "trail", "verify", "rebuild", "export", "extract", "all", "read", "news", "forums"}
NAMES |= {"anna", "ci", "walk", "WEBHOOKS", "zh", "HTTP", "loopback", "WACZ", "Lines", "CIDR"}
NAMES |= {"re", "crontab", "scope", "seed", "seeds", "notify", "OPML", "CSV", "en"}
NAMES |= {"Chrome", "Edge", "Chromium", "ZIP", "trigger"}
NAMES |= {"User", "Agent", "Crawl", "delay", "Retry", "After", "RFC", "kettles", "queue", "torn"}
NAMES |= {"wire", "Apprise", "curate", "assistant", "TLS", "STARTTLS", "secrets", "webhooks", "whsec", "press"}
"""Words that are the same in all languages: names, and the contents of settings and source files."""


def english_in(page: str) -> set[str]:
    """Return pieces of a page in Chinese that contain English words."""
    root = html.fromstring(page)
    return {piece for piece in _pieces(root) if set(_WORD.findall(_SAME.sub(" ", piece))) - NAMES}


def _pieces(element: html.HtmlElement, foreign: bool = False) -> Iterator[str]:
    """Yield texts and spoken attributes, except code and what is marked as being of another language."""
    if not isinstance(element.tag, str) or element.tag in _APART:
        return
    foreign = not element.get("lang", "en" if foreign else "zh").startswith("zh")
    if not foreign:
        yield from (element.get(name, "") for name in _SPOKEN)
        yield (element.text or "").strip()
    for child in element:
        yield from _pieces(child, foreign)
        if not foreign:
            yield (child.tail or "").strip()
