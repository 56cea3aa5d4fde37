"""The first store is lost: a new machine is rebuilt from a replica, and items are read from it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from specimens.archives import NEWS, SEGMENTS

from archive.shipping.items import items_file
from archive.shipping.ledger import Ledger
from archive.shipping.ledger_parts import parts_of
from archive.shipping.ledger_reading import broken_parts
from archive.shipping.manifest_chain import Chain
from archive.shipping.roots import broken_roots, put_root, put_stamp, root_keys, stamps_of, unstamped
from archive.store.failover import with_failover
from archive.store.local import LocalStore
from archive.store.memory import MemoryStore
from archive.store.object_reader import octets_of
from archive.store.replicated import Replicated, replicas_of
from archive.values.errors import StoreUnreachable
from archive.warc.ledger import Record
from config.settings import Settings, load_settings
from pressmark.cli import main
from pressmark.processes.fixity import ReplicaLoop
from pressmark.processes.timestamping import Timestamping
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.upkeep.ledger.saving import LedgerSaving

RUN = "20261124T155500Z-own-1a2b3c"
LINES = b'{"item": {"a": "kettle"}, "url": "https://a.example.org/", "records": []}\n'
SOURCE = "source: a\nseeds: https://a.example.org/\n"


class Deaf:
    """A store that does not respond."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        def refuse(*_: object, **__: object) -> object:
            raise StoreUnreachable("it does not respond")

        return refuse


class Unlisted(LocalStore):
    """A store that refuses its lists while `refuses` is set."""

    refuses = False

    def keys(self, prefix: str = "") -> Iterator[str]:
        if self.refuses:
            raise StoreUnreachable("the list timed out")
        yield from super().keys(prefix)


def settings_of(home: Path, store: Path, second: Path | None) -> Settings:
    replicas = {"replicas.second.store": str(second)} if second else {}
    return load_settings({"home": home, "store": str(store), "spool.ballast": "0B", **replicas}, dotenv=None)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """A replica of an archive with captures, items, a source and a paused source; the machine is lost."""
    with open_pressmark(settings_of(tmp_path / "home", tmp_path / "store", tmp_path / "second")) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        file = items_file(service.settings.home / "items", "default", RUN)
        file.parent.mkdir(parents=True)
        file.write_bytes(LINES)
        service.items.ship()
        service.settings.sources.mkdir()
        (service.settings.sources / "a.yaml").write_text(SOURCE)
        service.sources.reload()
        service.pauses.pause("a", "why not")
        LedgerSaving(service).save()
        ReplicaLoop(service, "second").turn()
    shutil.rmtree(tmp_path / "home")
    return tmp_path / "second"


def rebuilt(tmp_path: Path, capsys: pytest.CaptureFixture[str], second: Path | None) -> dict[str, Any]:
    """Rebuild on a new machine."""
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setenv("PRESSMARK_STORE", str(tmp_path / "store"))
        patch.setenv("PRESSMARK_REPLICAS", json.dumps({"second": str(second)} if second else {}))
        patch.setenv("PRESSMARK_SPOOL__BALLAST", "0B")
        main(["--home", str(tmp_path / "new"), "rebuild", "--json"])
    told: dict[str, Any] = json.loads(capsys.readouterr().out) | {"code": ended.value.code}
    return told


