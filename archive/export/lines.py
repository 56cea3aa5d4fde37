"""Index lines of an export: standard CDXJ, plain or in compressed blocks (ZipNum)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice

from archive.export.job import Job
from archive.export.members import packed
from archive.export.plan import Item
from archive.warc import cdxj

BLOCK = 300
"""Lines of a block, as cdxj-indexer has it."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines compressed as one gzip member."""

    key: str
    """Key and timestamp of its first line."""
    octets: bytes


def lines(job: Job, line_of: Callable[[Item], str | None]) -> Iterator[str]:
    """Yield the lines of the items, sorted by bytes. Not-modified captures have none: other tools replay them as blank
    pages.
    """
    replayable = (item for item in job.items("key") if item.capture.kind != "not-modified")
    named = ((line, _key(line)) for item in replayable if (line := line_of(item)))
    for _, alike in groupby(named, key=lambda pair: pair[1]):
        yield from sorted(line for line, _ in alike)


def blocks(all_lines: Iterable[str]) -> Iterator[Block]:
    rest = iter(all_lines)
    while some := list(islice(rest, BLOCK)):
        yield Block(_key(some[0]), packed("".join(f"{line}\n" for line in some).encode("ascii")))


def flaw(line: str, before: str) -> str | None:
    """Return what is wrong with a line, or with its order after another one; None if nothing is."""
    try:
        key, timestamp, fields = line.split(" ", 2)
        facts = json.loads(fields)
        whole = {"url", "digest", "offset", "length", "filename"} <= facts.keys()
    except (ValueError, AttributeError):
        return "it is not a CDXJ line"
    if not (key and whole and len(timestamp) == 14 and timestamp.isdigit()):
        return "it lacks a CDXJ field"
    return None if before <= line else "it is not sorted"


def archive_line(item: Item) -> str | None:
    """Return the line of an item, with its location in this archive's WARCs."""
    return cdxj.export_line(item.capture) if item.asked else None


def _key(line: str) -> str:
    return " ".join(line.split(" ", 2)[:2])
