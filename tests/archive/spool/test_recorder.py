"""Acknowledged exchanges are on disk in a standard segment; others get a receipt with an error."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from specimens.captures import reference_to
from specimens.exchanges import MORNING, context, numbered

from archive.spool.recorder import Receipt, Recorder
from archive.spool.spool import Sealed, Spool
from archive.values.capture import Capture, Context, Reference
from archive.values.errors import ArchiveError, SpoolFull, WriteFailed
from archive.warc import journal
from archive.warc.exchange import Exchange, Request
from archive.warc.exchange_records import read, record_at
from archive.warc.integrity.verify import verify
from archive.warc.journal import load


class Desk:
    """A spool with a recorder, and all their callbacks."""

    def __init__(self, directory: Path, **options: Any) -> None:
        spool = {
            name: options.pop(name) for name in ("seal_bytes", "seal_after", "budget", "ballast") if name in options
        }
        self.spool = Spool(directory, worker="worker-1", epoch=7, now=lambda: MORNING, **{"ballast": 0} | spool)
        self.batches: list[Sequence[Receipt]] = []
        self.opened: list[tuple[str, Path, str]] = []
        self.sealed: list[Sealed] = []
        self.known: dict[tuple[str, str], Reference] = {}
        self.recorder = Recorder(
            self.spool,
            originals=options.pop("originals", self.originals),
            acknowledged=self.batches.append,
            opened=lambda *facts: self.opened.append(facts),
            sealed=self.sealed.append,
            **options,
        )

    def originals(self, collection: str, digests: Sequence[str]) -> dict[str, Reference]:
        return {one: self.known[collection, one] for one in digests if (collection, one) in self.known}

    def record(self, *exchanges: Exchange, of: Context | None = None) -> None:
        for exchange in exchanges:
            self.recorder.record(exchange, of or context(), exchange.request.url)

    @property
    def receipts(self) -> list[Receipt]:
        return [receipt for batch in self.batches for receipt in batch]

    @property
    def captures(self) -> list[Capture]:
        return [receipt.capture for receipt in self.receipts if receipt.capture]

    def close(self) -> None:
        self.recorder.close()
        self.spool.close()


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def opened(**options: Any) -> Desk:
        desks.append(Desk(tmp_path / "spool", **options))
        return desks[-1]

    yield opened
    for desk in desks:
        desk.close()


def record_of(capture: Capture, warc: Path) -> bytes:
    with warc.open("rb") as file:
        file.seek(capture.location.offset)
        with record_at(file, capture.location.offset) as record:
            assert (record.id, record.length) == (capture.record_id, capture.location.length)
            return record.payload().read()


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


def test_every_exchange_has_one_receipt_with_its_token(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()

    desk.record(*(numbered(n, size=10) for n in range(300)))
    desk.recorder.flush()

    assert [receipt.token for receipt in desk.receipts] == [numbered(n, size=10).request.url for n in range(300)]
    assert desk.recorder.backlog == 0
    assert max(map(len, desk.batches)) <= 32


def test_a_single_exchange_does_not_wait_for_a_full_group(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(wait=0.01)

    desk.record(numbered(1))

    deadline = time.monotonic() + 20
    while not desk.receipts and time.monotonic() < deadline:
        time.sleep(0.005)
    assert desk.captures


def test_a_group_waits_for_its_time_limit(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(wait=3600)

    desk.record(*(numbered(n, size=10) for n in range(31)))
    time.sleep(0.1)
    assert desk.receipts == []
    desk.record(numbered(31))
    desk.recorder.flush()

    assert list(map(len, desk.batches)) == [32]


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


def test_a_payload_that_was_just_recorded_becomes_a_revisit(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    once, again = numbered(1, body=b"the same"), replace(numbered(2, body=b"the same"), elapsed=timedelta())

    desk.record(once, again, numbered(3, body=b""), numbered(4, body=b""))
    desk.record(numbered(5, body=b"the same"), of=context(collection="elsewhere"))
    desk.recorder.flush()
    desk.record(numbered(6, body=b"the same"))
    desk.recorder.flush()

    first = desk.captures[0]
    assert [capture.kind for capture in desk.captures] == ["response", "revisit", *["response"] * 3, "revisit"]
    for revisit in (desk.captures[1], desk.captures[-1]):
        assert revisit.refers_to == Reference(first.record_id, first.url, first.at)
        assert (revisit.digest, revisit.sha256, revisit.payload_length) == (first.digest, first.sha256, 8)


def test_a_payload_that_the_index_knows_becomes_a_revisit(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    response = numbered(1).response
    assert response is not None
    from archive.values.digest import digest_payload

    original = Reference("<urn:uuid:0a0a0a0a-0000-4000-8000-000000000000>", "http://example.org/", MORNING)
    desk.known["default", digest_payload(response.body).sha256] = original

    desk.record(numbered(1))
    desk.recorder.flush()

    assert desk.captures[0].refers_to == original


def test_a_payload_with_an_unreadable_original_is_stored_again(open_desk: Callable[..., Desk]) -> None:
    marked: set[str] = set()
    desk = open_desk(marked=marked.intersection)
    for number in range(4):
        if number == 2:
            marked.add(desk.captures[0].record_id)
        desk.record(numbered(number, body=b"the same"))
        desk.recorder.flush()

    assert [capture.kind for capture in desk.captures] == ["response", "revisit", "response", "revisit"]
    assert desk.captures[3].refers_to == reference_to(desk.captures[2])


def test_a_truncated_response_is_neither_a_revisit_nor_an_original(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    cut = replace(numbered(1, body=b"half"), truncated="length")

    desk.record(cut, cut, numbered(2, body=b"half"))
    desk.recorder.flush()

    assert [(capture.kind, capture.truncated) for capture in desk.captures] == [
        ("response", "length"),
        ("response", "length"),
        ("response", None),
    ]


def test_a_304_is_a_revisit_only_after_a_conditional_request(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    exchange = numbered(1, body=b"")
    assert exchange.response
    unchanged = replace(exchange, response=replace(exchange.response, status=304))
    original = Reference("<urn:uuid:0a0a0a0a-0000-4000-8000-000000000000>", "http://example.org/", MORNING)

    desk.record(unchanged, of=replace(context(), not_modified=original))
    desk.record(unchanged)
    desk.recorder.flush()

    assert [(capture.kind, capture.refers_to) for capture in desk.captures] == [
        ("not-modified", original),
        ("response", None),
    ]


@pytest.mark.parametrize("refused", [False, True])
def test_a_body_on_disk_is_closed_once_it_is_stored_or_refused(open_desk: Callable[..., Desk], refused: bool) -> None:
    desk = open_desk(most=0) if refused else open_desk()
    exchange, body = numbered(1), tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 -- it is the recorder's
    body.write(b"0123456789abcdef" * 100_000)
    assert exchange.response
    response = replace(exchange.response, body=body, length=1_600_000)

    desk.record(replace(exchange, response=response))
    desk.recorder.seal()

    assert body.closed
    assert [capture.payload_length for capture in desk.captures] == ([] if refused else [1_600_000])
    assert [finding for sealed in desk.sealed for finding in verify(sealed.path)] == []


def test_a_failure_is_recorded_with_its_reason(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()

    desk.record(Exchange(numbered(1).request, None, MORNING, error="the connection was reset"))
    desk.recorder.seal()

    assert [(capture.kind, capture.error) for capture in desk.captures] == [("failed", "the connection was reset")]
    assert list(verify(desk.sealed[0].path)) == []


def test_a_failing_index_costs_no_capture(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(originals=lambda *_: 1 / 0)

    desk.record(numbered(1))
    desk.recorder.flush()

    assert len(desk.captures) == 1


def test_an_exchange_that_cannot_be_written_affects_no_other(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    bad = replace(numbered(2), request=Request("GET", None, b"x"))  # type: ignore[arg-type]

    desk.record(numbered(1), bad, numbered(3))
    desk.recorder.seal()

    assert [capture.url[-1] for capture in desk.captures] == ["1", "3"]
    assert [type(receipt.error) for receipt in desk.receipts if receipt.error] == [WriteFailed]
    assert list(verify(desk.sealed[0].path)) == []


def test_a_body_that_cannot_be_read_affects_no_other_exchange(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    whole = numbered(2)
    assert whole.response
    with tempfile.TemporaryFile() as gone:
        bad = replace(whole, response=replace(whole.response, body=gone, length=100))

    desk.record(numbered(1), bad, numbered(3))
    desk.recorder.seal()

    assert [capture.url[-1] for capture in desk.captures] == ["1", "3"]
    assert [str(receipt.error) for receipt in desk.receipts if receipt.error] == [
        "the exchange can't be recorded: I/O operation on closed file"
    ]
    assert desk.spool.state() == "ok"


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
    assert all(isinstance(receipt.error, SpoolFull) for receipt in refused)
    assert not desk.recorder.full


def test_a_spool_beyond_its_budget_accepts_nothing(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(budget=20_000)
    (desk.spool.directory / "sealed" / "old.warc.gz").write_bytes(b"x" * 19_500)

    desk.record(numbered(1))
    desk.recorder.flush()

    assert desk.spool.state() == "stop"
    assert isinstance(desk.receipts[0].error, SpoolFull)


def test_nothing_is_accepted_after_close(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.record(numbered(1))
    desk.recorder.close()

    assert len(desk.captures) == len(desk.sealed) == 1
    with pytest.raises(ArchiveError, match="closed"):
        desk.record(numbered(2))


def test_the_recorders_thread_cannot_wait_for_itself(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", worker="w", epoch=1, now=lambda: MORNING, ballast=0)
    said: list[str] = []

    def acknowledged(_: Sequence[Receipt]) -> None:
        try:
            recorder.flush()
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
