"""If the disk damages a sealed segment before it is shipped, its intact part is sealed again and shipped."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from conftest import LONG
from faults.segments import seal
from faults.shipping import Works, assert_whole, running, state_of, wait_until, works

from archive.retrieval.retrieval import Retrieval
from archive.spool.sealed import Sealed, sealed_in
from archive.store.memory import MemoryStore
from archive.values.capture import Capture
from archive.warc import journal

PLACES = 200 if LONG else 12


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << place % 8
    path.write_bytes(content)


def ship(at: Works, sealed: Sealed) -> Sealed:
    """Let the running shipper ship a segment, and return it as shipped."""
    at.shipper.add(sealed)
    wait_until(lambda: state_of(at, sealed) == "committed")
    [found] = [found for found in sealed_in(at.spool) if found.name == sealed.name]
    return found


def noted(at: Works, suffix: str) -> list[Path]:
    return sorted((at.spool / "quarantine").glob(f"*{suffix}"))


def test_the_intact_records_of_a_damaged_segment_are_shipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with works(tmp_path, MemoryStore()) as at:
        sealed = seal(at.spool, 1, pages=6)
        captures = list(journal.read(sealed.journal))
        at.index.sealed(sealed)
        at.index.add(captures)
        harmed = captures[2]
        flip(sealed.path, harmed.location.offset + harmed.location.length // 2)

        with running(at.shipper):
            shipped = ship(at, sealed)

        kept = [capture for capture in captures if capture is not harmed]
        assert list(journal.read(shipped.journal)) == kept
        assert not sealed.path.exists()
        assert f"{sealed.path} is damaged" in caplog.text
        [aside] = noted(at, ".damaged")
        assert str(aside) in caplog.text
        [lost] = noted(at, ".lost.jsonl")
        assert list(journal.read(lost)) == [harmed]
        row = at.index.segment(sealed.name)
        assert row
        assert (row.sha256, row.size, row.path) == (shipped.sha256, shipped.size, str(shipped.path))
        readable(at, [capture for capture in kept if capture.kind != "failed"])


def readable(at: Works, captures: list[Capture]) -> None:
    retrieval = Retrieval(at.index, at.store)
    for capture in captures:
        with retrieval.record(capture.location) as record:
            assert record.id == capture.record_id


def test_intact_records_are_shipped_wherever_a_bit_flips(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with works(tmp_path, MemoryStore()) as at, running(at.shipper):
        for number in range(PLACES):
            sealed = seal(at.spool, number, pages=4)
            captures = [capture for capture in journal.read(sealed.journal) if capture.kind != "failed"]
            place = chance.randrange(sealed.size)
            flip(sealed.path, place)

            shipped = ship(at, sealed)

            harmed = [c for c in captures if 0 <= place - c.location.offset < c.location.length]
            kept = [capture for capture in journal.read(shipped.journal) if capture.kind != "failed"]
            assert set(captures) - set(harmed) <= set(kept), f"seed {seed}, place {place} of segment {number}"
            readable(at, kept)
            assert_whole(at, shipped)


def test_a_segment_without_intact_captures_is_given_up_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with works(tmp_path, MemoryStore()) as at:
        rotten, good = seal(at.spool, 1), seal(at.spool, 2)
        captures = list(journal.read(rotten.journal))
        rotten.path.write_bytes(b"rotten")
        at.shipper.add(rotten)

        with running(at.shipper):
            ship(at, good)
            wait_until(lambda: at.shipper.state().waiting == 0)

        row = at.index.segment(rotten.name)
        assert row
        assert row.problem
        assert row.problem.startswith(f"{rotten.path} was damaged and has no intact captures")
        [lost] = noted(at, ".lost.jsonl")
        assert list(journal.read(lost)) == captures
        [tail] = noted(at, ".tail")
        assert tail.read_bytes() == b"rotten"


def test_a_filler_replaces_a_lost_capture(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        sealed = seal(at.spool, 1)
        [capture, *_] = journal.read(sealed.journal)
        flip(sealed.path, capture.location.offset + 60)
        with running(at.shipper):
            ship(at, sealed)

        with Retrieval(at.index, at.store).record(capture.location) as record:
            assert (record.type, record.id != capture.record_id) == ("metadata", True)
