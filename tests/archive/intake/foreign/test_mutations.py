"""Randomly damaged files of every format: ingesting always ends soon with a result, and stored records are valid."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import LONG
from specimens import foreign
from specimens.archives import Kept, empty_archive

from archive.intake.foreign.import_file import import_file
from archive.values.errors import RefusedWarc
from archive.warc.integrity.verify import verify_file

CASES = 5_000 if LONG else 40
"""Number of damaged files of each format."""


def wacz() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("archive/one.warc.gz", foreign.by_record())
        package.writestr("archive/two.warc", foreign.plain(), zipfile.ZIP_DEFLATED)
    return file.getvalue()


FORMS: dict[str, Callable[[], bytes]] = {
    "plain": foreign.plain,
    "gzip by record": foreign.by_record,
    "gzip over all": lambda: foreign.whole_file(60),
    "zstd": foreign.zstd,
    "zstd with a dictionary": lambda: foreign.zstd(dictionary=foreign.plain(40)[:4000]),
    "ARC": foreign.arc,
    "ARC, compressed": foreign.arc_gzip,
    "WACZ": wacz,
}
TOKENS = (
    b"\r\n\r\n",
    b"WARC/1.0\r\n",
    b"\x1f\x8b\x08",
    b"Content-Length: 99999999999\r\n",
    b"PK\x03\x04",
    bytes(40),
    b"\n",
)


def harmed(octets: bytes, chance: random.Random) -> bytes:
    """Apply one to four mutations: change a byte; remove, double, move or zero a part; insert a token; cut the end."""
    for _ in range(chance.randint(1, 4)):
        a, b = sorted(chance.randrange(len(octets) + 1) for _ in range(2))
        octets = chance.choice(
            (
                octets[:a] + bytes([chance.randrange(256)]) + octets[a + 1 :],
                octets[:a] + octets[b:],
                octets[:b] + octets[a:],
                octets[b:] + octets[a:b] + octets[:a],
                octets[:a] + bytes(min(b - a, 64)) + octets[a + 64 :],
                octets[:a] + chance.choice(TOKENS) + octets[a:],
                octets[:b],
            )
        )
    return octets


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with empty_archive(tmp_path_factory.mktemp("harmed") / "archive") as kept:
        yield kept


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_file_is_accepted_or_refused(kept: Kept, tmp_path: Path, form: str) -> None:
    whole, path, taken, refused = FORMS[form](), tmp_path / "harmed", 0, 0
    for seed in range(CASES):
        path.write_bytes(harmed(whole, random.Random(f"{form} {seed}")))
        try:
            results = list(import_file(path, "default", kept.archive.ingest, kept.index))
        except RefusedWarc:  # another segment of this name, with other bytes
            refused += 1
            continue
        assert results, seed
        assert all(one.segment or one.refused for one in results), seed
        taken += sum(one.captures for one in results)
        refused += sum(len(one.refused) for one in results)

    assert taken
    assert refused


def test_records_of_damaged_files_are_stored_intact(kept: Kept, tmp_path: Path) -> None:
    """Any reader can read the accepted records, those of the tests above included."""
    path = tmp_path / "harmed"
    for form, whole in FORMS.items():
        path.write_bytes(harmed(whole(), random.Random(f"{form} 0")))
        with suppress(RefusedWarc):
            list(import_file(path, "default", kept.archive.ingest, kept.index))
    warcs = list(kept.store.keys("warc/v1/"))
    assert warcs
    for key in warcs:
        with kept.store.get(key) as file:
            findings = list(verify_file(io.BytesIO(file.read()), key))
        assert [finding for finding in findings if finding.kind != "field"] == [], key
