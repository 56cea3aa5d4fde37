"""ZipNum: a sorted CDXJ index in compressed blocks, with an index of the blocks, as pywb and Common Crawl use.

It is three files in one ZIP, to be unpacked into a directory: ``cdx-00000.gz``, ``cluster.idx`` and ``cluster.loc``.
"""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from archive.export.cdxj import Cdxj
from archive.export.job import Job
from archive.export.lines import archive_line, blocks, flaw, lines
from archive.export.zip_stream import StreamedZip, entries_of
from archive.values.errors import Finding

SHARD = "cdx-00000.gz"


class Zipnum:
    name = "zipnum"
    suffix = ".zipnum.zip"
    media_type = "application/zip"
    resumable = False

    @property
    def parts(self) -> Cdxj:
        return Cdxj()

    def pieces(self, job: Job) -> Iterator[bytes]:
        return self._written(lines(job, archive_line), job.created)

    def joined(self, lines: BinaryIO, created: datetime) -> Iterator[bytes]:
        return self._written((line.decode("ascii").rstrip("\n") for line in lines), created)

    def _written(self, all_lines: Iterable[str], created: datetime) -> Iterator[bytes]:
        package, index = StreamedZip(created), []
        offset = 0

        def octets() -> Iterator[bytes]:
            nonlocal offset
            for number, block in enumerate(blocks(all_lines), 1):
                index.append(f"{block.key}\t{SHARD}\t{offset}\t{len(block.octets)}\t{number}\n")
                offset += len(block.octets)
                yield block.octets

        yield from package.add(SHARD, octets(), stored=True)
        yield from package.add("cluster.idx", ["".join(index).encode("ascii")])
        yield from package.add("cluster.loc", [f"{SHARD}\t{SHARD}\n".encode("ascii")])
        yield from package.end()

    def verify(self, file: Path) -> Iterator[Finding]:
        entries, findings = entries_of(file)
        yield from findings
        if findings or not {SHARD, "cluster.idx", "cluster.loc"} <= entries.keys():
            yield Finding(
                file.name, None, "zipnum", "it lacks one of the three files of a ZipNum index, or one is incomplete"
            )
            return
        with zipfile.ZipFile(file) as package:
            shard, index = package.read(SHARD), package.read("cluster.idx").decode("ascii", "replace")
        yield from (Finding(file.name, None, "zipnum", sentence) for sentence in _flaws(shard, index))


def _flaws(shard: bytes, index: str) -> Iterator[str]:
    before, end = "", 0
    for text in index.splitlines():
        try:
            key, _, offset, length, number = text.split("\t")
            block = gzip.decompress(shard[int(offset) : int(offset) + int(length)]).decode("ascii")
        except (ValueError, OSError, EOFError) as error:
            yield f"a block of {SHARD} is not at the position in cluster.idx: {error}"
            continue
        if int(offset) != end or not block.startswith(f"{key} "):
            yield f"block {number} of {SHARD} does not match cluster.idx"
        end = int(offset) + int(length)
        for line in block.splitlines(keepends=True):
            if why := flaw(line, before):
                yield f"block {number}: {why}"
            before = line
    if end != len(shard):
        yield f"cluster.idx expects {end} bytes, {SHARD} has {len(shard)}"
