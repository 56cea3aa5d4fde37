"""Parts of the ledger that a person has given up, and places that can't be listed: none counts as read unread."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.index.objects import Objects
from archive.store.local import LocalStore
from archive.values.errors import StoreError, StoreUnreachable
from config.settings import load_settings
from pressmark.service.access.unread_decisions import DecisionsUnread, UnreadDecisions
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit_ledger
from pressmark.upkeep.ledger.decisions_back import bring_decisions_back, examine_decisions
from pressmark.upkeep.ledger.saving import LedgerSaving

SITES = [f"https://{number}.example/" for number in range(4)]


class Refusing(LocalStore):
    """A store that refuses the lists whose numbers, from 1, are in `refused`; each if it has None."""

    refused: frozenset[int] | None = frozenset()
    lists = 0

    def keys(self, prefix: str = "") -> Iterator[str]:
        self.lists += 1
        if self.refused is None or self.lists in self.refused:
            raise StoreUnreachable("the list timed out")
        yield from super().keys(prefix)


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """The parts of the ledger of a service in the order of their numbers, each with one take-down."""
    with opened(tmp_path, "home", "main") as service:
        saving = LedgerSaving(service)
        for site in SITES:
            service.take_downs.add(site, "an order", by="bert", match="host")
            saving.save()
    shutil.copytree(tmp_path / "store", tmp_path / "second", dirs_exist_ok=True)
    return sorted((tmp_path / "store").rglob("*.zst"))


@pytest.fixture
def new(tmp_path: Path, parts: list[Path]) -> Iterator[Service]:
    """Another machine with the same store, which has read nothing."""
    with opened(tmp_path, "new", "new") as service:
        yield service


def opened(tmp_path: Path, home: str, worker: str, **more: str):  # type: ignore[no-untyped-def]
    named = {"store": str(tmp_path / "store"), "spool.ballast": "0B", "worker.name": worker, **more}
    return open_pressmark(load_settings({"home": tmp_path / home, **named}, dotenv=None))


def with_replica(tmp_path: Path):  # type: ignore[no-untyped-def]
    return opened(tmp_path, "replicated", "new", **{"replicas.second.store": str(tmp_path / "second")})


def sites(service: Service) -> list[str]:
    return sorted(one.url for one in service.take_downs.all())


def verified(service: Service) -> list[str]:
    return [found.sentence for checked in audit_ledger(service) for found in checked.findings]


def refusing(place: object) -> Refusing:
    """Make a local store refuse lists."""
    assert isinstance(place, LocalStore)
    place.__class__ = Refusing
    assert isinstance(place, Refusing)
    return place


def test_parts_are_not_given_up_while_a_replica_that_may_have_them_is_away(tmp_path: Path, parts: list[Path]) -> None:
    parts[1].unlink()
    with with_replica(tmp_path) as service:
        replica = refusing(service.store.replicas["second"])  # type: ignore[attr-defined]
        replica.refused = None
        with pytest.raises(DecisionsUnread):
            bring_decisions_back(service)
        with pytest.raises(StoreError, match="second: this place can't be listed"):
            bring_decisions_back(service, accepts_loss=True)
        assert UnreadDecisions(service.database).get()
        replica.refused = frozenset()
        bring_decisions_back(service, accepts_loss=True)
        assert sites(service) == SITES
        assert UnreadDecisions(service.database).get() is None


@pytest.mark.parametrize("back", [[1, 2], [2]])
def test_parts_that_were_given_up_are_read_when_they_are_back(new: Service, parts: list[Path], back: list[int]) -> None:
    kept = {number: parts[number].read_bytes() for number in (1, 2)}
    for number in kept:
        parts[number].unlink()
    bring_decisions_back(new, accepts_loss=True)
    assert (sites(new), verified(new)) == ([SITES[0], SITES[3]], [])

    for number in back:
        parts[number].write_bytes(kept[number])
    assert Exit.INTEGRITY in {code for _, code in examine_decisions(new)}
    assert verified(new)
    assert bring_decisions_back(new).take_downs == len(back)
    assert sites(new) == sorted({SITES[0], SITES[3], *(SITES[number] for number in back)})
    assert verified(new) == []
    assert [code for _, code in examine_decisions(new)] == [Exit.OK]

    for number in back:
        parts[number].unlink()
    assert verified(new)  # lost again


def test_a_part_that_was_given_up_is_read_when_a_person_gives_up_others(new: Service, parts: list[Path]) -> None:
    kept = parts[1].read_bytes()
    parts[1].unlink()
    bring_decisions_back(new, accepts_loss=True)
    parts[1].write_bytes(kept)
    parts[2].unlink()
    bring_decisions_back(new, accepts_loss=True)
    assert SITES[1] in sites(new)
    assert verified(new) == []


@pytest.mark.parametrize("refused", [range(2, 20), range(2, 5), [2], [3], [4]])
def test_what_a_store_lists_no_more_does_not_count_as_read(
    tmp_path: Path, parts: list[Path], refused: list[int]
) -> None:
    (tmp_path / "second" / parts[3].relative_to(tmp_path / "store")).unlink()  # the replica lags behind
    with with_replica(tmp_path) as service:
        first = refusing(service.store.first)  # type: ignore[attr-defined]
        first.refused = frozenset(refused)
        try:
            bring_decisions_back(service)
        except DecisionsUnread:
            assert UnreadDecisions(service.database).get()
        else:
            assert sites(service) == SITES
        first.refused = frozenset()
        bring_decisions_back(service)
        assert sites(service) == SITES
        assert UnreadDecisions(service.database).get() is None


def test_pages_are_shown_after_a_kill_at_the_end_of_the_reading(
    new: Service, parts: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = parts[1].read_bytes()
    parts[1].unlink()
    with pytest.raises(DecisionsUnread):
        bring_decisions_back(new)
    parts[1].write_bytes(kept)

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(UnreadDecisions, "clear", killed)
        bring_decisions_back(new)
    assert UnreadDecisions(new.database).get()  # the control
    bring_decisions_back(new)
    assert UnreadDecisions(new.database).get() is None


def test_pages_stay_hidden_when_the_store_loses_all_of_a_ledger_that_was_not_read(
    new: Service, parts: list[Path]
) -> None:
    parts[1].unlink()
    with pytest.raises(DecisionsUnread):
        bring_decisions_back(new)
    for part in (parts[0], *parts[2:]):
        part.unlink()
    bring_decisions_back(new)
    assert UnreadDecisions(new.database).get()


def test_no_part_that_the_store_lacks_is_looked_for_after_a_person_gave_up(
    tmp_path: Path, new: Service, parts: list[Path]
) -> None:
    keys = [str(part.relative_to(tmp_path / "store")) for part in parts]
    other = keys[0].replace("/0-", "/1-")  # the numbers are in the store, in another part
    Objects(new.database).note_keys([*keys, other], new.now())
    assert other in Objects(new.database).known("ledger/")  # the control
    bring_decisions_back(new, accepts_loss=True)
    assert Objects(new.database).known("ledger/") == set(keys)


@pytest.mark.parametrize("others", [[], [2]])
def test_a_damaged_part_that_was_given_up_is_read_once_it_is_repaired(
    new: Service, parts: list[Path], others: list[int]
) -> None:
    kept = {number: parts[number].read_bytes() for number in (1, *others)}
    for number in kept:
        parts[number].write_bytes(b"damaged")
    with pytest.raises(DecisionsUnread):
        bring_decisions_back(new)
    bring_decisions_back(new, accepts_loss=True)
    assert SITES[1] not in sites(new)
    [(sentence, code)] = examine_decisions(new)
    assert (sentence.endswith(f"gave up, and whose decisions are lost: {len(kept)}"), code) == (True, Exit.OK)
    assert verified(new)

    parts[1].write_bytes(kept[1])
    assert Exit.INTEGRITY in {code for _, code in examine_decisions(new)}
    assert bring_decisions_back(new).take_downs == 1  # the other one stays given up
    assert sites(new) == sorted({*SITES} - {SITES[number] for number in others})
    [(sentence, _)] = examine_decisions(new)
    assert ("gave up" in sentence) == bool(others)
    assert bring_decisions_back(new).take_downs == 0
