"""The threads of a worker audit on the timetable, repair, and fill replicas while the archive grows."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from specimens.archives import SEGMENTS

from archive.index.objects import FIRST, Objects
from archive.index.preservation_events import Events
from archive.shipping.fixity.share import WHOLE
from archive.shipping.ledger import ROLLED_UP, Ledger
from archive.shipping.ledger_parts import parts_of
from archive.store.local import LocalStore
from archive.store.replicated import replicas_of
from archive.values.digest import sha256
from archive.values.errors import StoreUnreachable
from archive.warc.ledger import Record
from config.settings import Settings, load_settings
from pressmark.processes.fixity import AuditLoop, ReplicaLoop, fixity_threads
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep import fixity
from pressmark.upkeep.conditions import conditions

WARCS = sorted(SEGMENTS.glob("*.warc.gz"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    flags = {"home": tmp_path / "home", "replicas.second.store": str(tmp_path / "second"), "audit.share": "1/1"}
    return load_settings(flags)


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    with open_pressmark(settings) as service:
        service.archive.ingest(WARCS[0])
        yield service


def soon(true: Callable[[], bool], within: float = 60) -> bool:
    until = time.monotonic() + within
    while not true() and time.monotonic() < until:
        time.sleep(0.05)
    return true()


def at_days(service: Service, days: float) -> Service:
    now = service.now() + timedelta(days=days)
    return replace(service, now=lambda: now)


def a_warc(root: Path) -> Path:
    return sorted((root / "warc").rglob("*.warc.gz"))[0]


def lag(service: Service) -> int:
    return sum(one.lag.objects for one in fixity.standings(service) if one.lag)


def test_a_replica_is_filled_at_the_start_and_follows_what_comes(service: Service, tmp_path: Path) -> None:
    with fixity_threads(service):
        assert soon(lambda: (tmp_path / "second" / "manifest").is_dir() and lag(service) == 0)
        service.archive.ingest(WARCS[1])
        assert soon(lambda: lag(service) == 0 and len(list((tmp_path / "second" / "warc").rglob("*.gz"))) == 2)
    first = {path.name for path in (tmp_path / "home" / "store").rglob("*") if path.is_file()}
    assert first == {path.name for path in (tmp_path / "second").rglob("*") if path.is_file()}


def test_a_replica_that_has_lost_everything_is_filled_again(service: Service, tmp_path: Path) -> None:
    ReplicaLoop(service, "second").turn()
    shutil.rmtree(tmp_path / "second")
    (tmp_path / "second").mkdir()

    ReplicaLoop(service, "second").turn()
    assert list(replicas_of(service.store)["second"].keys()) == list(service.store.keys())
    assert any(event.place == "second" and event.outcome == "fail" for event in Events(service.database).all())


def test_a_replica_that_has_lost_everything_gets_all_of_it_although_a_new_file_came_first(service: Service) -> None:
    loop, second = ReplicaLoop(service, "second"), replicas_of(service.store)["second"]
    loop.turn()
    for key in list(second.keys()):
        second.delete(key)
    service.archive.ingest(WARCS[1])

    loop.turn()  # within the hour: new files, not the list of all
    loop.turn()
    assert list(second.keys()) == list(service.store.keys())
    assert [event.outcome for event in Events(service.database).all() if event.place == "second"] == ["fail"]


def test_a_replica_that_is_another_archive_is_not_filled_again(service: Service, tmp_path: Path) -> None:
    ReplicaLoop(service, "second").turn()
    shutil.rmtree(tmp_path / "second")
    replicas_of(service.store)["second"].put("another/archive", io.BytesIO(b"a"), sha256(b"a"))

    ReplicaLoop(service, "second")._turn()
    assert list(replicas_of(service.store)["second"].keys()) == ["another/archive"]
    assert len(named(service, "replica-missing")) == 1


def test_an_audit_runs_when_it_is_due_and_repairs(service: Service, tmp_path: Path) -> None:
    ReplicaLoop(service, "second").turn()
    warc = a_warc(tmp_path / "home" / "store")
    content = warc.read_bytes()
    warc.unlink()

    AuditLoop(service).turn()
    assert not warc.exists()
    AuditLoop(at_days(service, 0.9)).turn()
    assert not warc.exists()
    AuditLoop(at_days(service, 1.1)).turn()
    assert warc.read_bytes() == content
    turn = fixity.turn_of(service.database)
    assert turn and (turn.repaired, turn.wrong, turn.problem) == (1, 0, None)


def test_audits_continue_after_the_clock_was_months_ahead(settings: Settings, tmp_path: Path) -> None:
    with open_pressmark(settings) as service:
        service.archive.ingest(WARCS[0])
        ahead, back = at_days(service, 100), at_days(service, 1.1)
        ReplicaLoop(ahead, "second").turn()
        AuditLoop(ahead).turn()  # notes when audits began
        AuditLoop(at_days(service, 102)).turn()
        warc = a_warc(tmp_path / "home" / "store")
        content = warc.read_bytes()
        warc.unlink()

        AuditLoop(back).turn()
        assert warc.read_bytes() == content
        ended = fixity.turn_of(service.database)
        assert ended and ended.ended_at == back.now()
        AuditLoop(at_days(service, 1.2)).turn()
        assert fixity.turn_of(service.database) == ended  # the next is due a day later


def test_audits_that_are_off_never_run(settings: Settings, tmp_path: Path) -> None:
    with open_pressmark(load_settings({"home": tmp_path / "home", "audit.every": "0s"})) as service:
        service.archive.ingest(WARCS[0])
        AuditLoop(service).turn()
        AuditLoop(at_days(service, 99)).turn()
        assert fixity.turn_of(service.database) is None
        assert [one for one in conditions(at_days(service, 99)) if one.state == "audit-overdue"] == []


class Deaf:
    """A store that does not respond."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        def refuse(*_: object, **__: object) -> object:
            raise StoreUnreachable("the second store does not respond")

        return refuse


