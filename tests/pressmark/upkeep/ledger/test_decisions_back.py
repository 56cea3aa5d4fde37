"""An older copy of a database gets back what people decided since then; nothing taken down is shown before that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from journeys.household import Household
from services.retrieving import Retrieving, served
from services.waiting import eventually
from specimens.archives import SEGMENTS

from config.settings import Settings, load_settings
from pressmark.cli import main
from pressmark.processes.index_repair import IndexRepair
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit_ledger
from pressmark.upkeep.conditions import conditions
from pressmark.upkeep.doctor import examine
from pressmark.upkeep.ledger.decisions_back import examine_decisions
from pressmark.upkeep.ledger.restoring import restore
from pressmark.upkeep.ledger.saving import LedgerSaving
from scheduler.ledger.review_marks import ReviewMark, ReviewMarks

SITE, OTHER, LIFTED = "https://b.example/", "https://c.example/", "https://d.example/"
PAGES = ("https://b.example/1", "https://b.example/2", "https://b.example/3")
STATE = "decisions-unread"
READING = (
    "/api/v1/captures?url=http://b.example/",
    "/new",
    "/search?q=a",
    "/api/v1/exports/jsonl",
    "/collinfo.json",
)


def said(judgement: str, day: int = 1) -> ReviewMark:
    return ReviewMark("default", judgement, "", "ada", datetime(2026, 11, day, tzinfo=UTC))  # type: ignore[arg-type]


def segment() -> Path:
    return min(SEGMENTS.glob("*.warc.gz"))


@pytest.fixture
def older(tmp_path: Path) -> Settings:
    """The settings of a home whose database is a copy from before some decisions of people."""
    settings = load_settings({"home": tmp_path / "home", "spool.ballast": "0B"})
    database, copy = settings.home / "pressmark.db", tmp_path / "copy.db"
    with open_pressmark(settings) as service:
        service.archive.ingest(segment())
        service.take_downs.add(LIFTED, "a claim", by="bert", match="host")
        marked = ReviewMarks(service.database)
        marked.set("run-1", PAGES[0], said("good"))
        marked.set("run-1", PAGES[1], said("good"))
        LedgerSaving(service).save()
        IndexRepair(service)._turn()
    copy.write_bytes(database.read_bytes())
    with open_pressmark(settings) as service:
        service.take_downs.add(SITE, "a court order", by="bert", match="host")
        [claim] = [one for one in service.take_downs.all() if one.url == LIFTED]
        service.take_downs.lift(claim.id, by="carl")
        marked = ReviewMarks(service.database)
        marked.set("run-1", PAGES[0], said("bad", 2))
        marked.clear("run-1", PAGES[1])
        marked.set("run-1", PAGES[2], said("recapture", 2))
        service.pauses.pause("gazette", "the site asked for it")
        service.runs.request("gazette")
        LedgerSaving(service).save()
    copy.replace(database)
    return settings


def parts(settings: Settings) -> list[Path]:
    """The files of the ledger, the newest last."""
    return sorted(file for file in (settings.home / "store" / "ledger").rglob("*") if file.is_file())


@contextmanager
def damaged(file: Path) -> Iterator[None]:
    healthy = file.read_bytes()
    file.write_bytes(healthy[:-9])
    yield
    file.write_bytes(healthy)


def in_force(service: Service) -> set[str]:
    """Return what is taken down, as the database has it now."""
    return {one.url for one in service.take_downs.all() if one.lifted_at is None}


def states(service: Service) -> set[str | None]:
    return {one.state for one in conditions(service)}


def test_what_people_decided_since_the_copy_is_in_force_again(older: Settings) -> None:
    with open_pressmark(older) as service:
        assert in_force(service) == {LIFTED}  # the control
        IndexRepair(service)._turn()
        assert in_force(service) == {SITE}
        assert ReviewMarks(service.database).of_run("run-1") == {
            PAGES[0]: said("bad", 2),
            PAGES[2]: said("recapture", 2),
        }


@pytest.mark.parametrize("saved_first", [False, True])
def test_pauses_and_runs_since_the_copy_are_there_again(older: Settings, saved_first: bool) -> None:
    with open_pressmark(older) as service:
        assert (list(service.pauses.all()), service.runs.unfinished()) == ([], [])  # the control
        if saved_first:
            service.take_downs.add(OTHER, "another order", by="bert", match="host")
            LedgerSaving(service).save()
        IndexRepair(service)._turn()
        assert list(service.pauses.all()) == ["gazette"]
        assert [run.source for run in service.runs.unfinished()] == ["gazette"]


def test_a_new_database_gets_no_runs_and_pauses_of_another_service(older: Settings) -> None:
    (older.home / "pressmark.db").unlink()
    with open_pressmark(older) as service:
        IndexRepair(service)._turn()
        assert in_force(service) == {SITE}
        assert (list(service.pauses.all()), service.runs.unfinished()) == ([], [])


def test_what_people_decided_after_the_start_is_kept(older: Settings) -> None:
    with open_pressmark(older) as service:
        [claim] = service.take_downs.all()
        service.take_downs.lift(claim.id, by="dora")
        ReviewMarks(service.database).set("run-1", PAGES[2], said("good", 3))
        ReviewMarks(service.database).clear("run-1", PAGES[0])
        IndexRepair(service)._turn()
        assert [one.lifted_by for one in service.take_downs.all() if one.url == LIFTED] == ["dora"]
        assert ReviewMarks(service.database).of_run("run-1") == {PAGES[2]: said("good", 3)}


def test_a_ledger_that_is_older_than_the_database_changes_no_review(older: Settings) -> None:
    with open_pressmark(older) as service:
        IndexRepair(service)._turn()
        marked = ReviewMarks(service.database)
        marked.set("run-1", PAGES[0], said("good", 4))
        LedgerSaving(service).save()
        parts(older)[-1].unlink()
        restore(service)
        assert marked.of_run("run-1")[PAGES[0]] == said("good", 4)


def test_what_is_saved_before_the_ledger_was_read_hides_nothing_of_it(older: Settings) -> None:
    with open_pressmark(older) as service:
        service.take_downs.add(OTHER, "another order", by="bert", match="host")
        LedgerSaving(service).save()
        IndexRepair(service)._turn()
        assert in_force(service) == {SITE, OTHER}


def test_the_ledger_is_read_only_when_it_has_something_new(older: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_pressmark(older) as service:
        IndexRepair(service)._turn()
        service.take_downs.add(OTHER, "another order", by="bert", match="host")
        LedgerSaving(service).save()
        for part in parts(older):
            part.write_bytes(b"")  # damage, which a reader would find
        IndexRepair(service)._turn()
        assert states(service) & {STATE} == set()


def test_doctor_and_verify_report_that_the_database_is_older(older: Settings) -> None:
    def told(service: Service) -> tuple[list[Exit], list[str]]:
        doctor = [one.code for one in examine(service) if one.part == "decisions"]
        return doctor, [finding.kind for one in audit_ledger(service) for finding in one.findings]

    with open_pressmark(older) as service:
        assert told(service) == ([Exit.INTEGRITY], ["unread"])
        IndexRepair(service)._turn()
        assert told(service) == ([Exit.OK], [])


def test_doctor_says_that_it_could_not_look_where_the_store_refuses(older: Settings) -> None:
    away = {"store": "s3", "s3.bucket": "b", "s3.endpoint": "http://127.0.0.1:9"}
    with open_pressmark(load_settings({"home": older.home, "spool.ballast": "0B"} | away)) as service:
        [(sentence, code)] = examine_decisions(service)
    assert code not in (Exit.OK, Exit.INTEGRITY)
    assert sentence.startswith("Pressmark could not check")


def test_nothing_is_shown_while_a_part_with_unknown_decisions_is_damaged(older: Settings) -> None:
    with damaged(parts(older)[-1]), open_pressmark(older) as service, served(service) as address:
        pages = Retrieving(address, service, [])
        assert [pages.get(path)[0] for path in READING] == [200] * len(READING)  # the control
        assert b"--accept-lost-decisions" not in pages.get("/runs")[2]
        IndexRepair(service)._turn()
        assert states(service) == {STATE}
        eventually(lambda: pages.get(READING[0])[0] == 503)
        for path in READING:
            status, _, body = pages.get(path)
            assert (status, b"--accept-lost-decisions" in body) == (503, True), path
        for path in ("/sources", "/runs", "/timetable", "/takedowns"):
            assert b"--accept-lost-decisions" in pages.get(path)[2], path
        assert pages.get("/sources")[0] == 200
        assert json.loads(pages.get("/readyz")[2])["problems"].keys() == {"decisions"}


def test_pages_are_shown_again_once_the_part_is_repaired(older: Settings) -> None:
    with open_pressmark(older) as service:
        with damaged(parts(older)[-1]):
            IndexRepair(service)._turn()
            assert states(service) == {STATE}
        IndexRepair(service)._turn()
        assert STATE not in states(service)
        assert in_force(service) == {SITE}


def test_a_service_knows_the_decisions_before_its_first_answer(older: Settings) -> None:
    with Household(older.home).serving() as served:
        assert served.get(f"/api/v1/captures?url={SITE}").status == 451
        logged = served.log.read_text()
    assert logged.index("decisions of people were missing in the database") < logged.index("the service listens")


def test_a_missing_part_with_unknown_decisions_is_such_damage(older: Settings) -> None:
    with open_pressmark(older) as service:
        service.take_downs.add(OTHER, "another order", by="bert", match="host")
        LedgerSaving(service).save()
        parts(older)[-2].unlink()
        IndexRepair(service)._turn()
        assert STATE in states(service)


def test_the_loss_of_a_part_that_another_database_has_read_hides_nothing_there(older: Settings, tmp_path: Path) -> None:
    of_another = {"home": tmp_path / "another", "store": str(older.store_path), "worker.name": "another"}
    with open_pressmark(load_settings(of_another | {"spool.ballast": "0B"})) as reader:
        IndexRepair(reader)._turn()
        parts(older)[0].unlink()
        with open_pressmark(older) as service:
            IndexRepair(service)._turn()
            service.take_downs.add(OTHER, "another order", by="bert", match="host")
            LedgerSaving(service).save()
        IndexRepair(reader)._turn()
        assert STATE not in states(reader)
        assert in_force(reader) == {SITE, OTHER}

        parts(older)[-1].unlink()
        with open_pressmark(older) as service:
            service.take_downs.add(LIFTED, "one more", by="bert", match="host")
            LedgerSaving(service).save()
        IndexRepair(reader)._turn()
        assert STATE not in states(reader)  # the unlinked part was read before, too


def test_nothing_is_indexed_and_nothing_exported_before_a_new_database_knows_the_decisions(
    older: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (older.home / "pressmark.db").unlink()
    with damaged(parts(older)[0]):
        assert ended("--home", str(older.home), "rebuild") == Exit.INTEGRITY
        assert "--accept-lost-decisions" in capsys.readouterr().err
        assert ended("--home", str(older.home), "export", "jsonl", "-o", str(tmp_path / "out.jsonl")) == Exit.INTEGRITY
        with open_pressmark(older) as service:
            IndexRepair(service)._turn()
            assert service.index.segments() == []
            assert {STATE} <= states(service)

        assert ended("--home", str(older.home), "rebuild", "--accept-lost-decisions") == Exit.INTEGRITY
        with open_pressmark(older) as service:
            assert len(service.index.segments()) == 1
            IndexRepair(service)._turn()
            assert states(service) == set()
            assert in_force(service) == {SITE}  # of the part that is healthy


def ended(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return int(stopped.value.code or 0)
