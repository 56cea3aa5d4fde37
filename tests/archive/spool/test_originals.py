"""What a recorder may refer to: nothing that a purge deletes, and nothing that a purge elsewhere could not know of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from specimens.desks import Desk
from specimens.exchanges import MORNING, context, numbered

from archive.values.capture import Reference
from archive.warc.derived import Derived
from archive.warc.exchange import Exchange
from archive.warc.exchange_records import OriginalGone

GOES, STAYS = (
    Reference(f"<urn:uuid:0000000{n}-0000-4000-8000-000000000000>", f"http://example.org/{n}", MORNING) for n in (1, 2)
)


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    desks = list[Desk]()

    def open_one(**options: object) -> Desk:
        desks.append(Desk(tmp_path / f"spool-{len(desks)}", **options))
        return desks[-1]

    yield open_one
    for desk in desks:
        desk.close()


def unchanged(number: int) -> Exchange:
    exchange = numbered(number, body=b"")
    assert exchange.response
    return replace(exchange, response=replace(exchange.response, status=304))


def fails(*_: object) -> list[str]:
    raise RuntimeError("database is locked")


def goes(ids: Sequence[str]) -> set[str]:
    return {GOES.record_id} & {*ids}


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, ["not-modified", "not-modified", "response"]),  # the control
        ({"marked": goes}, ["not-modified", "response"]),
        ({"marked": fails}, ["response"]),
        ({"listed": fails}, ["response"]),
    ],
    ids=["all stay", "one goes", "nobody knows", "nobody could know of the segment"],
)
def test_an_answer_304_is_not_kept_if_its_original_may_be_purged(
    open_desk: Callable[..., Desk], options: dict[str, object], kept: list[str]
) -> None:
    desk = open_desk(**options)
    for number, original in ((1, GOES), (2, STAYS)):
        desk.record(unchanged(number), of=replace(context(), not_modified=original))
    desk.record(numbered(3))
    desk.recorder.flush()

    assert [capture.kind for capture in desk.captures] == kept
    assert {type(receipt.error) for receipt in desk.receipts if receipt.error} <= {OriginalGone}
    assert len(desk.receipts) == 3


def test_a_segment_that_the_index_does_not_list_refers_to_nothing(open_desk: Callable[..., Desk]) -> None:
    lists = [False, True, True]

    def listed(*_: object) -> None:
        if lists.pop():
            fails()

    desk = open_desk(listed=listed)
    for _ in range(4):
        desk.record(numbered(1, body=b"the same"))
        desk.recorder.flush()

    assert lists == []
    assert [capture.kind for capture in desk.captures] == ["response", "response", "revisit", "revisit"]


@pytest.mark.parametrize(("options", "kinds"), [({}, ["revisit", "resource"]), ({"marked": goes}, ["resource"])])
def test_a_message_is_stored_whole_and_a_list_is_refused_if_what_they_name_may_be_purged(
    open_desk: Callable[..., Desk], options: dict[str, object], kinds: list[str]
) -> None:
    """A message may be on its server no more: the reference was chosen before the recorder looks."""
    desk = open_desk(**options)
    facts = {"mime": "message/rfc822", "body": b"a message", "received": MORNING}
    desk.recorder.record(Derived("resource", "imap://a/1", same_as=GOES, **facts), context(), "message")
    desk.recorder.record(Derived("resource", "urn:media:x", needs=(GOES.record_id,), **facts), context(), "list")
    desk.recorder.flush()

    assert [capture.kind for capture in desk.captures] == kinds
    assert [receipt.token for receipt in desk.receipts if receipt.error] == (["list"] if options else [])