def test_a_replica_that_does_not_respond_is_named_and_filled_once_it_does(service: Service) -> None:
    stores = service.store.replicas  # type: ignore[attr-defined]
    second, stores["second"] = stores["second"], Deaf()
    loop = ReplicaLoop(service, "second")
    loop._turn()
    behind = [one.sentence for one in conditions(at_days(service, 1)) if one.state == "replica-behind"]
    assert len(behind) == 1
    assert "does not respond" in behind[0]

    stores["second"] = second
    ReplicaLoop(service, "second")._turn()
    assert lag(service) == 0
    assert fixity.replica_problem(service.database, "second") is None


def named(service: Service, state: str) -> list[str]:
    return [one.sentence for one in conditions(service) if one.state == state]


def test_a_replica_gets_nothing_damaged(service: Service, tmp_path: Path) -> None:
    warc = a_warc(tmp_path / "home" / "store")
    warc.chmod(0o644)
    warc.write_bytes(warc.read_bytes()[:-9])
    ReplicaLoop(service, "second").turn()

    assert list((tmp_path / "second" / "warc").rglob("*.gz")) == []
    assert Objects(service.database).lag("second").objects == 1


def test_a_replica_that_does_not_respond_leaves_the_audit_of_the_first_store_alone(service: Service) -> None:
    ReplicaLoop(service, "second").turn()
    AuditLoop(service).turn()
    stores, later = service.store.replicas, at_days(service, 1.1)  # type: ignore[attr-defined]
    second, stores["second"] = stores["second"], Deaf()
    for place in (FIRST, "second"):
        AuditLoop(later, place)._turn()

    turn = fixity.turn_of(service.database)
    assert turn is not None
    assert (turn.ended_at, turn.problem) == (later.now(), None)
    assert fixity.next_audit(later) == later.now() + timedelta(days=1)
    failed = fixity.turn_of(service.database, "second")
    assert failed is not None
    assert (failed.ended, failed.problem) == (None, "the second store does not respond")
    late = [one.sentence for one in conditions(at_days(service, 2.5)) if one.state == "audit-overdue"]
    assert len(late) == 1
    assert "in the replica second: the second store does not respond" in late[0]

    stores["second"] = second
    AuditLoop(later, "second")._turn()
    healed = fixity.turn_of(service.database, "second")
    assert healed is not None
    assert (healed.ended_at, healed.problem) == (later.now(), None)


def test_the_command_audits_what_responds_and_notes_only_the_place_that_does_not(service: Service) -> None:
    ReplicaLoop(service, "second").turn()
    service.store.replicas["second"] = Deaf()  # type: ignore[attr-defined]
    with pytest.raises(StoreUnreachable):
        list(fixity.audit_share(service, WHOLE))
    service.store.replicas.clear()  # type: ignore[attr-defined]

    turns = [fixity.turn_of(service.database, place) for place in (FIRST, "second")]
    assert [turn and (bool(turn.ended), bool(turn.problem)) for turn in turns] == [(True, False), (False, True)]


def test_a_replica_loses_the_parts_of_the_ledger_that_others_replaced(service: Service) -> None:
    ledger = Ledger(service.store, "main", now=service.now)
    for number in range(ROLLED_UP):
        ledger.append([Record("run", (str(number),), {"id": number})])
    ReplicaLoop(service, "second").turn()
    second = service.store.replicas["second"]  # type: ignore[attr-defined]
    assert len(parts_of(second)) == ROLLED_UP
    ledger.roll_up()
    ReplicaLoop(service, "second").turn()

    assert parts_of(second) == parts_of(service.store)
    assert len(parts_of(second)) == 1


def test_two_archives_with_the_same_replica_keep_their_files_apart(tmp_path: Path) -> None:
    held = []
    for name, segment in zip(("a", "b"), WARCS, strict=True):
        flags = {"home": tmp_path / name, "spool.ballast": "0B", "replicas.second.store": str(tmp_path / "second")}
        with open_pressmark(load_settings(flags, dotenv=None)) as service:
            service.archive.ingest(segment)
            held.append(set(service.store.keys()))
            ReplicaLoop(service, "second").turn()
            assert [one for one in fixity.audit_share(service, WHOLE, repair=True) if one.outcome != "ok"] == []
            assert set(service.store.keys()) == held[-1]
    assert set(LocalStore(tmp_path / "second").keys()) == held[0] | held[1]
