"""Dress the pages that programs build in what sites put around a text, and score what our extractor reads of them.

    python -m benchmarks.reading.programs.dressings [--only NAME,…] [--worst N]

The parts have the markup of widely used plugins: a cookie bar, a consent dialog, paywalls, a newsletter, teasers,
related posts inside and below the text, a card of the author, comments as WordPress and as Disqus-like services write
them. Each page is dressed in each part alone; the figures are the F1 of the dressed pages, what they lose against the
bare ones, and on how many pages a word of the part is in the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from benchmarks.machine import called
from benchmarks.reading.programs.every import built_pages
from benchmarks.reading.programs.marks import mark
from benchmarks.reading.programs.program import BuiltPage
from extractor.html.page import Page
from extractor.reading import extract

MARK = "Quillfeather"
"""A word of every part that no text has."""
_PARTS = Path(__file__).with_name("parts")


def dressed(page: BuiltPage) -> Iterator[tuple[str, BuiltPage]]:
    """Yield a page in each part: after its text, or as the first element of the page."""
    html = page.html.decode("utf-8")
    end = _end_of_text(html)
    start = html.find(">", html.find("<body")) + 1
    for place, directory in ((end, "after"), (start, "first")):
        for path in sorted((_PARTS / directory).iterdir()) if place is not None else ():
            yield path.stem, replace(page, html=(html[:place] + path.read_text("utf-8") + html[place:]).encode())


def _end_of_text(html: str) -> int | None:
    """Return the place behind the article or the main part of a page; None if it marks neither."""
    ends = [html.rfind(tag) for tag in ("</article>", "</main>")]
    return next((end for end in ends if end > 0), None)


def main() -> None:
    parser = called("benchmarks.reading.programs.dressings", __doc__)
    parser.add_argument("--only", default="", help="parts of names of programs and themes, with commas")
    parser.add_argument("--worst", type=int, default=0, help="so many of the worst pages, none apart, are named")
    given = parser.parse_args()
    scores: dict[str, list[tuple[float, float, bool, str]]] = defaultdict(list)
    for page in built_pages(given.only.split(",")):
        bare = mark(page).text.f1
        for name, one in dressed(page):
            found = extract(Page(one.url, one.html, "text/html; charset=utf-8"))
            said = found is not None and MARK in found.text
            where = "" if page.program.apart else f"{name}: {page.program.theme}/{page.text.name}"
            scores[name].append((mark(one).text.f1, bare, said, where))
    print("\n".join(lines(scores)))
    every = [row for rows in scores.values() for row in rows if row[3]]
    for f1, bare, _, where in sorted(every, key=lambda row: row[0] - row[1])[: given.worst]:
        print(f"{f1:.3f} of {bare:.3f} {where}")


def lines(scores: Mapping[str, Sequence[tuple[float, float, bool, str]]]) -> Iterator[str]:
    """Yield a line for each part."""
    yield f"{'':<24}{'pages':>6}{'F1':>8}{'lost':>8}{'in the text':>13}"
    for name, rows in scores.items():
        dressed_f1, bare = fmean(row[0] for row in rows), fmean(row[1] for row in rows)
        yield f"{name:<24}{len(rows):>6}{dressed_f1:>8.3f}{bare - dressed_f1:>8.3f}{sum(row[2] for row in rows):>13}"


if __name__ == "__main__":
    main()
