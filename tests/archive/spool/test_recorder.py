"""Acknowledged exchanges are on disk in a standard segment; others get a receipt with an error."""

from __future__ import annotations

import gzip
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from services.waiting import eventually
from specimens.desks import Desk
from specimens.exchanges import MORNING, context, numbered

from archive.spool.recorder import _GROUP_OCTETS, Receipt, Recorder
from archive.spool.space import back_pressure
from archive.spool.spool import Spool
from archive.values.capture import Capture
from archive.values.errors import ArchiveError, SpoolFull
from archive.warc import journal
from archive.warc.exchange_records import read, record_at
from archive.warc.integrity.verify import verify
from archive.warc.journal import load


def record_of(capture: Capture, warc: Path) -> bytes:
    with warc.open("rb") as file:
        file.seek(capture.location.offset)
        with record_at(file, capture.location.offset) as record:
            assert (record.id, record.length) == (capture.record_id, capture.location.length)
            return record.payload().read()


def waits(recorder: Recorder) -> bool:
    """Tell if the recorder's thread waits for more exchanges."""
    assert recorder._thread.ident
    return sys._current_frames()[recorder._thread.ident].f_code is threading.Condition.wait.__code__


def test_an_acknowledged_exchange_can_be_read_at_once_and_is_in_the_journal(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()

    desk.record(*(numbered(n) for n in range(5)))
    desk.recorder.flush()

    (name, path, collection) = desk.opened[0]
    assert (collection, path.name) == ("default", f"{name}.warc.gz.open")
    for n, capture in enumerate(desk.captures):
        response = numbered(n).response
        assert response is not None
        assert record_of(capture, path) == response.body
        assert capture.location.segment == name
    assert list(journal.read(path.with_name(name + ".journal.jsonl"))) == desk.captures


def test_a_segment_names_the_source_and_the_run_that_it_was_opened_for(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.record(numbered(1))
    desk.recorder.flush()

    with gzip.open(desk.opened[0][1]) as file:
        lines = file.read().splitlines()
    told = {f"openedForSource: {context().source}", f"openedForRun: {context().run}"}
    assert {line.encode() for line in told} <= set(lines)


def test_every_exchange_has_one_receipt_with_its_token(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()

    desk.record(*(numbered(n, size=10) for n in range(300)))
    desk.recorder.flush()

    assert [receipt.token for receipt in desk.receipts] == [numbered(n, size=10).request.url for n in range(300)]
    assert desk.recorder.backlog == 0
    assert max(map(len, desk.batches)) <= 128


def test_a_single_exchange_does_not_wait_for_a_full_group(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(wait=0.01)

    desk.record(numbered(1))

    deadline = time.monotonic() + 20
    while not desk.receipts and time.monotonic() < deadline:
        time.sleep(0.005)
    assert desk.captures


def test_a_full_group_waits_for_nothing(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(wait=3600, group=3)

    desk.record(*(numbered(n, size=10) for n in range(3)))

    eventually(lambda: len(desk.receipts) == 3, within=100)


def test_a_group_with_many_bytes_is_written_at_once(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(wait=3600)
    desk.record(numbered(1))
    eventually(lambda: waits(desk.recorder), within=100)

    desk.record(numbered(2, size=_GROUP_OCTETS + 1))

    eventually(lambda: len(desk.receipts) == 2, within=100)


def test_a_group_waits_for_its_time_limit(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(wait=3600)

    desk.record(*(numbered(n, size=10) for n in range(127)))
    time.sleep(0.1)
    assert desk.receipts == []
    desk.record(numbered(127))
    eventually(lambda: bool(desk.batches), within=100)

    assert list(map(len, desk.batches)) == [128]


@pytest.mark.parametrize("order", ["flush", "seal", "close"])
def test_nobody_who_needs_the_receipts_waits_for_the_time_limit_of_a_group(
    open_desk: Callable[..., Desk], order: str
) -> None:
    desk = open_desk(wait=3600)
    desk.record(numbered(1))
    time.sleep(0.05)  # the recorder waits for more
    waits = threading.Thread(target=getattr(desk.recorder, order), daemon=True)
    waits.start()
    waits.join(60)

    assert not waits.is_alive()
    assert len(desk.receipts) == 1


def test_a_group_waits_from_its_first_exchange_on(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(wait=3600)
    desk.record(numbered(1))
    first = time.monotonic()
    time.sleep(0.05)
    second = time.monotonic()
    desk.record(numbered(2))

    assert desk.recorder._patience() <= 3600 - (second - first)


def test_a_sealed_segment_is_complete_and_has_its_digest_in_its_name(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.record(*(numbered(n) for n in range(40)))

    desk.recorder.seal()

    (sealed,) = desk.sealed
    assert list(verify(sealed.path, sha256=sealed.sha256)) == []
    assert sealed.path.name == f"20261124T063000Z-{sealed.sha256[:16]}.warc.gz"
    assert (sealed.name, sealed.size) == (desk.opened[0][0], sealed.path.stat().st_size)
    with sealed.path.open("rb") as file:
        assert [record.type for record in read(file)] == ["warcinfo", *["response", "request"] * 40]
    assert (sealed.records, sealed.collection, sealed.epoch, sealed.worker) == (81, "default", 7, "worker-1")
    assert (sealed.first_at, sealed.last_at) == (numbered(0).at, numbered(39).at)
    assert desk.spool.sealed() == [sealed]
    assert list(load(sealed.journal).captures) == desk.captures
    assert list((desk.spool.directory / "open").iterdir()) == []


def test_each_collection_has_its_own_segment(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.record(numbered(1), of=context(collection="news"))
    desk.record(numbered(2), of=context(collection="science"))

    desk.recorder.seal("news")
    assert [sealed.collection for sealed in desk.sealed] == ["news"]
    desk.recorder.seal()

    assert [sealed.collection for sealed in desk.sealed] == ["news", "science"]


def test_an_order_to_seal_is_carried_out_once(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()

    desk.record(numbered(1))
    desk.recorder.seal()
    for number in (2, 3):
        desk.record(numbered(number))
        desk.recorder.flush()

    assert [sealed.records for sealed in desk.sealed] == [3]
    assert desk.spool.collections() == ["default"]


def test_a_segment_is_sealed_when_it_is_full(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(seal_bytes=50_000, group=4)

    desk.record(*(numbered(n, size=4000) for n in range(40)))
    desk.recorder.flush()

    assert len(desk.sealed) >= 2
    assert all(50_000 <= sealed.size < 80_000 for sealed in desk.sealed)


def test_a_segment_is_sealed_when_it_is_old(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(seal_after=timedelta(milliseconds=50))

    desk.record(numbered(1))

    deadline = time.monotonic() + 20
    while not desk.sealed and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(desk.sealed) == 1


def test_a_segment_without_exchanges_leaves_nothing_behind(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.spool.begin("default", {})

    desk.recorder.seal()

    assert desk.sealed == []
    assert list((desk.spool.directory / "open").iterdir()) == []


def test_a_failing_callback_does_not_stop_the_recorder(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", worker="w", epoch=1, now=lambda: MORNING, ballast=0)
    heard: list[int] = []

    def acknowledged(receipts: Sequence[Receipt]) -> None:
        heard.append(len(receipts))
        raise RuntimeError("on purpose")

    with Recorder(spool, originals=lambda *_: {}, acknowledged=acknowledged) as recorder:
        for n in range(2):
            recorder.record(numbered(n), context())
            recorder.flush()
    spool.close()

    assert heard == [1, 1]


def test_exchanges_beyond_the_backlog_limit_are_refused_in_their_receipts(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(most=10, wait=3600, group=1000)

    desk.record(*(numbered(n, size=10) for n in range(10)))
    assert desk.recorder.full
    desk.record(numbered(10), numbered(11))
    desk.recorder.flush()

    assert len(desk.captures) == 10
    refused = [receipt for receipt in desk.receipts if receipt.error]
    assert [receipt.token for receipt in refused] == [numbered(n).request.url for n in (10, 11)]
    assert {(type(receipt.error), str(receipt.error)) for receipt in refused} == {
        (SpoolFull, "the recorder's backlog is full")
    }
    assert not desk.recorder.full


@pytest.mark.parametrize(("spare", "refused"), [(1, False), (0, False), (-1, True), (-500, True)])
def test_exchanges_beyond_the_limit_of_bytes_are_refused_in_their_receipts(
    open_desk: Callable[..., Desk], spare: int, refused: bool
) -> None:
    sizes = [
        len(one.request.head) + len(one.response.head) + one.response.length
        for one in map(numbered, (1, 2))
        if one.response
    ]
    desk = open_desk(wait=3600, most_octets=sum(sizes) + spare)

    desk.record(numbered(1), numbered(2))
    desk.recorder.flush()

    errors = {str(receipt.token)[-1]: type(receipt.error) for receipt in desk.receipts}
    assert errors == {"1": type(None), "2": SpoolFull if refused else type(None)}


def test_a_spool_beyond_its_budget_accepts_nothing(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(budget=20_000)
    (desk.spool.directory / "sealed" / "old.warc.gz").write_bytes(b"x" * 19_500)

    desk.record(numbered(1))
    desk.recorder.flush()

    [refused] = desk.receipts
    assert desk.spool.state() == "stop"
    assert isinstance(refused.error, SpoolFull)
    assert str(refused.error) == f"the spool {desk.spool.directory} accepts nothing: {back_pressure(0.975)}"


def test_nothing_is_accepted_after_close(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.record(numbered(1))
    desk.recorder.close()

    assert len(desk.captures) == len(desk.sealed) == 1
    with pytest.raises(ArchiveError, match="closed"):
        desk.record(numbered(2))


@pytest.mark.parametrize("order", ["flush", "seal", "close"])
def test_the_recorders_thread_cannot_wait_for_itself(tmp_path: Path, order: str) -> None:
    spool = Spool(tmp_path / "spool", worker="w", epoch=1, now=lambda: MORNING, ballast=0)
    said: list[str] = []

    def acknowledged(_: Sequence[Receipt]) -> None:
        try:
            getattr(recorder, order)()
        except RuntimeError as error:
            said.append(str(error))

    with Recorder(spool, originals=lambda *_: {}, acknowledged=acknowledged) as recorder:
        recorder.record(numbered(1), context())
    spool.close()

    assert said == ["the recorder's own thread can't wait for itself"]


def test_many_threads_may_record(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(wait=0.005)
    threads = [
        threading.Thread(target=desk.record, args=[numbered(n, size=20) for n in range(start, start + 100)])
        for start in (0, 100, 200)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.recorder.seal()

    assert {receipt.token for receipt in desk.receipts} == {numbered(n, size=20).request.url for n in range(300)}
    assert list(verify(desk.sealed[0].path)) == []
