"""Audits of a share by commands and the service, and reading when the first store is lost."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from specimens.archives import NEWS, SEGMENTS

from archive.index.objects import FIRST, Objects
from archive.shipping.fixity.replicas import Filler
from archive.shipping.fixity.share import WHOLE
from archive.shipping.ledger import ROLLED_UP, Ledger
from archive.store.replicated import replicas_of
from archive.store.s3 import S3Settings
from archive.values.errors import StoreError
from archive.warc.ledger import Record
from config.settings import Settings, load_settings
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit
from pressmark.upkeep.conditions import conditions
from pressmark.upkeep.fixity import audit_share, begin, next_audit, note_problem, overdue, standings
from pressmark.upkeep.fixity_states import examine_fixity
from pressmark.upkeep.last_audit import last_damage
from pressmark.upkeep.metrics.metrics import metrics

PREMIS = "{http://www.loc.gov/premis/v3}"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of two segments, with a replica that has all of them."""
    made = load_settings({"home": tmp_path / "home", "replicas.second.store": str(tmp_path / "second")})
    with open_pressmark(made) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        fill(service)
    return made


def fill(service: Service) -> int:
    filler = Filler(service.index, service.store, "second", now=service.now)
    filler.list_again()
    return len(list(filler.fill()))


def spoil(path: Path) -> bytes:
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(content[:-9])
    return content


def a_warc(root: Path) -> Path:
    return sorted((root / "warc").rglob("*.warc.gz"))[0]


def states(service: Service) -> dict[str | None, str]:
    return {one.state: one.sentence for one in conditions(service)}


def run(capsys: pytest.CaptureFixture[str], settings: Settings, *arguments: str) -> tuple[int, str]:
    variables = {"second": str(replica_of(settings))}
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setenv("PRESSMARK_REPLICAS", json.dumps(variables))
        main(["--home", str(settings.home), *arguments])
    return int(ended.value.code or 0), capsys.readouterr().out


def replica_of(settings: Settings) -> Path:
    return Path(settings.replicas["second"].store)


def test_a_replica_gets_every_object_and_is_filled_only_once(settings: Settings) -> None:
    first, second = settings.home / "store", replica_of(settings)
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())

    assert files
    assert [path for path in files if (second / path).read_bytes() != (first / path).read_bytes()] == []
    with open_pressmark(settings) as service:
        assert fill(service) == 0
        [lag] = [one.lag for one in standings(service) if one.lag]
        assert (lag.objects, lag.size, lag.since) == (0, 0, None)


def test_a_filling_that_is_interrupted_continues_where_it_stopped(settings: Settings, tmp_path: Path) -> None:
    shutil.rmtree(replica_of(settings))
    again = load_settings({"home": settings.home, "replicas.third.store": str(tmp_path / "third")})
    with open_pressmark(again) as service:
        begun = Filler(service.index, service.store, "third", now=service.now).fill()
        next(begun)
        next(begun)
        begun.close()  # type: ignore[attr-defined]
        total = Objects(service.database).count()
        rest = list(Filler(service.index, service.store, "third", now=service.now).fill())
    assert len(rest) == total - 2


def test_captures_are_read_from_the_replica_when_the_first_store_is_lost(settings: Settings) -> None:
    shutil.rmtree(settings.home / "store")
    with open_pressmark(settings) as service:
        [capture] = service.archive.captures(NEWS, limit=1)
        with service.archive.open(capture) as found:
            assert found.payload().body
        assert service.index.damaged_count() == 0
        with pytest.raises(StoreError, match="none of the expected files"):
            list(audit_share(service, WHOLE, repair=True))
        list(audit_share(service, WHOLE, repair=True, refill=FIRST))
    assert a_warc(settings.home / "store").read_bytes() == a_warc(replica_of(settings)).read_bytes()


def test_a_damaged_object_is_read_from_the_replica_and_no_capture_is_marked(settings: Settings) -> None:
    for warc in (settings.home / "store" / "warc").rglob("*.warc.gz"):
        warc.chmod(0o644)
        warc.write_bytes(bytes(warc.stat().st_size))
    with open_pressmark(settings) as service:
        [capture] = service.archive.captures(NEWS, limit=1)
        with service.archive.open(capture) as found:
            assert found.payload().body
        assert service.index.damaged_count() == 0


