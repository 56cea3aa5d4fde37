"""A group commit writes repeated payloads as revisits, and a faulty exchange affects no other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from services.waiting import eventually
from specimens.captures import reference_to
from specimens.desks import Desk
from specimens.exchanges import MORNING, context, numbered

from archive.spool import group_commit
from archive.values.capture import Context, Reference
from archive.values.digest import digest_payload
from archive.values.errors import WriteFailed
from archive.warc.exchange import Exchange, Request
from archive.warc.integrity.verify import verify


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


def test_only_the_newest_payloads_are_remembered_beside_the_index(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.spool.originals._REMEMBERED", 2)
    desk = open_desk()
    for number, body in enumerate((b"a", b"b", b"c", b"c", b"b", b"a")):
        desk.record(numbered(number, body=body))
        desk.recorder.flush()

    assert [capture.kind for capture in desk.captures] == [*["response"] * 3, "revisit", "revisit", "response"]


def test_a_payload_that_the_index_knows_becomes_a_revisit(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    response = numbered(1).response
    assert response is not None

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


def test_a_payload_that_is_about_to_go_from_the_archive_is_stored_again(open_desk: Callable[..., Desk]) -> None:
    original = Reference("<urn:uuid:0a0a0a0a-0000-4000-8000-000000000000>", "http://example.org/", MORNING)
    gone: set[str] = set()
    desk = open_desk(marked=gone.intersection)
    response = numbered(1).response
    assert response is not None
    desk.known["default", digest_payload(response.body).sha256] = original
    desk.record(numbered(1))
    desk.recorder.flush()
    gone.add(original.record_id)
    desk.record(numbered(1))
    desk.recorder.flush()

    assert [capture.kind for capture in desk.captures] == ["revisit", "response"]


def test_a_payload_is_stored_again_while_the_index_can_t_say_whether_its_original_stays(
    open_desk: Callable[..., Desk],
) -> None:
    broken: list[str] = []

    def marked(_: Sequence[str]) -> set[str]:
        if broken:
            raise RuntimeError(broken[0])
        return set()

    desk = open_desk(marked=marked)
    for number in range(3):
        broken[:] = ["database is locked"] if number == 1 else []
        desk.record(numbered(number, body=b"the same"))
        desk.recorder.flush()

    assert [capture.kind for capture in desk.captures] == ["response", "response", "revisit"]


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


def test_an_exchange_that_cannot_be_written_leaves_nothing_of_it_in_the_segment(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    for exchange in (numbered(1), replace(numbered(2), request=Request("GET", None, b"x")), numbered(3)):  # type: ignore[arg-type]
        desk.record(exchange)
        desk.recorder.flush()
    desk.recorder.seal()

    assert [capture.url[-1] for capture in desk.captures] == ["1", "3"]
    [refused] = [receipt for receipt in desk.receipts if receipt.error]
    assert str(refused.error).startswith("the exchange can't be recorded: ")
    assert list(verify(desk.sealed[0].path)) == []


def refuse_once_to_seal(desk: Desk) -> None:
    """Have the disk refuse to seal a segment of one exchange, and then accept it."""
    desk.record(numbered(1))
    desk.recorder.flush()
    (desk.spool.directory / "sealed").rmdir()
    desk.recorder.seal()
    assert desk.sealed == []
    (desk.spool.directory / "sealed").mkdir()


def test_a_segment_that_could_not_be_sealed_is_tried_again_when_all_are_sealed(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    refuse_once_to_seal(desk)
    desk.recorder.seal()

    assert [sealed.records for sealed in desk.sealed] == [3]


def test_a_segment_that_could_not_be_sealed_is_tried_again_by_itself(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "_TRY_AGAIN_SECONDS", 0.05)
    desk = open_desk()
    refuse_once_to_seal(desk)

    eventually(lambda: [sealed.records for sealed in desk.sealed] == [3], within=100)


@pytest.mark.parametrize(("failures", "acknowledged"), [(1, True), (2, False), (3, False)])
def test_an_exchange_that_the_disk_refuses_is_tried_once_more(
    open_desk: Callable[..., Desk], failures: int, acknowledged: bool
) -> None:
    tried: list[int] = []

    def facts(context: Context) -> dict[str, str]:
        """Called before a file is created: the directory is missing the first times."""
        tried.append(1)
        there = desk.spool.directory / "open"
        if len(tried) > failures:
            there.mkdir(exist_ok=True)
        elif there.exists():
            there.rmdir()
        return {}

    desk = open_desk(facts=facts)
    desk.record(numbered(1))
    desk.recorder.flush()

    assert len(tried) == 2
    assert [receipt.error is None for receipt in desk.receipts] == [acknowledged]
    assert desk.spool.state() == ("ok" if acknowledged else "stop")


def test_an_exchange_is_refused_with_the_error_of_the_disk(
    open_desk: Callable[..., Desk],
) -> None:
    desk = open_desk()
    (desk.spool.directory / "open").rmdir()
    desk.record(numbered(1))
    desk.recorder.flush()

    (refused,) = desk.receipts
    assert isinstance(refused.error, WriteFailed)
    assert str(refused.error).endswith(".warc.gz.open could not be created: No such file or directory")
    assert desk.spool.state() == "stop", "nothing is accepted for a while"


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
