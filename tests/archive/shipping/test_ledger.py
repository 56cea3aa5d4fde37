"""The ledger in the store: a chain of parts, rolled up, whose damage and gaps are found."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

import pytest
from conftest import figure

from archive.shipping.ledger import ROLLED_UP, End, Ledger
from archive.shipping.ledger_parts import delete_replaced, parts_of
from archive.shipping.ledger_reading import broken_parts, read_ledger
from archive.store.memory import MemoryStore
from archive.store.protocol import Stored
from archive.values.digest import Sha256
from archive.values.errors import StoreDenied, StoreUnreachable
from archive.warc.ledger import Part, Record, current

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PARTS = figure(300, 3_000, 30_000)


class NoDelete(MemoryStore):
    """A store whose credentials do not include deletion."""

    def delete(self, key: str) -> None:
        raise StoreDenied("no right to delete")


class LostAnswer(MemoryStore):
    """A store that has what it was given, and whose answer to the puts in `lost` is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.puts = 0
        self.lost: set[int] = set()

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        stored = super().put(key, body, digest, replace=replace)
        self.puts += 1
        if self.puts in self.lost:
            raise StoreUnreachable("the answer was lost")
        return stored


def ledger(store: MemoryStore, worker: str = "main", at: datetime = NOON) -> Ledger:
    return Ledger(store, worker, now=lambda: at)


def run(number: int, value: object = "x") -> Record:
    return Record("run", (str(number),), value)


def runs_in(store: MemoryStore) -> dict[str, object]:
    with read_ledger(store) as read:
        assert read.findings == ()
        return {record.key[0]: record.value for record in read.records("run")}


@pytest.mark.parametrize("store", [MemoryStore(), NoDelete()])
def test_the_latest_record_of_each_key_is_read_whatever_was_rolled_up(store: MemoryStore) -> None:
    dice, expected = random.Random(4), dict[str, object]()
    writing = ledger(store)
    for number in range(PARTS):
        if not number % 50:
            writing = ledger(store, at=NOON - timedelta(days=number))  # another process, whose clock was set back
        some = [run(dice.randrange(40), f"{number}-{each}") for each in range(3)]
        expected |= {record.key[0]: record.value for record in some}
        writing.append(some)
        writing.roll_up()

    assert runs_in(store) == expected
    assert broken_parts(store) == []
    assert len(current(parts_of(store))) < ROLLED_UP * 4
    if not isinstance(store, NoDelete):
        assert len(list(store.keys())) == len(current(parts_of(store)))


def test_of_two_workers_the_later_record_counts() -> None:
    store = MemoryStore()
    ledger(store, "b", NOON + timedelta(seconds=1)).append([run(1, "later")])
    ledger(store, "a", NOON).append([run(1, "earlier"), run(2, None)])

    assert runs_in(store) == {"1": "later", "2": None}


def test_after_a_lost_answer_the_next_part_follows_the_one_that_the_store_has() -> None:
    store = LostAnswer()
    store.lost = {2}
    writing = ledger(store)
    writing.append([run(1)])
    with pytest.raises(StoreUnreachable):
        writing.append([run(2)])
    writing.append([run(2)])

    assert [(part.first, part.last) for part in current(parts_of(store))] == [(1, 1), (2, 2), (3, 3)]
    assert broken_parts(store) == []


def filled(parts: int) -> tuple[MemoryStore, list[Part]]:
    store = MemoryStore()
    writing = ledger(store)
    return store, [writing.append([run(number)]) for number in range(parts)]


def test_a_missing_part_is_found() -> None:
    store, parts = filled(5)
    store.delete(parts[2].key)

    [finding] = broken_parts(store)
    assert (finding.kind, finding.sentence) == ("missing", "part 3 is missing in the ledger of the worker main")


def test_a_missing_last_part_is_found_by_who_knows_the_end() -> None:
    store, parts = filled(5)
    store.delete(parts[3].key)
    store.delete(parts[4].key)

    assert broken_parts(store) == []
    [finding] = broken_parts(store, {"main": 5})
    assert finding.sentence == "parts 4 to 5 are missing in the ledger of the worker main"