def test_without_a_replica_the_same_damage_is_out_of_reach(settings: Settings) -> None:
    shutil.rmtree(replica_of(settings))
    for warc in (settings.home / "store" / "warc").rglob("*.warc.gz"):
        warc.chmod(0o644)
        warc.write_bytes(bytes(warc.stat().st_size))
    with open_pressmark(load_settings({"home": settings.home})) as service:
        found = [one for one in audit_share(service, WHOLE, repair=True) if one.is_wrong]
        assert len(found) == 2
        assert service.index.damaged_count() > 0
        told = states(service)
    assert "captures-out-of-reach" in told
    assert "pressmark ingest" in told["copies-wrong"]


def test_a_repair_ends_the_state_that_a_full_check_began(settings: Settings) -> None:
    warc = a_warc(settings.home / "store")
    content = spoil(warc)
    with open_pressmark(settings) as service:
        list(audit(service))
        assert last_damage(service.database) is not None
        assert list(states(service)) == ["objects-damaged"]
        assert 'pressmark_copies_wrong{place="store"} 1.0' in metrics(service).decode()
        list(audit_share(service, WHOLE, repair=True))
        assert states(service) == {}
        assert 'pressmark_fixity_checked_total{result="repaired"} 1.0' in metrics(service).decode()
    assert warc.read_bytes() == content


