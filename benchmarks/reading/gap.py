"""Print the F1 of the text on tuned pages, on pages of unseen sources, and on pages that programs made, side by side.

    python -m benchmarks.reading.gap --data FILE

*Shipped* reads with the shipped model, which was trained with these pages; *domain* with models trained without the
pages of the domain; *source* with models trained without any page of the same collection, in any encoding. The gap is
between the last two. The rules were written on pages of all these collections, so the gap of rules is not in it: for
these, compare the programs that are set apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean

from benchmarks.machine import called
from benchmarks.reading.__main__ import read
from benchmarks.reading.data import samples
from benchmarks.reading.programs.every import all_pages
from benchmarks.reading.programs.marks import mark
from benchmarks.reading.scoring import mark_text
from benchmarks.reading.train import FOLDS, cross_validated, without_each_source
from extractor.reading import load

WAYS = ("shipped", "domain", "source")


def gaps(data: Path) -> Iterator[str]:
    """Yield a line for each type of page, and for its pages of each collection."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        by_domain = apart.submit(cross_validated, data, FOLDS).result()
        by_source = apart.submit(without_each_source, data).result()
    marks: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for sample in samples(data):
        if sample.gold.get("text") and sample.gold["type"] != "encoding":
            models = (None, by_domain[sample.fold(FOLDS)], by_source[sample.source])
            found = tuple(mark_text(read(sample, trees).text, sample.gold["text"]).f1 for trees in models)
            marks[sample.group].append(found)
            marks[f"{sample.group} of {sample.source}"].append(found)
    yield f"{'':<40}{'pages':>6}" + "".join(f"{way:>9}" for way in WAYS) + f"{'gap':>9}"
    for group, rows in sorted(marks.items()):
        shipped, domain, source = map(fmean, zip(*rows, strict=True))
        yield f"{group:<40}{len(rows):>6}{shipped:>9.4f}{domain:>9.4f}{source:>9.4f}{domain - source:>9.4f}"


def made() -> Iterator[str]:
    """Yield the lines about pages that programs made, which the shipped model was not trained on."""
    marks: dict[bool, list[float]] = defaultdict(list)
    for page in all_pages():
        marks[page.program.apart].append(mark(page).text.f1)
    for apart, found in sorted(marks.items()):
        yield f"{'programs apart' if apart else 'programs known':<40}{len(found):>6}{fmean(found):>9.4f}"
    if len(marks) > 1:
        yield f"{'':<40}{'gap':>6}{fmean(marks[False]) - fmean(marks[True]):>9.4f}"


def main() -> None:
    parser = called("benchmarks.reading.gap", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="packed data (.tar.zst), or a directory of that form")
    given = parser.parse_args()
    load()
    for line in (*gaps(given.data), "", *made()):
        print(line)


if __name__ == "__main__":
    main()
