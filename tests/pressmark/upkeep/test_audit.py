"""A full audit is counted and remembered, from every command."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from services.retrieving import Retrieving, served
from specimens.archives import SEGMENTS

from archive.index.selection import Selection
from archive.shipping.items import items_file
from config.settings import load_settings
from crawler.policy.order import Outcome
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark
from pressmark.service.readers import reading_jobs
from pressmark.upkeep.audit import audit
from pressmark.upkeep.extractions import read_again as read_again_of
from pressmark.upkeep.extractions import rereading
from pressmark.upkeep.imports import import_files
from pressmark.upkeep.last_audit import last_full
from pressmark.upkeep.metrics.metrics import metrics
from scheduler.ledger.totals import totals


def test_the_findings_of_verify_appear_in_the_metrics(tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = load_settings({"home": home})
    with open_pressmark(settings) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
    spoilt = sorted((home / "store" / "warc").rglob("*.warc.gz"))[0]
    spoilt.chmod(0o644)
    spoilt.write_bytes(spoilt.read_bytes()[:-9])

    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "verify", "--all"])

    with open_pressmark(settings) as service:
        told, at = metrics(service).decode(), last_full(service.database)
        assert at is not None
        assert (service.now() - at).total_seconds() < 600
    assert ended.value.code == 10
    assert 'pressmark_fixity_checked_total{result="ok"} 3.0' in told
    assert 'pressmark_fixity_checked_total{result="wrong"} 1.0' in told
    [said] = re.findall(r"^pressmark_fixity_last_full_timestamp_seconds (\S+)$", told, re.MULTILINE)
    assert float(said) == at.timestamp()


def test_an_aborted_audit_does_not_count(tmp_path: Path) -> None:
    with open_pressmark(load_settings({"home": tmp_path / "home"})) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        begun = audit(service)
        next(begun)
        begun.close()  # type: ignore[attr-defined]
        assert last_full(service.database) is None
        assert len(list(audit(service))) == 4
        first = last_full(service.database)
        list(audit(service))
        again = last_full(service.database)
        assert first is not None and again is not None and again >= first


Harm = Callable[[Path], object]


def spoil(path: Path) -> None:
    """Change a byte in the middle, without changing the length."""
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.write_bytes(octets)


def exchange(path: Path) -> None:
    """Swap a file with another one of its suffix; one with the same bytes would do no harm."""
    mine = path.read_bytes()
    other = next(one for one in sorted(path.parents[4].rglob(f"*{path.suffix}")) if one.read_bytes() != mine)
    others = other.read_bytes()
    path.write_bytes(others)
    other.write_bytes(mine)


@pytest.fixture(scope="module")
def home_read_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of two segments whose texts were extracted at the import, and once more since."""
    home = tmp_path_factory.mktemp("read-again") / "home"
    with open_pressmark(load_settings({"home": home})) as service:
        taken = list(import_files(service, sorted(SEGMENTS.glob("*.warc.gz")), "default"))
        assert len(taken) == 2
        with service.database.writing() as connection:
            connection.exec_driver_sql("UPDATE texts SET version = '0'")
        with rereading(service) as again:
            list(read_again_of(again, again.tasks(Selection(), "all"), reading_jobs(service)))
    return home


@pytest.fixture
def read_again(home_read_again: Path, tmp_path: Path) -> Path:
    """The store of a copy of that home."""
    return Path(shutil.copytree(home_read_again, tmp_path / "home", symlinks=True)) / "store"


HARMS = [
    (harm, kind)
    for harm in (spoil, exchange, Path.unlink)
    for kind in ("warc", "cdxj", "text", "manifest", "reread")
    if (harm, kind) != (Path.unlink, "reread")  # which nothing else names
]


@pytest.mark.parametrize(("harm", "kind"), HARMS)
def test_any_harm_to_an_object_is_found(read_again: Path, harm: Harm, kind: str) -> None:
    with open_pressmark(load_settings({"home": read_again.parent})) as service:
        assert [one for one in audit(service) if one.findings] == []
        harmed = next(path for path in sorted((read_again / kind).rglob("*")) if path.is_file())
        harm(harmed)
        wrong = {one.name for one in audit(service) if one.findings}

    assert (kind == "reread" and harm is Path.unlink) or harmed.relative_to(read_again).as_posix() in wrong


@pytest.fixture
def gave_items(tmp_path: Path) -> Path:
    """A home with a run of a spider that yielded two items, which are in the store."""
    home = tmp_path / "home"
    with open_pressmark(load_settings({"home": home})) as service:
        run = service.runs.begin("own", "w1", service.epochs.begin("w1"))
        file = items_file(home / "items", "default", run.id)
        file.parent.mkdir(parents=True)
        file.write_text('{"item": {"a": 1}}\n{"item": {"a": 2}}\n')
        service.runs.finish(run, Outcome(outcome="done", pages=1, captures=1, spider={"items": 2, "stats": {}}))
        assert [one for one in audit(service) if one.findings] == []
        assert service.items.ship() == 1
    return home


@pytest.mark.parametrize(("harm", "kind"), [(spoil, "object-digest"), (Path.unlink, "missing")])
def test_damaged_or_missing_items_are_found(gave_items: Path, harm: Harm, kind: str) -> None:
    with open_pressmark(load_settings({"home": gave_items})) as service:
        checked = list(audit(service))
        assert [one for one in checked if one.findings] == []
        assert len([one for one in checked if one.name.startswith("item/v1/")]) == 1
        [held] = (gave_items / "store" / "item").rglob("*.zst")
        held.chmod(0o644)
        harm(held)
        [wrong] = [one for one in audit(service) if one.findings]

    assert wrong.name == held.relative_to(gave_items / "store").as_posix() or kind == "missing"
    assert [finding.kind for finding in wrong.findings] == [kind]


def test_items_survive_the_ledger_that_knew_their_run(gave_items: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_pressmark(load_settings({"home": gave_items})) as service:
        [run] = service.items.runs()
    for file in gave_items.glob("pressmark.db*"):
        file.unlink()

    commands = ["rebuild"], ["runs", "items", run], ["runs", "show", run], ["search", "--items", "2"]
    for command in (*commands, ["runs", "items", f"{run}x"]):
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(gave_items), *command])
        assert (ended.value.code or 0) == (5 if command[-1].endswith("x") else 0)

    with open_pressmark(load_settings({"home": gave_items})) as service, served(service) as url:
        asked = Retrieving(url, service, [])
        answers = [asked.get(f"/api/v1/runs/{name}/items") for name in (run, f"{run}x")]
        [restored] = service.runs.list()
        sums = [(each.source, each.outcome, each.runs) for each in totals(service.database)]

    told, lines = capsys.readouterr(), '{"item": {"a": 1}}\n{"item": {"a": 2}}\n'
    assert lines in told.out
    assert f"{run}x" in told.err
    assert [status for status, _, _ in answers] == [200, 404]
    assert answers[0][2] == lines.encode()
    assert (restored.id, restored.source, restored.status, restored.outcome) == (run, "own", "over", "partial")
    assert restored.reason == (
        "restored from the store with 0 captures and 2 items: how it ended was lost with the database"
    )
    assert restored.spider == {"items": 2, "stats": {}}
    assert sums == [("own", "partial", 1)]
    assert f"{run}  item 1" in told.out
