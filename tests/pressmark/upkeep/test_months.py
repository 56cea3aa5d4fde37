"""Months in the store: a new database has no rows of them, and finds their captures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from specimens.archives import FORUM, NEWS, SEGMENTS

from archive.database.closed_collections import TakenDown, closing_collections, hiding
from archive.database.marks import Marks
from archive.index.cdx.engine import Cdx
from archive.index.cdx.query import CdxQuery
from archive.index.purges.older import count_before
from archive.index.selection import Selection
from archive.index.selection_rows import chosen
from archive.values.errors import IntegrityError
from archive.values.urlkey import urlkey
from config.settings import Settings, load_settings
from pressmark.cli import main
from pressmark.service.access.purged_since import ORDERS
from pressmark.service.access.take_downs import UnfitTakeDown
from pressmark.service.assembly import open_pressmark
from pressmark.service.index_state import compared
from pressmark.service.service import Service
from pressmark.upkeep.ledger.saving import LedgerSaving
from pressmark.upkeep.months import months
from pressmark.upkeep.purging import purges_of

BOTH = ["2026-01", "2026-02"]


def run(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> tuple[int, Any]:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *words, "--json"])
    out = capsys.readouterr().out
    return int(ended.value.code or 0), json.loads(out) if out.startswith("{") else out


def states(capsys: pytest.CaptureFixture[str], home: Path) -> dict[str, str]:
    return {one["month"]: one["state"] for one in run(capsys, home, "months", "list")[1]["items"]}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"home": tmp_path / "home"})


@pytest.fixture
def home(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Path:
    """A home with captures of two months, which are in the store, too."""
    with open_pressmark(settings) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
    code, said = run(capsys, settings.home, "months", "write", "--before", "2026-03")
    assert code == 0 and [one["month"] for one in said["written"]] == BOTH
    return settings.home


def without_database(home: Path) -> None:
    for file in home.glob("pressmark.db*"):
        file.unlink()


def answers(service: Service) -> Any:
    """Return what lookups answer: captures, CDX rows, snapshots, and what an export selects."""
    rows = [row[:-1] for row in Cdx(service.database, service.index.months).rows(CdxQuery("example.org", "domain"))]
    news = list(service.archive.captures(NEWS))
    payloads = []
    for capture in news:
        with service.archive.open(capture) as snapshot:
            payloads.append(snapshot.payload().body)
    selected = sorted(chosen(service.index, Selection()), key=lambda one: one.location.offset)
    latest = {one.record_id for one in chosen(service.index, Selection(latest=True))}
    return rows, news, payloads, list(service.archive.captures(FORUM)), selected, latest


def test_a_new_database_finds_the_captures_of_attached_months_without_rows(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_pressmark(settings) as service:
        before = answers(service)
    without_database(home)

    assert run(capsys, home, "months", "attach", *BOTH)[0] == 0
    assert run(capsys, home, "rebuild")[0] == 0

    with open_pressmark(settings) as service:
        assert service.index.segments() == []
        assert not compared(service).to_import and not compared(service).missing
        assert answers(service) == before
    assert states(capsys, home) == dict.fromkeys(BOTH, "attached")
    assert run(capsys, home, "verify", "--all")[0] == 0


def test_rows_come_back_when_a_month_is_detached(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_pressmark(settings) as service:
        before = answers(service)
    without_database(home)
    run(capsys, home, "months", "attach", "2026-01")
    run(capsys, home, "rebuild")
    with open_pressmark(settings) as service:
        assert len(service.index.segments()) == 1
        assert answers(service) == before

    assert run(capsys, home, "months", "delete", "2026-01")[0] == 2
    assert run(capsys, home, "months", "detach", "2026-01")[0] == 0
    assert run(capsys, home, "rebuild")[0] == 0

    with open_pressmark(settings) as service:
        assert len(service.index.segments()) == 2
        assert answers(service) == before
    assert run(capsys, home, "months", "delete", *BOTH)[0] == 0
    assert states(capsys, home) == dict.fromkeys(BOTH, "rows")
    assert not list((home / "store").glob("months/v1/*/*"))


def spoil(file: Path) -> None:
    octets = bytearray(file.read_bytes())
    octets[len(octets) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(octets)


@pytest.mark.parametrize("name", ["cdx", "cluster", "captures", "month"])
def test_damage_of_any_file_is_found_and_such_a_month_is_not_attached(
    home: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    [file] = (home / "store" / "months" / "v1" / "2026-01").glob(f"{name}-*")
    spoil(file)

    assert run(capsys, home, "verify", "--all")[0] == 10
    assert run(capsys, home, "months", "attach", "2026-01")[0] == 10
    assert states(capsys, home)["2026-01"] != "attached"


def test_lookups_say_that_a_month_is_damaged_or_lost_and_never_leave_it_out(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    without_database(home)
    run(capsys, home, "months", "attach", *BOTH)
    [file] = (home / "store" / "months" / "v1" / "2026-01").glob("cdx-*")
    spoil(file)
    with open_pressmark(settings) as service, pytest.raises(IntegrityError, match="pressmark months detach"):
        list(service.archive.captures(NEWS))
    assert run(capsys, home, "captures", NEWS)[0] == 10

    file.unlink()
    with open_pressmark(settings) as service, pytest.raises(IntegrityError, match="pressmark months detach"):
        list(service.archive.captures(NEWS))
    assert states(capsys, home)["2026-01"] == "damaged"


def test_a_purge_writes_the_months_again_and_all_agree(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, home, "months", "attach", "2026-01")
    with open_pressmark(settings) as service:
        taken = service.take_downs.add(NEWS, "a reason", by="me")
        purges = purges_of(service)
        plan = purges.plan(taken.id, with_revisits=True)
        assert purges.run(taken.id, plan.token, by="me", origin="test", with_revisits=True).unreached == {}
        assert list(service.archive.captures(NEWS)) == []

    assert plan.captures
    assert states(capsys, home) == {"2026-01": "attached", "2026-02": "stored"}
    assert run(capsys, home, "months", "write", "--before", "2026-03")[1]["wanted"] == []
    assert run(capsys, home, "verify", "--all")[0] == 0
    assert not [one for one in run(capsys, home, "doctor")[1]["items"] if "attached month" in one["sentence"]]
    without_database(home)
    assert run(capsys, home, "months", "attach", *BOTH)[0] == 0
    with open_pressmark(settings) as service:
        assert list(service.archive.captures(NEWS)) == []
        assert list(service.archive.captures(FORUM))


def test_what_is_in_months_alone_is_purged_by_a_take_down_and_by_a_retention(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    without_database(home)
    run(capsys, home, "months", "attach", *BOTH)
    with open_pressmark(settings) as service:
        whole = len(list(chosen(service.index, Selection())))
        taken = service.take_downs.add(NEWS, "a reason", by="me")
        plan = purges_of(service).plan(taken.id, with_revisits=True)
        done = purges_of(service).run(taken.id, plan.token, by="me", origin="test", with_revisits=True)
        assert done.unreached == {} and plan.captures
        assert list(service.archive.captures(NEWS)) == []
        assert len(list(chosen(service.index, Selection()))) == whole - len(plan.captures)
    kept = load_settings({"home": home, "retention": {"default": "30d"}})
    with open_pressmark(kept) as service:
        older = purges_of(service).plan("retention:default", with_revisits=True)
        left = whole - len(plan.captures)
        assert count_before(service.database, "default", service.now(), service.index.months) == left
        assert len(older.captures) == left
    assert set(states(capsys, home).values()) == {"attached"}
    assert run(capsys, home, "verify", "--all")[0] == 0


def test_a_month_with_a_purged_or_lost_segment_is_not_attached(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [manifest] = (home / "store" / "manifest").rglob("*aaaaaaaa.json")
    manifest.unlink()

    assert run(capsys, home, "months", "attach", "2026-01")[0] == 10


def test_what_is_hidden_from_a_reader_is_hidden_in_attached_months(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    without_database(home)
    run(capsys, home, "months", "attach", *BOTH)
    key = urlkey(NEWS)
    with open_pressmark(settings) as service:
        with closing_collections(frozenset({"default"})):
            assert list(service.archive.captures(NEWS)) == []
        with hiding(TakenDown(frozenset({(key, f"{key}!")}))):
            assert list(service.archive.captures(NEWS)) == []
            assert NEWS not in {one.url for one in chosen(service.index, Selection())}
        assert len(list(service.archive.captures(NEWS))) == 3


def test_a_new_database_knows_the_take_downs_before_it_has_months(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_pressmark(settings) as service:
        service.take_downs.add(NEWS, "a court order", by="ada")
        LedgerSaving(service).save()
    without_database(home)

    assert run(capsys, home, "months", "attach", *BOTH)[0] == 0

    with open_pressmark(settings) as service:
        with service.take_downs.hidden():
            assert list(service.archive.captures(NEWS)) == []
        assert len(list(service.archive.captures(NEWS))) == 3


def test_an_interrupted_writing_continues_and_leaves_no_half_of_a_month(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stopped before each of its writes into the store, one after the other."""
    with open_pressmark(settings) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        store, put, left = type(service.store), type(service.store).put, [0]

        def some(*arguments: Any, **options: Any) -> Any:
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            return put(*arguments, **options)

        seen = set()
        monkeypatch.setattr(store, "put", some)
        for number in range(1, 8):
            left[0] = number
            try:
                written = list(months.write(service, months.to_write(service, "2026-03"), table=True, progress=print))
            except KeyboardInterrupt:
                written = []
            found = {one.month: one.state for one in months.reports(service)}
            assert "damaged" not in found.values()
            seen.add(tuple(found.values()))
            if found == dict.fromkeys(BOTH, "stored"):
                break
        assert len(written) < 2
        assert seen == {("rows", "rows"), ("stored", "rows"), ("stored", "stored")}
    assert not list(settings.home.glob("months-*"))


