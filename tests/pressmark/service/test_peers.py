"""A machine serves files of its spool to those who have the same database, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from archive.database.engine import Database
from archive.database.marks import Marks
from pressmark.service.peers.addresses import SpoolAddresses
from pressmark.service.peers.signatures import Signatures

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
SEGMENT = "20260131T120000Z-1-0-first"


def at(database: Database, moment: datetime = NOON) -> Signatures:
    return Signatures(database, now=lambda: moment)


def test_a_signature_holds_for_one_range_of_one_segment_for_a_minute(either: Database) -> None:
    signed = at(either).sign(SEGMENT, 0, 99)
    assert at(either).is_signed(SEGMENT, 0, 99, signed)
    assert at(either, NOON + timedelta(seconds=60)).is_signed(SEGMENT, 0, 99, signed)
    assert not at(either, NOON + timedelta(seconds=62)).is_signed(SEGMENT, 0, 99, signed)
    assert not at(either, NOON - timedelta(seconds=62)).is_signed(SEGMENT, 0, 99, signed)
    assert not at(either).is_signed(SEGMENT, 0, 999, signed)
    assert not at(either).is_signed(f"{SEGMENT}-2", 0, 99, signed)


def test_a_database_that_signed_nothing_accepts_nothing(either: Database, another: Callable[[], Database]) -> None:
    signed = at(either).sign(SEGMENT, 0, 99)
    other = another()
    assert not at(other).is_signed(SEGMENT, 0, 99, signed)
    at(other).sign(SEGMENT, 0, 99)
    assert not at(other).is_signed(SEGMENT, 0, 99, signed)


def test_two_machines_that_sign_at_once_have_one_key(either: Database) -> None:
    assert at(either).sign(SEGMENT, 0, 99) == at(either).sign(SEGMENT, 0, 99)


def test_a_malformed_signature_is_refused(either: Database) -> None:
    at(either).sign(SEGMENT, 0, 99)
    noon = int(NOON.timestamp())
    for value in ("", ":", "0", "0:", "²:00", "-5:00", f"{noon}:", f"{noon}:ü", "9" * 400 + ":00"):
        assert not at(either).is_signed(SEGMENT, 0, 99, value)


def test_an_address_is_known_until_its_machine_tells_none(either: Database) -> None:
    addresses = SpoolAddresses(either)
    addresses.note("first", "http://first.internal:8080")
    addresses.note("second", None)
    assert Marks(either, "spool-url/").all() == {"first": "http://first.internal:8080"}
    addresses.note("first", None)
    assert Marks(either, "spool-url/").all() == {}
