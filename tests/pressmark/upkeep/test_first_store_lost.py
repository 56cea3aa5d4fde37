"""The first store is lost: a new machine is rebuilt from a replica, and items are read from it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from specimens.archives import NEWS, SEGMENTS

from archive.shipping.items import items_file
from archive.store.failover import with_failover
from archive.store.local import LocalStore
from archive.store.memory import MemoryStore
from archive.store.replicated import Replicated, replicas_of
from archive.values.errors import StoreUnreachable
from config.settings import Settings, load_settings
from pressmark.cli import main
from pressmark.processes.fixity import ReplicaLoop
from pressmark.service.assembly import open_pressmark
from pressmark.upkeep.ledger_saving import LedgerSaving

RUN = "20261124T155500Z-own-1a2b3c"
LINES = b'{"item": {"a": "kettle"}, "url": "https://a.example.org/", "records": []}\n'
SOURCE = "source: a\nseeds: https://a.example.org/\n"


class Deaf:
    """A store that does not respond."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        def refuse(*_: object, **__: object) -> object:
            raise StoreUnreachable("it does not respond")

        return refuse


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
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit):
        patch.setenv("PRESSMARK_STORE", str(tmp_path / "store"))
        patch.setenv("PRESSMARK_REPLICAS", json.dumps({"second": str(second)} if second else {}))
        patch.setenv("PRESSMARK_SPOOL__BALLAST", "0B")
        main(["--home", str(tmp_path / "new"), "rebuild", "--json"])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
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
    next((tmp_path / "store" / "manifest").rglob("*.json")).unlink()
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


def test_a_store_without_replicas_is_itself() -> None:
    store = MemoryStore()
    assert with_failover(store) is store
