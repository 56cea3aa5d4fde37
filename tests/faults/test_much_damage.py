"""Half of a store's objects are damaged at once, some of them under damaged manifests, and the audit names all."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import figure
from services.databases import database_at
from specimens.archives import LATER, Kept
from specimens.captures import NOON
from specimens.segments import SegmentFile, answered

from archive.archive import Archive
from archive.export import Exports
from archive.index.index import Index
from archive.shipping.unnamed_objects import expected_of
from archive.spool.sealed import Sealed
from archive.store.local import LocalStore
from archive.texts.texts import TextRow, Texts
from archive.values.urlkey import urlkey
from archive.warc.facts import captures_of
from archive.warc.record import read
from pressmark.upkeep.audit_store import audit_store

SEGMENTS = figure(110, 110, 1000)
"""With four objects each, half of them damaged."""
Harm = Callable[[random.Random, Sequence[Path]], None]


def flip(chance: random.Random, paths: Sequence[Path]) -> None:
    for path in paths:
        content = bytearray(path.read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)


def cut(chance: random.Random, paths: Sequence[Path]) -> None:
    for path in paths:
        content = path.read_bytes()
        path.write_bytes(content[: chance.randrange(len(content))])


def delete(_chance: random.Random, paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink()


def zero(_chance: random.Random, paths: Sequence[Path]) -> None:
    for path in paths:
        path.write_bytes(bytes(path.stat().st_size))


def swap(_chance: random.Random, paths: Sequence[Path]) -> None:
    """Give each the content of the next one."""
    contents = [path.read_bytes() for path in paths]
    for path, content in zip(paths, contents[1:] + contents[:1], strict=True):
        path.write_bytes(content)


HARMS: tuple[Harm, ...] = (flip, cut, delete, zero, swap)
KINDS = ("warc", "cdxj", "text", "manifest")


@contextmanager
def archive_of(directory: Path, segments: int) -> Iterator[tuple[Kept, Path]]:
    """Return an archive of this many segments of a page each, and the root of its store."""
    database = database_at(directory / "archive.db")
    root = directory / "store"
    index, texts, store = Index(database, now=lambda: LATER), Texts(database), LocalStore(root)
    archive = Archive(index, texts, store, read_texts=one_text)
    for number in range(segments):
        at = NOON + timedelta(minutes=number)
        segment = SegmentFile(directory, f"{at:%Y%m%dT%H%M%SZ}-1-{number}-{number:08x}", at=at)
        page = f"<title>{number}</title><p>This page has the number {number}.".encode()
        segment.write(answered(f"https://example.org/{number}", page, minute=number))
        archive.ingest(segment.path)
    yield Kept(archive, database, index, texts, store, Exports(index, texts, store, by="test")), root
    database.close()


def one_text(sealed: Sealed) -> Sequence[TextRow]:
    with sealed.path.open("rb") as file:
        [capture] = captures_of(read(file), sealed.name, sealed.collection, urlkey)
    row = TextRow(capture.record_id, sealed.name, capture.url, capture.at, capture.digest, "done")
    return [replace(row, title=capture.url, text=f"This is {capture.url}")]


def named_in(kept: Kept) -> set[str]:
    expected = expected_of(kept.index.segments("committed"), kept.texts)
    known = [row.manifest_key for row in kept.index.segments("committed") if row.manifest_key]
    return {one.name for one in audit_store(kept.store, known=known, expected=expected) if one.findings}


@pytest.mark.parametrize("hidden", [False, True], ids=["half of each kind", "below damaged manifests only"])
def test_two_hundred_objects_damaged_at_once_are_all_named(tmp_path: Path, hidden: bool) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with archive_of(tmp_path, SEGMENTS) as (kept, root):
        assert named_in(kept) == set(), "an undamaged store has no findings"
        harmed = [
            path for kind in KINDS for path in half(chance, root / kind, everything=hidden and kind == "manifest")
        ]
        deal = chance.sample(harmed, len(harmed))
        for number, harm in enumerate(HARMS):
            harm(chance, deal[number :: len(HARMS)])
        named = named_in(kept)

    keys = [path.relative_to(root).as_posix() for path in harmed]
    assert len(keys) >= 200
    assert [key for key in keys if key not in named and key.rpartition("-")[0] not in named] == []
    assert len(named) <= len(keys) + 1, "and nothing else but the chain of the manifests"


def test_an_audit_that_knows_no_keys_misses_what_is_gone_and_is_caught(tmp_path: Path) -> None:
    """The index knows which objects must be there.

    A store that has lost the manifests, too, says nothing about them.
    """
    with archive_of(tmp_path, 3) as (kept, root):
        for kind in KINDS:
            for path in (root / kind).rglob("*"):
                if path.is_file() and kind in ("warc", "manifest"):
                    path.unlink()
        by_store_alone = {one.name for one in audit_store(kept.store) if one.findings}
        named = named_in(kept)

    assert len(named) >= 3
    assert not named <= by_store_alone


def half(chance: random.Random, directory: Path, *, everything: bool) -> list[Path]:
    paths = sorted(path for path in directory.rglob("*") if path.is_file())
    return paths if everything else chance.sample(paths, len(paths) // 2)


def test_an_object_being_put_is_not_a_finding(tmp_path: Path) -> None:
    with archive_of(tmp_path, 2) as (kept, root):
        manifest = next(path for path in (root / "manifest").rglob("*.json"))
        manifest.unlink()

        assert {one.name for one in audit_store(kept.store) if one.findings} == set()
