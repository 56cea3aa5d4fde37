"""Items of users' spiders come back from the store alone, with the runs that they belong to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from specimens.captures import NOON
from sqlalchemy import text

from archive.shipping.items import items_file
from archive.store.local import LocalStore
from archive.values.run_id import new_run_id
from config.settings import load_settings
from crawler.policy.order import Outcome
from pressmark.processes.index_repair import IndexRepair
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.items_back import bring_items_back


class Counting(LocalStore):
    """Remembers what was listed."""

    listed: list[str]

    def keys(self, prefix: str = ""):  # type: ignore[no-untyped-def]
        self.listed.append(prefix)
        return super().keys(prefix)


def give(service: Service, count: int, run: str = "") -> str:
    """Have a run give items, which are in the store then."""
    run = run or new_run_id("own", NOON)
    file = items_file(service.settings.home / "items", "news", run)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f'{{"item": {{"n": "number {n}"}}}}\n' for n in range(count)))
    assert service.items.ship() == 1
    return run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def forget(home: Path) -> None:
    for file in home.glob("pressmark.db*"):
        file.unlink()


def test_a_worker_that_compares_its_index_brings_items_and_their_runs_back(home: Path) -> None:
    with open_pressmark(load_settings({"home": home})) as service:
        run = give(service, 3)
    forget(home)

    with open_pressmark(load_settings({"home": home})) as service:
        IndexRepair(service)._turn()
        found = [(one.run, one.number) for one in service.archive.search_items("number").items]

        assert sorted(found) == [(run, 0), (run, 1), (run, 2)]
        assert [one.id for one in service.runs.list()] == [run]
        assert bring_items_back(service) == 0


def test_a_run_that_the_ledger_knows_stays_as_it_is_and_gets_the_items_that_the_index_lacks(home: Path) -> None:
    with open_pressmark(load_settings({"home": home})) as service:
        begun = service.runs.begin("own", "w1", service.epochs.begin("w1"))
        give(service, 2, begun.id)
        ended = Outcome(outcome="done", pages=1, captures=1, spider={"items": 2, "stats": {"a": 1}})
        over = service.runs.finish(begun, ended)
        with service.database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM items WHERE number = 1")

        assert bring_items_back(service) == 1
        assert service.runs.get(begun.id) == replace(over, seen_at=service.runs.get(begun.id).seen_at)
        assert [one.number for one in service.archive.search_items("1").items] == [1]


def test_the_items_of_a_run_are_found_without_a_list_of_all(home: Path, tmp_path: Path) -> None:
    store = Counting(home / "store")
    store.listed = []
    with open_pressmark(load_settings({"home": home})) as service:
        run, other = give(service, 2), give(service, 1)
        looking = replace(service, store=store)

        assert len(list(looking.items.of(run))) == 2
        assert store.listed == []  # the database has the key
        with service.database.writing() as connection:
            connection.execute(text("DELETE FROM marks"))
        assert len(list(looking.items.of(run))) == 2
        assert len(list(looking.items.of(other))) == 1

    assert store.listed == [f"item/v1/news/{run}-", f"item/v1/news/{other}-"]


def test_objects_that_are_torn_hold_up_nothing(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    with open_pressmark(load_settings({"home": home})) as service:
        give(service, 1)
        [whole] = (home / "store" / "item").rglob("*.zst")
        torn, cut = (whole.with_name(whole.name.replace("-own-", f"-{name}-")) for name in ("aaa", "bbb"))
        torn.write_bytes(whole.read_bytes()[5:])
        cut.write_bytes(whole.read_bytes()[:9])
    forget(home)

    with open_pressmark(load_settings({"home": home})) as service:
        assert bring_items_back(service) == 1

    [said] = [record for record in caplog.records if record.message == "the items of a run can't be indexed"]
    assert torn.name in str(said.__dict__["object"])
