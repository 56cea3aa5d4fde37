"""Compare title, author and date of pages with annotations, and check decoding.

    python -m benchmarks.reading.fields --data DIRECTORY [--per ds,lang] [--wrong FIELD]

DIRECTORY has one folder per source, each with `gold.jsonl` and `html/<id>.html`. A title is correct if it is equal, or
nearly (F1 of words at least 0.8); an author if most names are equal, without by-line words; a date if the day is equal.
"""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import called
from extractor.forums.registry import read_thread
from extractor.html.page import Page
from extractor.metadata.metadata import Metadata, read_metadata
from extractor.reading import with_opener

FIELDS = ("title", "author", "date")
_CJK = "\u2e80-\u30ff\u3130-\u318f\u31f0-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")
_BY = re.compile(
    r"\b(?:by|von|par|por|di|written by|author|staff|reporter|editor|posted by)\b|作者|记者|編輯|编辑|文/|来源",
    re.IGNORECASE,
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = (
    re.compile(r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})\.? ?(?P<name>[A-Za-z]{3})[a-z]*\.?,? ?(?P<year>\d{4})"),
    re.compile(r"(?P<name>[A-Za-z]{3})[a-z]*\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})"),
)

Gold = Mapping[str, Any]
"""The annotation of a page: `id`, `ds`, `url`, and if known `title`, `author`, `date`, `text`."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The scores of a page: 1 for correct and 0 for wrong, for each annotated field; CPU in milliseconds."""

    gold: Gold
    found: Metadata
    right: Mapping[str, float]
    cpu: float


def pages(data: Path) -> Iterator[tuple[Gold, bytes]]:
    """Yield all pages of the data, with their annotations."""
    for listed in sorted(data.glob("*/gold.jsonl")):
        for line in listed.read_text(encoding="utf-8").splitlines():
            gold = json.loads(line)
            yield gold, (listed.parent / "html" / f"{gold['id']}.html").read_bytes()


def mark(gold: Gold, body: bytes) -> Marks:
    """Read one page's fields, and score them. The CPU is that of reading from a parsed page."""
    page = Page(gold.get("url") or "", body)
    _ = page.tree
    began = time.process_time()
    found = read_metadata(page)
    cpu = (time.process_time() - began) * 1000
    if (thread := read_thread(page)) is not None and thread.text:
        found = with_opener(found, thread)
    said = {"title": found.title, "author": "; ".join(found.authors), "date": found.date}
    scores = {name: _RULES[name](said[name] or "", str(gold[name])) for name in FIELDS if gold.get(name)}
    return Marks(gold, found, {name: score for name, score in scores.items() if score is not None}, cpu)


def score_fields(marked: Iterable[Marks], per: Sequence[str] = ()) -> dict[str, dict[str, float]]:
    """Return group → field → mean; `n` is the number of pages, `cpu` the mean and `cpu95` the 95th percentile in ms."""
    groups: dict[str, list[Marks]] = defaultdict(list)
    for page in marked:
        for group in ("all", *(f"{key}={page.gold.get(key)}" for key in per)):
            groups[group].append(page)
    return {group: _means(of) for group, of in sorted(groups.items())}


def _means(of: Sequence[Marks]) -> dict[str, float]:
    means: dict[str, float] = {"n": len(of)}
    for name in FIELDS:
        scores = [page.right[name] for page in of if name in page.right]
        if scores:
            means |= {name: sum(scores) / len(scores), f"{name} n": len(scores)}
    spent = sorted(page.cpu for page in of)
    return means | {"cpu": sum(spent) / len(spent), "cpu95": spent[int(len(spent) * 0.95)]}


def tokens(text: str) -> list[str]:
    """Return words in lower case; for Chinese, Japanese and Korean, characters."""
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).lower())


def overlap(found: Sequence[str], gold: Sequence[str]) -> float:
    """Return the F1 of two bags of words."""
    if not found or not gold:
        return float(not found and not gold)
    shared = (Counter(found) & Counter(gold)).total()
    return 2 * shared / (len(found) + len(gold))


def title_score(found: str, gold: str) -> float:
    return float(bool(found) and overlap(tokens(found), tokens(gold)) >= 0.8)


def author_score(found: str, gold: str) -> float | None:
    """Return 1 if most names are shared, 0.5 if one has part of the other's, None without names in the annotation."""
    ours, theirs = (set(tokens(_BY.sub(" ", names))) for names in (found, gold))
    if not theirs:
        return None
    shared = len(ours & theirs)
    if ours and shared / max(len(ours), len(theirs)) >= 0.6:
        return 1.0
    return 0.5 if shared and (ours <= theirs or theirs <= ours) else 0.0


def date_score(found: str, gold: str) -> float | None:
    day = _day(gold)
    return None if day is None else float(_day(found) == day)


_RULES = {"title": title_score, "author": author_score, "date": date_score}


def _day(written: str) -> tuple[int, int, int] | None:
    for form in _DAYS:
        if match := form.search(written):
            parts = match.groupdict()
            name = (parts.get("name") or "").lower()
            if not name or name in _MONTHS:
                month = _MONTHS.index(name) + 1 if name else int(parts["month"])
                return int(parts["year"]), month, int(parts["day"])
    return None


def _table(scores: Mapping[str, Mapping[str, float]]) -> str:
    lines = [f"{'':<28}{'n':>5}{'title':>8}{'author':>8}{'date':>8}{'CPU ms':>8}{'p95':>8}"]
    for group, means in scores.items():
        cells = "".join(f"{means[name]:>8.3f}" if name in means else " " * 8 for name in FIELDS)
        lines.append(f"{group:<28}{means['n']:>5.0f}{cells}{means['cpu']:>8.2f}{means['cpu95']:>8.2f}")
    return "\n".join(lines)


def main() -> None:
    parser = called("benchmarks.reading.fields", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory with a folder a source")
    parser.add_argument("--per", default="ds", help="keys of the gold to group by, with commas")
    parser.add_argument("--wrong", choices=FIELDS, help="print the pages whose field is not right")
    given = parser.parse_args()
    marked = [mark(gold, body) for gold, body in pages(given.data) if any(gold.get(name) for name in FIELDS)]
    for page in marked if given.wrong else ():
        if page.right.get(given.wrong, 1) < 1:
            found = {"title": page.found.title, "author": "; ".join(page.found.authors), "date": page.found.date}
            origin = page.found.origins.get(given.wrong, "-")
            print(
                f"{page.gold['ds']}/{page.gold['id']} [{origin}] {found[given.wrong]!r} not {page.gold[given.wrong]!r}"
            )
    print(_table(score_fields(marked, tuple(filter(None, given.per.split(","))))))


if __name__ == "__main__":
    main()
