"""CPU of comparing two texts: `python -m benchmarks.differing`."""

from __future__ import annotations

import random
import time

from archive.retrieval.difference.lines import compare
from benchmarks.machine import called, load

WORDS = [f"word{number}" for number in range(5_000)]


def text(lines: int, chance: random.Random) -> list[str]:
    """Return lines of twelve random words."""
    return [" ".join(chance.choices(WORDS, k=12)) for _ in range(lines)]


def edited(lines: list[str], chance: random.Random) -> list[str]:
    """Change a word in one of ten lines."""
    return [line.replace(" ", " else ", 1) if chance.random() < 0.1 else line for line in lines]


def measure(name: str, old: list[str], new: list[str]) -> None:
    began = time.process_time()
    rows = compare("\n".join(old), "\n".join(new))
    print(f"{name}: {time.process_time() - began:.2f} s CPU, {len(rows)} rows")


def main() -> None:
    called("benchmarks.differing", __doc__).parse_args()
    chance = random.Random(1)
    print(load())
    for lines in (100, 4_000, 40_000):
        old = text(lines, chance)
        measure(f"{lines} lines, one of ten edited", old, edited(old, chance))
        measure(f"{lines} lines without order against as many", old, text(lines, chance))
    one = [" ".join(text(20_000, chance))]
    measure("one line of 240,000 words against another", one, [" ".join(text(20_000, chance))])


if __name__ == "__main__":
    main()
