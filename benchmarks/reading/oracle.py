"""The score of the best choice of blocks, the upper bound of any model.

    python -m benchmarks.reading.oracle --data FILE

For each group of pages, it prints the F1 of the blocks in which the gold text is found, and of those labelled as text:
the set that agrees best with the gold, found by exchanging one block at a time.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from statistics import fmean

from benchmarks.machine import called
from benchmarks.reading.data import Sample, samples
from benchmarks.reading.labels import first_choice
from extractor.article.article import lay_out
from extractor.forums.registry import forum_of
from extractor.metadata.metadata import read_metadata


def bounds(sample: Sample) -> tuple[float, float]:
    """Return the F1 of the blocks in which the gold text is found, and of the best choice."""
    page = sample.page
    texts = lay_out(page, True if forum_of(page) is not None else read_metadata(page).thread).blocks.texts
    choice = first_choice(sample.gold["text"], texts)
    found = choice.f1
    choice.improve()
    return found, choice.f1


def main() -> None:
    arguments = called("benchmarks.reading.oracle", __doc__)
    arguments.add_argument(
        "--data", type=Path, required=True, help="packed data (.tar.zst), or a directory of that form"
    )
    given = arguments.parse_args()
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for sample in samples(given.data):
        if sample.gold.get("text"):
            found = bounds(sample)
            for group in {sample.group, sample.gold["type"], f"{sample.gold['type']} of {sample.gold['ds']}"}:
                groups[group].append(found)
    print(f"{'':<34}{'pages':>6}{'found':>8}{'best':>8}")
    for group, found in sorted(groups.items()):
        first, best = map(fmean, zip(*found, strict=True))
        print(f"{group:<34}{len(found):>6}{first:>8.3f}{best:>8.3f}")


if __name__ == "__main__":
    main()