def test_the_command_names_damage_and_repairs_it(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    warc = a_warc(settings.home / "store")
    spoil(warc)

    code, told = run(capsys, settings, "audit", "--share", "1/1")
    assert code == 10
    assert f"store {warc.relative_to(settings.home / 'store').as_posix()}: damaged" in told
    assert told.endswith("objects, repaired: 0, wrong: 1\n")
    code, told = run(capsys, settings, "audit", "--share", "100%", "--repair", "--json")
    assert code == 0
    answer = json.loads(told)
    assert (answer["wrong"], [one["healed_from"] for one in answer["findings"]]) == (0, ["second"])


def test_events_are_shown_and_exported_as_premis(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(a_warc(settings.home / "store"))
    run(capsys, settings, "audit", "--share", "20G", "--repair")

    _, told = run(capsys, settings, "audit", "--events", "--json")
    kinds = [(one["eventType"], one["eventOutcome"]) for one in json.loads(told)["items"]]
    _, document = run(capsys, settings, "audit", "--events", "--premis")
    found = ElementTree.fromstring(document)
    assert ("replication", "success") in kinds
    assert ("fixity check", "fail") in kinds
    assert [each.findtext(f"{PREMIS}eventType") for each in found.iter(f"{PREMIS}event")] == [kind for kind, _ in kinds]


def of_doctor(service: Service) -> list[tuple[str, Exit]]:
    return [(told, code) for told, code in examine_fixity(service) if "the replica second" in told]


def test_the_doctor_asks_a_replica_before_it_says_that_it_has_all_files(settings: Settings) -> None:
    second = replica_of(settings)
    with open_pressmark(settings) as service:
        [(told, code)] = of_doctor(service)
        assert ("has all files" in told, code) == (True, Exit.OK)

        elsewhere = second.rename(second.with_name("elsewhere"))
        second.symlink_to(second)  # each access ends with ELOOP
        [(told, code)] = of_doctor(service)
        assert ("can't be read" in told and "symbolic links" in told, code) == (True, Exit.STORE)

        second.unlink()
        second.mkdir()
        [(told, code)] = of_doctor(service)
        assert ("all its lists of files (manifests) are missing" in told, code) == (True, Exit.STORE)

        second.rmdir()
        elsewhere.rename(second)
        (a_warc(second)).unlink()
        [(told, code)] = of_doctor(service)
        assert ("has lost 1 file, e.g. " in told, code) == (True, Exit.INTEGRITY)


@pytest.mark.parametrize("share", ["0/3", "2/1", "120%", "much", "1/0"])
def test_a_share_that_is_none_is_refused(settings: Settings, capsys: pytest.CaptureFixture[str], share: str) -> None:
    code, _ = run(capsys, settings, "audit", "--share", share)
    assert code == 2


def test_an_audit_is_due_by_the_clock_and_named_when_it_is_overdue(settings: Settings) -> None:
    with open_pressmark(settings) as service:
        assert next_audit(service) is None
        since = begin(service)
        assert next_audit(service) == since + timedelta(days=1)
        assert overdue(service) is None
        later = _at(service, since + timedelta(days=3))
        assert overdue(later) == since + timedelta(days=1)
        assert "audit-overdue" in states(later)
        list(audit_share(later, WHOLE))
        assert "audit-overdue" not in states(later)


def test_a_replica_that_no_audit_has_tried_yet_is_overdue_only_together_with_the_first_store(
    settings: Settings,
) -> None:
    with open_pressmark(settings) as service:
        since = begin(service)
        ended = since + timedelta(days=100)
        list(audit_share(_at(service, ended), WHOLE, places=[FIRST]))

        assert next_audit(service, "second") == since + timedelta(days=1)
        assert "audit-overdue" not in states(_at(service, ended + timedelta(hours=2)))
        assert overdue(_at(service, ended + timedelta(days=3)), "second") == ended + timedelta(days=1)

        note_problem(service.database, "the replica does not respond", "second")
        assert "in the replica second: the replica does not" in states(_at(service, ended))["audit-overdue"]


def _at(service: Service, now: Any) -> Service:
    return replace(service, now=lambda: now)


@pytest.mark.s3
def test_a_bucket_is_a_replica_that_is_read_and_heals_the_first_store(tmp_path: Path, bucket: S3Settings) -> None:
    at = "replicas.second."
    flags = {
        f"{at}store": "s3",
        f"{at}s3.bucket": bucket.bucket,
        f"{at}s3.endpoint": bucket.endpoint,
        f"{at}s3.access_key": bucket.access_key,
        f"{at}s3.secret_key": bucket.secret_key,
        f"{at}s3.prefix": bucket.prefix,
        f"{at}s3.ca_bundle": str(bucket.ca),
    }
    settings = load_settings({"home": tmp_path / "home", **flags})
    with open_pressmark(settings) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        assert fill(service) == Objects(service.database).count()
        warc = a_warc(settings.home / "store")
        content = spoil(warc)
        for path in (settings.home / "store" / "manifest").rglob("*.json"):
            path.unlink()
            break
        [capture] = service.archive.captures(NEWS, limit=1)
        with service.archive.open(capture) as found:
            assert found.payload().body
        healed = {one.name for one in audit_share(service, WHOLE, repair=True) if one.healed_from == "second"}
        assert len(healed) == 2
        assert warc.read_bytes() == content
        key = next(iter(replicas_of(service.store)["second"].keys("warc/")))
        replicas_of(service.store)["second"].delete(key)
        [again] = [one for one in audit_share(service, WHOLE, repair=True) if one.healed_from]
        assert (again.place, again.name, again.healed_from) == ("second", key, "store")


def test_parts_of_the_ledger_that_others_replaced_are_not_missed(settings: Settings) -> None:
    with open_pressmark(settings) as service:
        ledger = Ledger(service.store, "main", now=service.now)
        for number in range(ROLLED_UP):
            ledger.append([Record("run", (str(number),), {"id": number})])
        Objects(service.database).note_keys(service.store.keys(), service.now())  # an audit lists them meanwhile
        assert ledger.roll_up() == ROLLED_UP

        fill(service)
        wrong = [one for one in audit_share(service, WHOLE, repair=True) if one.is_wrong]

        assert wrong == []
        assert Objects(service.database).wrong() == []
        assert Filler(service.index, service.store, "second", now=service.now).lag().objects == 0


def test_a_part_of_the_ledger_that_nothing_replaces_is_missed(settings: Settings) -> None:
    with open_pressmark(settings) as service:
        part = Ledger(service.store, "main", now=service.now).append([Record("run", ("1",), {"id": 1})])
        Objects(service.database).note_keys(service.store.keys(), service.now())
        service.store.delete(part.key)

        found = {one.name: one for one in audit_share(service, WHOLE, repair=True)}
        assert found[part.key].is_wrong
