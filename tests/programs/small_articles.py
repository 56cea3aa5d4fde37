"""Read a small article: its body between two paragraphs of prose."""

from __future__ import annotations

from extractor.html.page import Page
from extractor.reading import extract

PROSE = "<p>The office publishes its readings each morning, and compares them with those of the year before.</p>"


def read(body: str, head: str = "") -> tuple[str, str]:
    """Return the text and the Markdown of an article with that body."""
    html = f"<html><head>{head}</head><body><article><h1>Readings</h1>{PROSE}{body}{PROSE}</article></body></html>"
    text = extract(Page("https://example.org/readings/1", html.encode(), "text/html; charset=utf-8"))
    assert text is not None
    return text.text, text.markdown or ""