def test_later_captures_of_a_month_are_written_with_the_former_ones(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = sorted(SEGMENTS.glob("*.warc.gz"))
    with open_pressmark(settings) as service:
        service.archive.ingest(one)
    write = ("months", "write", "--before", "2026-03")
    first = run(capsys, settings.home, *write)[1]
    again = run(capsys, settings.home, *write)[1]
    with open_pressmark(settings) as service:
        service.archive.ingest(two)
    later = run(capsys, settings.home, *write, "--dry-run")[1]

    assert [each["month"] for each in first["written"]] == ["2026-01"]
    assert again["wanted"] == []
    assert [each["month"] for each in later["wanted"]] == ["2026-02"]


def test_the_table_of_a_month_has_its_captures(home: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    [file] = (home / "store" / "months" / "v1" / "2026-01").glob("captures-*.parquet")

    table = parquet.read_table(file).to_pylist()

    assert [one["url"] for one in table if one["url"] == NEWS] == [NEWS]
    assert len(table) == 4


@pytest.mark.parametrize("words", [("write", "--before", "2026-13"), ("attach", "May"), ("detach", "2026-1")])
def test_what_is_not_a_month_is_refused(
    settings: Settings, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert run(capsys, settings.home, "months", *words)[0] == 2


def test_an_unknown_month_is_named(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    for word in ("attach", "detach", "delete"):
        assert run(capsys, settings.home, "months", word, "1999-01")[0] == 5


def test_a_month_of_a_database_that_lacks_rows_is_not_attached(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither its rows nor its counts say that some are missing."""
    with open_pressmark(settings) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        with service.database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM captures WHERE url LIKE '%p.png'")
            connection.exec_driver_sql("DELETE FROM marks WHERE name LIKE 'rows:%'")
    run(capsys, settings.home, "months", "write", "--before", "2026-03")
    without_database(settings.home)

    assert run(capsys, settings.home, "verify", "--all")[0] == 10
    assert run(capsys, settings.home, "months", "attach", "2026-01")[0] == 10
    assert run(capsys, settings.home, "months", "attach", "2026-02")[0] == 0


def test_no_month_is_written_while_a_purge_is_unfinished(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_pressmark(settings) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        Marks(service.database, ORDERS).set("a-take-down", "{}")

    assert run(capsys, settings.home, "months", "write", "--before", "2026-03")[0] == 11


def test_doctor_names_an_attached_month_that_lost_a_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, home, "months", "attach", "2026-01")
    [file] = (home / "store" / "months" / "v1" / "2026-01").glob("cdx-*")
    file.unlink()

    code, said = run(capsys, home, "doctor")

    assert code == 10
    assert any("2026-01 can't be read" in one["sentence"] for one in said["items"] if one["part"] == "index")


@pytest.mark.parametrize("what", ["month", "cdx"])
def test_a_month_that_nobody_uses_and_nobody_can_read_is_named_with_the_way_out(
    home: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    """A purge deletes nothing that it may name."""
    [file] = (home / "store" / "months" / "v1" / "2026-01").glob(f"{what}-*")
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-9])

    def told(*words: str) -> list[str]:
        return [line for line in json.dumps(run(capsys, home, *words)[1]).split('"') if file.name in line]

    assert [line for line in told("doctor") if "the month 2026-01 in the store" in line and "months delete" in line]
    assert told("verify", "--all")
    assert run(capsys, home, "months", "delete", "2026-01")[0] == 0
    assert told("verify", "--all") == told("doctor") == []


def test_a_backup_forgets_months_that_the_store_has_no_more(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    assert run(capsys, home, "backup", str(copy))[0] == 0
    assert list(copy.rglob("cdx-*.gz"))

    run(capsys, home, "months", "delete", *BOTH)

    assert run(capsys, home, "backup", str(copy))[0] == 0
    assert not list(copy.rglob("cdx-*.gz"))


def test_a_post_is_not_taken_down_by_an_address_that_months_do_not_know(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, home, "months", "attach", "2026-01")

    with open_pressmark(settings) as service, pytest.raises(UnfitTakeDown, match="months"):
        service.take_downs.add("https://social.example/api/v1/statuses/41", "a reason", by="ada")