def test_a_machine_is_rebuilt_from_the_replica_alone(
    second: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(tmp_path / "store")
    told = rebuilt(tmp_path, capsys, second)

    assert told["findings"] == []
    assert (told["segments"], told["sources"], told["pauses"], told["runs_with_items"]) == (2, 1, 1, 1)
    with open_pressmark(settings_of(tmp_path / "new", tmp_path / "store", second)) as service:
        assert (service.settings.sources / "a.yaml").read_text() == SOURCE
        assert list(service.items.of(RUN)) == [LINES]
        [capture] = service.archive.captures(NEWS, limit=1)
        with service.archive.open(capture) as found:
            assert found.payload().body


def test_without_the_replica_nothing_is_rebuilt(
    second: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(tmp_path / "store")
    told = rebuilt(tmp_path, capsys, None)
    assert (told["segments"], told["sources"], told["runs_with_items"]) == (0, 0, 0)


def test_what_the_first_store_has_lost_or_damaged_comes_from_the_replica(
    second: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("cdxj", "text", "item", "ledger"):
        for number, path in enumerate(sorted((tmp_path / "store" / kind).rglob("*.*"))):
            path.chmod(0o644)
            path.write_bytes(b"x") if number % 2 else path.unlink()
    lost, damaged = (tmp_path / "store" / "manifest").rglob("*.json")
    lost.unlink()
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes().replace(b'"segment"', b'"segmint"'))
    told = rebuilt(tmp_path, capsys, second)

    assert told["findings"] == []
    assert (told["segments"], told["sources"], told["runs_with_items"]) == (2, 1, 1)


def test_a_first_store_that_does_not_respond_is_replaced_by_the_replica(second: Path) -> None:
    store = with_failover(Replicated(Deaf(), {"second": LocalStore(second)}))  # type: ignore[arg-type]
    plain = LocalStore(second)
    assert list(store.keys()) == list(plain.keys())
    key = next(plain.keys("item/"))
    with store.get(key) as one, plain.get(key) as other:
        assert one.read() == other.read()
    assert store.size(key) == plain.size(key)
    assert list(replicas_of(store)) == ["second"]


def test_a_replica_that_does_not_respond_does_not_matter_and_no_store_at_all_is_an_error(second: Path) -> None:
    store = with_failover(Replicated(LocalStore(second), {"second": Deaf()}))  # type: ignore[dict-item]
    assert list(store.keys()) == list(LocalStore(second).keys())
    nothing = with_failover(Replicated(Deaf(), {"second": Deaf()}))  # type: ignore[arg-type, dict-item]
    for ask in (lambda: list(nothing.keys()), lambda: nothing.size("a"), lambda: nothing.get("a")):
        with pytest.raises(StoreUnreachable):
            ask()


@pytest.mark.parametrize(("away", "named"), [("store", "store"), ("second", "second")])
def test_a_rebuild_names_each_place_that_can_not_be_listed(
    second: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], away: str, named: str
) -> None:
    shutil.rmtree(tmp_path / away)
    (tmp_path / away).symlink_to(tmp_path / away)  # each access ends with ELOOP
    told = rebuilt(tmp_path, capsys, second)

    assert {(found["file"], found["kind"]) for found in told["findings"]} == {(named, "unreadable")}
    assert told["code"] == Exit.INTEGRITY
    assert (told["segments"], told["sources"], told["runs_with_items"]) == (2, 1, 1)


def test_a_writer_continues_no_replica_while_the_first_store_can_not_be_listed(tmp_path: Path) -> None:
    first, second = Unlisted(tmp_path / "first"), LocalStore(tmp_path / "second")
    store = with_failover(Replicated(first, {"second": second}), writes=True)
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def save(number: int) -> None:
        Ledger(store, "main", now=lambda: now).append([Record("run", (str(number),), {"id": number})])

    save(1)
    put_root(store, now)
    shutil.copytree(tmp_path / "first", tmp_path / "second")  # the replica lags from here on
    save(2)
    put_root(store, datetime(2026, 1, 2, tzinfo=UTC))
    first.refuses = True
    for write in (lambda: save(3), lambda: put_root(store, datetime(2026, 1, 3, tzinfo=UTC)), lambda: unstamped(store)):
        with pytest.raises(StoreUnreachable, match="the list timed out"):
            write()
    first.refuses = False
    save(3)
    put_root(store, datetime(2026, 1, 3, tzinfo=UTC))

    assert [part.last for part in parts_of(first)] == [1, 2, 3]
    assert broken_parts(first) == []
    assert {finding.kind for _, found in broken_roots(first) for finding in found} == {"unstamped"}
    assert len(root_keys(first)) == 3


def test_a_writer_starts_nothing_new_while_the_first_store_is_empty_and_its_replica_can_not_be_listed(
    tmp_path: Path,
) -> None:
    first, second = LocalStore(tmp_path / "first"), Unlisted(tmp_path / "second")
    store = with_failover(Replicated(first, {"second": second}), writes=True)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    ledger = Ledger(LocalStore(tmp_path / "second"), "main", now=lambda: now)
    ledger.append([Record("run", ("1",), {"id": 1})])
    ended = Ledger(store, "main", now=lambda: now)
    chain = Chain(tmp_path / "chain.json", store)
    second.refuses = True
    for write in (lambda: ended.append([Record("run", ("2",), {"id": 2})]), lambda: chain.end("default", "main")):
        with pytest.raises(StoreUnreachable, match=r"its replica second can't be listed.*: the list timed out"):
            write()
    assert list(first.keys()) == []

    second.refuses = False
    ended.append([Record("run", ("2",), {"id": 2})])
    assert [part.last for part in parts_of(first)] == [2]
    assert chain.end("default", "main") is None


def test_the_writers_of_a_service_get_the_error_of_the_first_store(second: Path, tmp_path: Path) -> None:
    first = Unlisted(tmp_path / "store")
    with open_pressmark(settings_of(tmp_path / "new", tmp_path / "store", second)) as opened:
        service = replace(opened, store=Replicated(first, {"second": LocalStore(second)}))
        service.pauses.pause("b")
        before = list(first.keys())
        first.refuses = True
        for write in (LedgerSaving(service).save, Timestamping(service).stamp):
            with pytest.raises(StoreUnreachable, match="the list timed out"):
                write()
    first.refuses = False
    assert list(first.keys()) == before


def test_an_earlier_time_stamp_stays(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    Ledger(store, "main", now=lambda: at).append([Record("run", ("1",), {"id": 1})])
    root = put_root(store, at)
    assert root is not None
    for stamp in (b"of January", b"of March"):
        put_stamp(store, root, stamp)
    assert [octets_of(store, key) for key in stamps_of(store, root)] == [b"of January"]


def test_a_store_without_replicas_is_itself() -> None:
    store = MemoryStore()
    assert with_failover(store) is store
