"""Score our extractor on the pages that programs build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean

from benchmarks.reading.fields import author_score, date_score, title_score
from benchmarks.reading.programs.program import BuiltPage
from benchmarks.reading.programs.written import Kind
from benchmarks.reading.scoring import TextMark, mark_posts, mark_text
from benchmarks.reading.structure import placed
from extractor.html.page import Page
from extractor.html.trees import Trees
from extractor.reading import extract
from extractor.values.thread import Thread

_SEEN = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PageMark:
    """What is right of a page. Fields and structures that the page does not have are absent."""

    page: BuiltPage
    text: TextMark
    right: Mapping[str, float]
    """The share that is right of cells, code blocks, title, author and date."""


def mark(page: BuiltPage, trees: Trees | None = None) -> PageMark:
    """Read a page, and score what was read."""
    found = extract(Page(page.url, page.html, "text/html; charset=utf-8", at=_SEEN), trees=trees)
    text = found.text if found is not None else ""
    right = dict(_structure(page, text))
    if found is not None:
        right["title"] = title_score(found.title or "", page.text.title)
        if page.program.dated:
            right["author"] = author_score(found.author or "", page.author) or 0.0
            right["date"] = date_score(str(found.date or ""), str(page.text.day)) or 0.0
        if page.posts:
            right |= _posts(page, found.thread)
    return PageMark(page, mark_text(_below_title(text, page.text.title), page.text.gold), right)


def _posts(page: BuiltPage, thread: Thread | None) -> Mapping[str, float]:
    """Return the F1 of the comments, and of those found the share with the right author and day."""
    found = (
        [{"author": post.author, "date": post.date, "body": post.own or post.text} for post in thread.posts]
        if thread
        else []
    )
    marks = mark_posts(found, page.posts)
    names, days = marks.authors, marks.dates
    return {"posts": 2 * marks.same / (marks.found + marks.gold)} | (
        {"names": names[0] / names[1], "days": days[0] / days[1]} if marks.same else {}
    )


def _below_title(text: str, title: str) -> str:
    """Return a text without its title: whether a title is text differs between sources, so it counts for nothing."""
    first, _, rest = text.partition("\n")
    return rest if first.strip(" ¶#") == title else text


def _structure(page: BuiltPage, text: str) -> Iterable[tuple[str, float]]:
    blocks = page.text.blocks
    cells = [placed([list(row) for row in block.rows], text) for block in blocks if block.kind is Kind.TABLE]
    if cells:
        yield "cells", sum(found for found, _ in cells) / sum(of for _, of in cells)
    code = ["\n".join(block.lines) in text for block in blocks if block.kind is Kind.CODE]
    if code:
        yield "code", fmean(code)


FIGURES = ("precision", "recall", "F1", "cells", "code", "title", "author", "date", "posts", "names", "days")


def means(marks: Sequence[PageMark]) -> Mapping[str, float]:
    """Return the mean of each figure over the pages that have it."""
    listed: dict[str, list[float]] = {"precision": [], "recall": [], "F1": []}
    for one in marks:
        parts = {"precision": one.text.precision, "recall": one.text.recall, "F1": one.text.f1} | dict(one.right)
        for name, value in parts.items():
            listed.setdefault(name, []).append(value)
    return {name: fmean(values) for name, values in listed.items() if values}


def line(label: str, marks: Sequence[PageMark]) -> str:
    """Return a line of a table: the label, the number of pages, and each figure."""
    figures = means(marks)
    cells = "".join(f"{figures[name]:>10.3f}" if name in figures else " " * 10 for name in FIGURES)
    return f"{label:<32}{len(marks):>5}{cells}"
