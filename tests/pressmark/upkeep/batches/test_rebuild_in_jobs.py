"""A rebuild in jobs fills a new database as a rebuild in one process does, also when jobs are done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from specimens.archives import SEGMENTS
from sqlalchemy import select

from archive.database.schema import captures, sketches, texts, worded
from config.settings import load_settings
from pressmark.cli import main
from pressmark.processes.reading.batches import BatchLoop
from pressmark.service.assembly import open_pressmark
from pressmark.service.readers import batches_of
from pressmark.service.service import Service
from pressmark.upkeep.batches.kinds import JobHalted
from pressmark.upkeep.batches.work import do_job
from pressmark.upkeep.imports import import_files


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of two files with texts in the store, whose database is lost."""
    with open_pressmark(load_settings({"home": tmp_path / "home"})) as service:
        assert len(list(import_files(service, sorted(SEGMENTS.glob("*.warc.gz")), "default"))) == 2
    return tmp_path / "home"


def rows(service: Service) -> dict[str, list[str]]:
    queries = {
        "captures": select(captures.c.url, captures.c.at, captures.c.record_id),
        "texts": select(texts.c.record_id, texts.c.state),
        "worded": select(worded.c.record_id, worded.c.at),
    }
    with service.database.reading() as connection:
        found = {name: sorted(map(repr, connection.execute(query))) for name, query in queries.items()}
        return found | {"sketches": [str(len(connection.execute(select(sketches.c.wording_id)).all()))]}


@pytest.fixture
def lost(home: Path) -> Iterator[tuple[Service, dict[str, list[str]]]]:
    """The service of the home with a new database, and the rows of a rebuild in one process."""
    for file in home.glob("pressmark.db*"):
        file.unlink()
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "-q", "rebuild"])
    assert ended.value.code in (0, None)
    with open_pressmark(load_settings({"home": home})) as service:
        before = rows(service)
    for file in home.glob("pressmark.db*"):
        file.unlink()
    with open_pressmark(load_settings({"home": home})) as service:
        yield service, before


def test_a_rebuild_in_jobs_adds_what_a_rebuild_in_one_process_adds_and_nothing_twice(
    lost: tuple[Service, dict[str, list[str]]],
) -> None:
    service, before = lost
    batches = batches_of(service)
    batch, _ = batches.request("rebuild", {"full": True}, "somebody")
    plan = batches.claim("one")
    assert plan is not None
    do_job(service, batches, plan, lambda: False)
    first = batches.claim("one")
    assert first is not None
    with pytest.raises(JobHalted):
        do_job(service, batches, first, _after(1))
    batches.give_back(first)
    loop = BatchLoop(service)
    while loop.turn() == 0:
        pass
    result = batches.get(batch.id).result

    assert rows(service) == before
    assert before["captures"] and before["texts"]
    assert result == {
        "segments": 2,
        "captures": len(before["captures"]),
        "texts": len(before["texts"]),
        "wrong": 0,
        "left": 0,
    }


def _after(looks: int) -> Callable[[], bool]:
    """Return what halts a job after some looks."""
    left = iter(range(looks))
    return lambda: next(left, None) is None
