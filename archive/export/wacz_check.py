"""Verify a WACZ (WACZ 1.1.1): every file is listed with its digest, and every index line matches the WARC."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from archive.export.zip_stream import Entry, entries_of
from archive.values.errors import DamagedRecord, Finding
from archive.warc.integrity.verify import Line, cdxj_lines, verify_file
from archive.warc.record import read

_UNNAMED = frozenset({"datapackage.json", "datapackage-digest.json"})
_NEEDED = ("pages/pages.jsonl", "datapackage.json", "datapackage-digest.json")


def check(file: Path) -> Iterator[Finding]:
    """Yield everything wrong with a WACZ."""
    entries, findings = entries_of(file)
    yield from findings
    yield from (_finding(file, f"it has no {name}") for name in _NEEDED if name not in entries)
    if findings or not entries.keys() >= set(_NEEDED):
        return
    with zipfile.ZipFile(file) as package:
        try:
            yield from (_finding(file, sentence) for sentence in _package(package, entries))
            yield from (_finding(file, sentence) for sentence in _pages(package.read("pages/pages.jsonl")))
            yield from _warcs(package, file)
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            yield _finding(file, f"it can't be understood: {type(error).__name__}: {error}")


def _finding(file: Path, sentence: str) -> Finding:
    return Finding(file.name, None, "wacz", sentence)


def _package(package: zipfile.ZipFile, entries: dict[str, Entry]) -> Iterator[str]:
    described = package.read("datapackage.json")
    said = json.loads(package.read("datapackage-digest.json"))
    if said.get("hash") != f"sha256:{hashlib.sha256(described).hexdigest()}":
        yield "the digest of datapackage.json does not match datapackage-digest.json"
    package_of = json.loads(described)
    if "signedData" in said:
        from archive.export.wacz_signature import flaw_of

        if flaw := flaw_of(said["signedData"], digest=said.get("hash"), created=package_of.get("created")):
            yield flaw
    resources = {entry["path"]: entry for entry in package_of["resources"]}
    for name in sorted((entries.keys() - _UNNAMED) ^ resources.keys()):
        yield f"{name} is {'not named in datapackage.json' if name in entries else 'not there'}"
    for name in sorted(entries.keys() & resources.keys()):
        wanted, found = resources[name], entries[name]
        if (wanted["hash"], wanted["bytes"]) != (f"sha256:{found.sha256}", found.size):
            yield f"{name} does not match datapackage.json: {found.size} bytes, sha256:{found.sha256}"


def _pages(content: bytes) -> Iterator[str]:
    head, *pages = content.splitlines()
    if json.loads(head).get("format") != "json-pages-1.0":
        yield "pages.jsonl does not begin with a format line"
    for number, line in enumerate(pages, 2):
        if not {"url", "ts"} <= json.loads(line).keys():
            yield f"line {number} of pages.jsonl lacks url or ts"


def _warcs(package: zipfile.ZipFile, file: Path) -> Iterator[Finding]:
    index = _index(package)
    if list(index) != sorted(index):
        yield _finding(file, "the index is not sorted")
    for name in (name for name in package.namelist() if name.startswith("archive/")):
        if package.getinfo(name).compress_type != zipfile.ZIP_STORED:
            yield _finding(file, f"{name} is compressed twice: it can't be read by ranges")
        short = name.removeprefix("archive/")
        mine = [text for text in index if json.loads(text.split(b" ", 2)[2])["filename"] == short]
        yield from _warc(package, name, mine)


def _warc(package: zipfile.ZipFile, name: str, mine: list[bytes]) -> Iterator[Finding]:
    lines: list[Line] = list(cdxj_lines(b"\n".join(mine), "the index"))
    with package.open(name) as warc:
        unlisted = _not_modified(warc)
        for finding in verify_file(cast("Any", warc), name, lines=lines):
            if finding.kind != "field" and not (finding.kind == "unlisted" and finding.offset in unlisted):
                yield finding
    with package.open(name) as warc:
        yield from _record_digests(warc, name, mine)


def _index(package: zipfile.ZipFile) -> list[bytes]:
    names = set(package.namelist())
    if "indexes/index.cdxj" in names:
        return package.read("indexes/index.cdxj").splitlines()
    compressed, index = package.read("indexes/index.cdx.gz"), package.read("indexes/index.idx")
    found: list[bytes] = []
    for text in index.splitlines()[1:]:
        place = json.loads(text.split(b" ", 2)[2])
        block = compressed[place["offset"] : place["offset"] + place["length"]]
        if place["digest"] != f"sha256:{hashlib.sha256(block).hexdigest()}":
            raise ValueError("the digest of a block in index.cdx.gz does not match index.idx")
        found += gzip.decompress(block).splitlines()
    return found


def _not_modified(warc: IO[bytes]) -> set[int]:
    """Return the offsets of records that no index of a WACZ lists."""
    offsets: set[int] = set()
    try:
        for record in read(cast("Any", warc)):
            if (record.header("warc-profile") or "").endswith("server-not-modified"):
                offsets.add(record.offset)
    except DamagedRecord:
        pass  # the verification of records reports it
    return offsets


def _record_digests(warc: IO[bytes], name: str, mine: list[bytes]) -> Iterator[Finding]:
    """Check the digests of compressed records in the index, which verify records that are fetched alone."""
    facts = sorted((json.loads(text.split(b" ", 2)[2]) for text in mine), key=lambda one: int(one["offset"]))
    for one in facts:
        offset = int(one["offset"])
        warc.seek(offset)
        digest = f"sha256:{hashlib.sha256(warc.read(int(one['length']))).hexdigest()}"
        if one.get("recordDigest") != digest:
            sentence = f"the record's digest is {digest}, the index says {one.get('recordDigest')}"
            yield Finding(name, offset, "record-digest", sentence)
