"""Score the results of extractors, and print tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

from benchmarks.reading.data import Sample
from benchmarks.reading.fields import author_score, date_score, title_score
from benchmarks.reading.scoring import PostMarks, mark_posts, mark_text

_RULES = {"title": title_score, "author": author_score, "date": date_score}


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of an extractor for a page."""

    text: str = ""
    title: str | None = None
    author: str | None = None
    date: str | None = None
    posts: list[dict[str, Any]] = field(default_factory=list)
    cpu: float = 0.0
    """Milliseconds."""
    error: str | None = None


def report(gathered: Sequence[Sample], answers: Mapping[str, Sequence[Answer]], reference: str) -> str:
    parts = ["", "Text: precision, recall, F1 (mean over pages)", *_texts(gathered, answers)]
    parts += ["", "Fields: share that is right", *_fields(gathered, answers)]
    parts += ["", "Posts", *_posts(gathered, answers["pressmark"])]
    parts += ["", f"CPU in ms a page, and the mean as a share of that of {reference}", *_cpu(answers, reference)]
    return "\n".join(parts)


def _texts(gathered: Sequence[Sample], answers: Mapping[str, Sequence[Answer]]) -> Iterator[str]:
    groups: dict[str, list[int]] = defaultdict(list)
    for number, sample in enumerate(gathered):
        if sample.gold.get("text"):
            for group in {sample.group, sample.gold["type"], f"{sample.gold['type']} of {sample.gold['ds']}"}:
                groups[group].append(number)
    for group, numbers in sorted(groups.items()):
        yield f"{group} ({len(numbers)} pages)"
        for name, found in answers.items():
            marks = [mark_text(found[number].text or "", gathered[number].gold["text"]) for number in numbers]
            means = (fmean(getattr(mark, part) for mark in marks) for part in ("precision", "recall", "f1"))
            yield f"    {name:<28}" + "".join(f"{mean:>8.3f}" for mean in means)


def _fields(gathered: Sequence[Sample], answers: Mapping[str, Sequence[Answer]]) -> Iterator[str]:
    yield f"    {'':<28}" + "".join(f"{name:>8}" for name in _RULES)
    for name, found in answers.items():
        cells = []
        for part, rule in _RULES.items():
            marks = [
                rule(getattr(answer, part) or "", str(sample.gold[part]))
                for sample, answer in zip(gathered, found, strict=True)
                if sample.gold.get(part)
            ]
            known = [mark for mark in marks if mark is not None]
            cells.append(f"{fmean(known):>8.3f}" if known else " " * 8)
        if any(answer.title for answer in found):
            yield f"    {name:<28}" + "".join(cells)


def _posts(gathered: Sequence[Sample], found: Sequence[Answer]) -> Iterator[str]:
    marks = [
        mark_posts(answer.posts, sample.gold["posts"])
        for sample, answer in zip(gathered, found, strict=True)
        if sample.gold.get("posts")
    ]
    if marks:
        yield f"    {len(marks)} pages: {_sum(marks)}"


def _sum(marks: Sequence[PostMarks]) -> str:
    found, gold, same = (sum(getattr(mark, name) for mark in marks) for name in ("found", "gold", "same"))
    authors, dates = ([sum(part) for part in zip(*pairs, strict=True)] for pairs in
                      ([mark.authors for mark in marks], [mark.dates for mark in marks]))  # fmt: skip
    precision, recall = same / max(found, 1), same / max(gold, 1)
    f1 = 2 * same / max(found + gold, 1)
    return (
        f"precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f};"
        f" authors {authors[0] / max(authors[1], 1):.3f}, dates {dates[0] / max(dates[1], 1):.3f} of those found"
    )


def _cpu(answers: Mapping[str, Sequence[Answer]], reference: str) -> Iterator[str]:
    yield f"    {'':<28}{'mean':>8}{'median':>8}{'p95':>8}{'share':>8}{'errors':>8}"
    base = fmean(answer.cpu for answer in answers[reference]) if reference in answers else None
    for name, found in answers.items():
        spent = sorted(answer.cpu for answer in found)
        share = f"{fmean(spent) / base:>8.3f}" if base else " " * 8
        figures = (fmean(spent), median(spent), spent[int(len(spent) * 0.95)])
        errors = sum(answer.error is not None for answer in found)
        yield f"    {name:<28}" + "".join(f"{figure:>8.1f}" for figure in figures) + share + f"{errors:>8}"


def worst(gathered: Sequence[Sample], found: Sequence[Answer], count: int) -> Iterator[str]:
    """Yield the pages with our worst text scores."""
    marks = [
        (mark_text(answer.text, sample.gold["text"]), sample.name)
        for sample, answer in zip(gathered, found, strict=True)
        if sample.gold.get("text")
    ]
    for mark, name in sorted(marks, key=lambda pair: pair[0].f1)[:count]:
        yield f"{name}: precision {mark.precision:.2f}, recall {mark.recall:.2f}, F1 {mark.f1:.2f}"