def test_a_damaged_part_is_found_and_the_others_are_read() -> None:
    store, parts = filled(3)
    store._objects[parts[1].key] = store._objects[parts[1].key][:-1]

    assert {finding.file for finding in broken_parts(store)} == {parts[1].key}
    with read_ledger(store) as read:
        assert [record.key for record in read.records("run")] == [("0",), ("2",)]
        assert [finding.file for finding in read.findings] == [parts[1].key]


def test_a_level_rolls_up_behind_a_lost_a_damaged_and_a_copied_part() -> None:
    for harm in ("lost", "damaged", "copied"):
        store, parts = filled(ROLLED_UP)
        if harm == "lost":
            store.delete(parts[3].key)
        elif harm == "damaged":
            store._objects[parts[3].key] = store._objects[parts[3].key][:-1]
        else:
            twin = ledger(store)
            twin._known = End(3, parts[2].sha256, NOON)
            twin.append([run(9999)])
        writing = ledger(store)
        for number in range(ROLLED_UP, ROLLED_UP * 20):
            writing.append([run(number)])
            writing.roll_up()

        assert len(current(parts_of(store))) < ROLLED_UP * 3, harm
        with read_ledger(store) as read:
            known = {int(record.key[0]) for record in read.records("run")}
            assert known - {9999} == set(range(ROLLED_UP * 20)) - ({3} if harm != "copied" else set()), harm
            assert bool(read.findings), harm


def test_without_harm_a_store_of_as_many_parts_has_only_rolled_up_ones() -> None:
    store, _ = filled(ROLLED_UP * 2)
    assert ledger(store).roll_up() == ROLLED_UP * 2
    assert [part.level for part in parts_of(store)] == [1, 1]


def test_a_copy_keeps_a_replaced_part_that_the_store_still_has_or_that_nothing_replaces() -> None:
    store, parts = filled(ROLLED_UP)
    copy = MemoryStore()
    copy._objects |= store._objects
    store.delete(parts[3].key)
    assert delete_replaced(copy, store) == 0
    store._objects |= copy._objects
    ledger(store).roll_up()
    whole = parts_of(store)[0]
    copy._objects[whole.key] = store._objects[whole.key]
    store._objects[parts[5].key] = copy._objects[parts[5].key]

    assert delete_replaced(copy, store) == ROLLED_UP - 1
    assert {part.key for part in parts_of(copy)} == {whole.key, parts[5].key}


def test_a_part_of_another_chain_in_its_place_is_found() -> None:
    store, parts = filled(3)
    other = MemoryStore()
    writing = ledger(other)
    writing.append([run(8)])
    swapped = writing.append([run(9)])
    store._objects[swapped.key] = other._objects[swapped.key]
    store.delete(parts[1].key)

    assert {finding.kind for finding in broken_parts(store)} == {"chain"}


def test_a_copied_ledger_that_both_continue_is_found_and_both_are_read() -> None:
    store, _ = filled(2)
    one, two = ledger(store), ledger(store)
    one._known = two._known = one._found()
    one.append([run(8)])
    two.append([run(9)])

    [finding] = broken_parts(store)
    assert (finding.kind, "another worker.name" in finding.sentence) == ("chain", True)
    with read_ledger(store) as read:
        assert {"8", "9"} <= {record.key[0] for record in read.records("run")}


def test_for_a_damaged_rolled_up_part_the_parts_that_it_replaced_are_read() -> None:
    store = NoDelete()
    writing = ledger(store)
    for number in range(ROLLED_UP):
        writing.append([run(number)])
    writing.roll_up()
    [whole] = current(parts_of(store))
    store._objects[whole.key] = b"damaged"

    with read_ledger(store) as read:
        assert len(list(read.records("run"))) == ROLLED_UP
        assert [finding.file for finding in read.findings] == [whole.key]
