"""BagIt 1.0 (RFC 8493): a WARC, its index and the texts in a bag, the exchange format of libraries, as a ZIP file."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from archive.export.job import Job
from archive.export.jsonl import line
from archive.export.lines import lines
from archive.export.plan import Item
from archive.export.rows import row_of
from archive.export.warc import warc_pieces
from archive.export.zip_stream import Entry, StreamedZip, entries_of
from archive.values.errors import Finding
from archive.warc import cdxj

WARC = "data.warc.gz"

_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


class Bagit:
    name = "bagit"
    suffix = ".bag.zip"
    media_type = "application/zip"
    resumable = False

    def pieces(self, job: Job) -> Iterator[bytes]:
        package, top = StreamedZip(job.created), f"{job.name}/"
        yield from package.add(f"{top}data/{WARC}", warc_pieces(job), stored=True)
        yield from package.add(f"{top}data/index.cdxj", (f"{text}\n".encode("ascii") for text in lines(job, _line)))
        yield from package.add(f"{top}data/captures.jsonl", _rows(job))
        payload = list(package.entries)
        yield from package.add(f"{top}bagit.txt", [_DECLARATION])
        yield from package.add(f"{top}bag-info.txt", [_info(job, payload)])
        yield from package.add(f"{top}manifest-sha256.txt", [_manifest(top, payload)])
        tags = package.entries[len(payload) :]
        yield from package.add(f"{top}tagmanifest-sha256.txt", [_manifest(top, tags)])
        yield from package.end()

    def verify(self, file: Path) -> Iterator[Finding]:
        entries, findings = entries_of(file)
        yield from findings
        if not findings:
            yield from (Finding(file.name, None, "bagit", sentence) for sentence in _flaws(file, entries))


def _line(item: Item) -> str | None:
    return None if item.put_at is None else cdxj.placed_line(item.capture, WARC, item.put_at, {})


def _rows(job: Job) -> Iterator[bytes]:
    return (line(row_of(item, job.text(item), item.tags)) for item in job.items() if item.asked)


def _info(job: Job, payload: list[Entry]) -> bytes:
    facts = {
        "Bagging-Date": f"{job.created:%Y-%m-%d}",
        "Bag-Software-Agent": job.plan.software,
        "External-Description": f"Web captures: {job.plan.selection}",
        "Payload-Oxum": f"{sum(entry.size for entry in payload)}.{len(payload)}",
    }
    return "".join(f"{name}: {value}\n" for name, value in facts.items()).encode()


def _manifest(top: str, entries: list[Entry]) -> bytes:
    return "".join(f"{entry.sha256}  {entry.name.removeprefix(top)}\n" for entry in entries).encode()


def _flaws(file: Path, entries: dict[str, Entry]) -> Iterator[str]:
    tops = {name.partition("/")[0] for name in entries}
    if len(tops) != 1:
        yield f"it has {len(tops)} top-level directories, not one"
        return
    top = f"{tops.pop()}/"
    inside = {name.removeprefix(top): entry for name, entry in entries.items()}
    needed = ("bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt")
    if missing := [name for name in needed if name not in inside]:
        yield f"it has no {' and no '.join(missing)}"
        return
    with zipfile.ZipFile(file) as package:
        payload = _named(package.read(f"{top}manifest-sha256.txt"))
        tags = _named(package.read(f"{top}tagmanifest-sha256.txt"))
    if inside["bagit.txt"].sha256 != hashlib.sha256(_DECLARATION).hexdigest():
        yield "bagit.txt does not declare a bag of version 1.0"
    for name in sorted({name for name in inside if name.startswith("data/")} ^ payload.keys()):
        yield f"{name} is not both there and in the manifest"
    for name, digest in sorted((payload | tags).items()):
        if name in inside and inside[name].sha256 != digest:
            yield f"{name} has the SHA-256 {inside[name].sha256}, its manifest says {digest}"


def _named(manifest: bytes) -> dict[str, str]:
    rows = (text.split(None, 1) for text in manifest.decode("utf-8", "replace").splitlines() if text.strip())
    return {row[1]: row[0] for row in rows if len(row) == 2}
