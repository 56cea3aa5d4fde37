"""Score our extractor on pages that real programs build of our own texts.

    python -m benchmarks.reading.programs [--only NAME,…] [--worst N]

For each program and theme: precision, recall and F1 of the text, cells of tables in their row and column, code blocks
that are exact, and the share of right titles, authors and dates. In the shapes of 26 themes of WordPress also the F1 of
the comments, and the share of their right names and days. Then the means by language, those of the programs that rules
may be found on and of those set apart, and their gap. The first run installs the programs with pip and npm, and builds
the sites in the user's cache. The last part is one page of every structure, built by Sphinx and MkDocs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

from benchmarks.machine import called
from benchmarks.reading.programs.every import all_pages
from benchmarks.reading.programs.marks import FIGURES, PageMark, line, mark, means
from benchmarks.reading.programs.readings import ProgramPage, program_pages
from benchmarks.reading.scoring import mark_text
from benchmarks.reading.structure import placed
from extractor.html.page import Page
from extractor.reading import extract


def scored(page: ProgramPage) -> tuple[float, str]:
    """Return the F1 of a page of every structure, and the line about it."""
    found = extract(Page(page.url, page.html, "text/html; charset=utf-8"))
    text, marked = (found.text, found.markdown or "") if found is not None else ("", "")
    marks = mark_text(text, page.text)
    cells, of = placed([list(row) for row in page.rows], text)
    word, note = page.note
    linked = f"{word}[^1]" in marked.replace(" [", "[") and f"[^1]: {note}" in marked
    kept = {"code": page.code in text, "formula": f"\n$${page.formula}$$\n" in text, "note": linked}
    lost = ", ".join(name for name, whole in kept.items() if not whole)
    figures = f"{marks.precision:>8.3f}{marks.recall:>8.3f}{marks.f1:>8.3f}{cells:>6} of {of} cells"
    return marks.f1, f"{page.name:<28}{figures}{f', without {lost}' if lost else ''}"


def table(marks: Sequence[PageMark]) -> Iterator[str]:
    """Yield the lines about all pages: by program, by language, and known and apart side by side."""
    yield f"{'':<32}{'pages':>5}" + "".join(f"{name:>10}" for name in FIGURES)
    yield from _lines(marks, lambda one: one.page.program.label + (" (apart)" if one.page.program.apart else ""))
    yield ""
    yield from _lines(marks, lambda one: one.page.text.language)
    yield ""
    known, apart = ([one for one in marks if one.page.program.apart is wanted] for wanted in (False, True))
    for label, listed in (("known programs and themes", known), ("apart", apart)):
        if listed:
            yield line(label, listed)
    if known and apart:
        yield f"gap in F1 {means(known)['F1'] - means(apart)['F1']:.3f}"


def _lines(marks: Sequence[PageMark], key: Callable[[PageMark], str]) -> Iterator[str]:
    groups: dict[str, list[PageMark]] = defaultdict(list)
    for one in marks:
        groups[key(one)].append(one)
    yield from (line(label, listed) for label, listed in groups.items())


def main() -> None:
    parser = called("benchmarks.reading.programs", __doc__)
    parser.add_argument("--only", default="", help="parts of names of programs and themes, with commas")
    parser.add_argument(
        "--worst", type=int, default=0, help="so many of the worst pages, none of them apart, are named"
    )
    given = parser.parse_args()
    marks = [mark(page) for page in all_pages(given.only.split(","))]
    print("\n".join(table(marks)))
    known = (one for one in marks if not one.page.program.apart)
    for one in sorted(known, key=lambda one: one.text.f1)[: given.worst]:
        print(line(f"{one.page.program.theme}/{one.page.text.name}", [one]))
    if not given.only:
        every = [scored(page) for page in program_pages()]
        print("\n".join(["", "A page of every structure", *(said for _, said in every)]))
        print(f"{len(every)} pages, mean F1 {fmean(f1 for f1, _ in every):.3f}")


if __name__ == "__main__":
    main()
