"""A page with a known text, and one that takes much memory to read."""

from __future__ import annotations

from extractor.html.page import Page

PARAGRAPHS = [
    "The ferry now waits for the tide, and the tide for nobody, which the harbour master regards as a step forward.",
    "Passengers are asked to bring a book. Those who bring two may lend one to the engine driver, who reads slowly.",
    "The timetable is printed on the back of the ticket, where it can be read by those who have bought one.",
]
HTML = (
    '<html lang="en"><head><title>The ferry waits</title><meta name="author" content="Ada Quist">'
    '<meta name="date" content="2026-11-20"></head><body><article><h1>The ferry waits</h1>'
    + "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    + "</article></body></html>"
).encode()
PAGE = Page("https://e.org/ferry", HTML, "text/html; charset=utf-8")
MUCH_MEMORY = b"<b>x</b>" * 400_000
