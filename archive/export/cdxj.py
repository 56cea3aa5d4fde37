"""CDXJ: the index of the selected captures, with locations in the WARCs of this archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from archive.export.job import Job
from archive.export.lines import archive_line, flaw, lines
from archive.values.errors import Finding


class Cdxj:
    name = "cdxj"
    suffix = ".cdxj"
    media_type = "text/x-cdxj"
    resumable = False

    def pieces(self, job: Job) -> Iterator[bytes]:
        return (f"{line}\n".encode("ascii") for line in lines(job, archive_line))

    def verify(self, file: Path) -> Iterator[Finding]:
        with file.open("rb") as lines:
            yield from self.findings(file.name, lines)

    def findings(self, name: str, lines: Iterable[bytes]) -> Iterator[Finding]:
        before = ""
        for number, raw in enumerate(lines, 1):
            line = raw.decode("utf-8", "replace")
            if why := (flaw(line, before) if line.endswith("\n") else "the file is truncated"):
                yield Finding(name, None, "line", f"line {number}: {why}")
            before = line
