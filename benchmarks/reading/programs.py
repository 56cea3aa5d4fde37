"""Score our extractor on pages that real programs make of our own text.

    python -m benchmarks.reading.programs

For each program and theme: precision, recall and F1 of the text, cells of the table in their row and column, and
whether the code block is exact, the formula is TeX on a line of its own, and the footnote is linked.
"""

from __future__ import annotations

from statistics import fmean

from benchmarks.machine import called
from benchmarks.reading.made_by_programs import ProgramPage, program_pages
from benchmarks.reading.scoring import mark_text
from benchmarks.reading.structure import placed
from extractor.html.page import Page
from extractor.reading import extract


def scored(page: ProgramPage) -> tuple[float, str]:
    """Return the F1 of a page, and the line about it."""
    found = extract(Page(page.url, page.html, "text/html; charset=utf-8"))
    text, marked = (found.text, found.markdown or "") if found is not None else ("", "")
    mark = mark_text(text, page.text)
    cells, of = placed([list(row) for row in page.rows], text)
    word, note = page.note
    linked = f"{word}[^1]" in marked.replace(" [", "[") and f"[^1]: {note}" in marked
    kept = {"code": page.code in text, "formula": f"\n$${page.formula}$$\n" in text, "note": linked}
    lost = ", ".join(name for name, whole in kept.items() if not whole)
    figures = f"{mark.precision:>8.3f}{mark.recall:>8.3f}{mark.f1:>8.3f}{cells:>6} of {of} cells"
    return mark.f1, f"{page.name:<28}{figures}{f', without {lost}' if lost else ''}"


def main() -> None:
    called("benchmarks.reading.programs", __doc__).parse_args()
    marks: list[float] = []
    for page in program_pages():
        mark, line = scored(page)
        marks.append(mark)
        print(line)
    print(f"{len(marks)} pages, mean F1 {fmean(marks):.3f}")


if __name__ == "__main__":
    main()
