"""A backup has all that a home needs, without secrets, and restores into an empty home only."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import pytest
from specimens.backups import BAD, SETTINGS, SOURCE, backed_up, new_home

from archive.shipping.ledger import ROLLED_UP, Ledger
from archive.shipping.ledger_parts import parts_of
from archive.store import open_store
from archive.store.memory import MemoryStore
from archive.store.protocol import Stored
from archive.values.digest import Sha256, sha256
from archive.values.errors import StoreUnreachable
from archive.warc.ledger import Record
from config.settings import Settings, load_settings
from config.without_secrets import without_secrets
from crawler.wire.bot_key import signing_key
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark, target_of, utc_now
from pressmark.service.exits import Exit
from pressmark.upkeep.backup_index import index_keys, newest_index, object_key
from pressmark.upkeep.backup_restoring import restore_home


def test_no_secret_is_copied_by_default(settings: Settings, tmp_path: Path) -> None:
    (settings.home / "pressmark.yaml").write_text(SETTINGS)
    signing_key(settings.home / "crawler-keys")
    key = (settings.home / "crawler-keys" / "current.pem").read_bytes().splitlines()[1]
    (settings.home / "secrets" / "five").write_text("secret-five")
    (settings.home / ".env").write_text("PRESSMARK_TOKEN=secret-six")
    target, whole = MemoryStore(), MemoryStore()
    made = backed_up(settings, target)
    kept = backed_up(settings, whole, secrets=True)

    assert set(kept.left_out) == {one for one in made.left_out if one.endswith("yourself")}
    assert not any(b"secret-" in content for content in target._objects.values())
    assert set(made.left_out) == {
        *(f"pressmark.yaml: {key}" for key in ("token", "s3.secret_key", "webhooks.w.url")),
        *(f"{name}: copy it yourself" for name in ("secrets", "crawler-keys", ".env")),
    }
    assert any(b"secret-two" in content for content in whole._objects.values())
    assert not any(b"secret-five" in content or b"secret-six" in content for content in whole._objects.values())
    assert not any(b"secret-four" in content for content in whole._objects.values())
    assert not any(key in content for content in whole._objects.values())


def test_settings_without_secrets_stay_as_they_are_and_others_are_still_settings() -> None:
    assert without_secrets("# ours\nport: 1\n") == ("# ours\nport: 1\n", [])
    told = without_secrets(SETTINGS)
    assert told is not None
    assert json.loads(told[0].partition("\n")[2]) == {
        "port": 8700,
        "s3": {"bucket": "b"},
        "webhooks": {"w": {"events": ["*"]}},
    }
    assert without_secrets("a: [") is None
    assert without_secrets("- a") is None


def test_a_second_backup_copies_only_what_is_new(settings: Settings) -> None:
    target = MemoryStore()
    first = backed_up(settings, target)
    second = backed_up(settings, target)

    assert first.objects > 0
    assert second.objects == 0
    assert second.files == first.files


class Ending(MemoryStore):
    """A store that accepts only some puts."""

    def __init__(self, puts: int) -> None:
        super().__init__()
        self.left = puts

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        self.left -= 1
        if self.left < 0:
            raise StoreUnreachable("it is away")
        return super().put(key, body, digest, replace=replace)


def test_a_backup_that_was_interrupted_at_any_put_does_not_count_and_can_be_continued(
    settings: Settings, tmp_path: Path
) -> None:
    whole = Ending(10_000)
    backed_up(settings, whole)
    puts = 10_000 - whole.left
    for number in range(puts):
        target = Ending(number)
        with pytest.raises(StoreUnreachable):
            backed_up(settings, target)
        assert newest_index(target) is None
    target.left = 10_000
    backed_up(settings, target)
    assert restore_home(new_home(tmp_path), target).objects > 0


def test_what_can_not_be_read_is_named_and_the_rest_is_backed_up(settings: Settings, tmp_path: Path) -> None:
    store = settings.home / "store"
    [warc, damaged] = sorted((store / "warc").rglob("*.warc.gz"))
    for path in (warc, settings.home / "sources/a.yaml", settings.home / "spool/main/sealed/s2.warc.gz"):
        path.unlink()
        path.symlink_to(BAD)
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:-1])
    frontier = settings.home / "frontiers" / "r.db"
    frontier.parent.mkdir()
    frontier.write_text("this is not a database")
    target = MemoryStore()
    made = backed_up(settings, target)

    named = sorted(sentence.partition(":")[0].partition(" ")[0] for sentence in made.unreadable)
    keys = [path.relative_to(store).as_posix() for path in (warc, damaged)]
    assert named == sorted([*keys, "frontiers/r.db", "sources/a.yaml", "spool/main/sealed/s2.warc.gz"])
    new = new_home(tmp_path)
    restored = restore_home(new, target)
    assert set(made.unreadable) <= set(restored.left_out)
    assert (new.home / "pressmark.db").exists()
    assert (new.home / "spool/main/open/s1.warc.gz.open").exists()
    assert not (new.home / "spool/main/sealed/s2.journal.jsonl").exists()
    assert sorted(open_store(new.home / "store").keys()) == sorted(set(open_store(store).keys()) - set(keys))


def test_a_database_that_can_not_be_read_is_named_and_the_rest_is_backed_up(settings: Settings) -> None:
    database = settings.home / "pressmark.db"
    database.unlink()
    database.symlink_to(BAD)
    target = MemoryStore()

    assert [sentence.partition(":")[0] for sentence in backed_up(settings, target).unreadable] == ["pressmark.db"]
    assert list(target.keys("warc/"))


def test_a_home_without_its_database_is_refused(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (settings.home / "pressmark.db").unlink()
    target = tmp_path / "target"
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(settings.home), "backup", str(target)])

    told = capsys.readouterr().err
    assert ended.value.code == Exit.DATABASE
    assert f"the database {settings.home / 'pressmark.db'} is missing" in told
    assert "pressmark rebuild" in told
    assert newest_index(open_store(target)) is None


def test_the_copy_of_the_backup_before_stays_in_place_of_what_can_not_be_read(
    settings: Settings, tmp_path: Path
) -> None:
    target = MemoryStore()
    backed_up(settings, target)
    unreadable = ("pressmark.db", "sources/a.yaml", "spool/main/sealed/s2.warc.gz")
    before = newest_index(target)
    assert before is not None
    for name in unreadable:
        (settings.home / name).unlink()
        (settings.home / name).symlink_to(BAD)
    (settings.home / "spool/main/sealed/s2.journal.jsonl").write_text("journal 2, with a record that no copy has")
    (settings.home / "spiders/own.py").unlink()
    for days in (1, 2):  # also the backup after the next has it
        made = backed_up(settings, target, days=days)
        assert sorted(sentence.partition(":")[0] for sentence in made.unreadable) == sorted(unreadable)
        assert all(sentence.endswith("the copy of the backup before stays") for sentence in made.unreadable)

    new = new_home(tmp_path)
    restored = restore_home(new, target)
    assert set(made.unreadable) <= set(restored.left_out)
    with open_pressmark(new) as service:
        assert list(service.pauses.all()) == ["a"]
    assert (new.home / "sources/a.yaml").read_text() == SOURCE
    assert (new.home / "spool/main/sealed/s2.warc.gz").read_text() == "warc 2"
    assert (new.home / "spool/main/sealed/s2.journal.jsonl").read_text() == "journal 2"
    assert not (new.home / "spiders/own.py").exists(), "a file that was deleted came back"


def test_an_earlier_copy_that_the_target_has_lost_or_whose_index_is_damaged_is_not_named(settings: Settings) -> None:
    target = MemoryStore()
    backed_up(settings, target)
    index = newest_index(target)
    assert index is not None
    [lost] = [file for file in index.files if file.path == "sources/a.yaml"]
    (settings.home / lost.path).unlink()
    (settings.home / lost.path).symlink_to(BAD)
    copy = target._objects.pop(object_key(lost.sha256))
    [sentence] = backed_up(settings, target, days=1).unreadable
    assert not sentence.endswith("stays")
    target._objects[object_key(lost.sha256)] = copy
    for key in index_keys(target):
        target._objects[key] = b"?"
    [sentence] = backed_up(settings, target, days=2).unreadable
    assert not sentence.endswith("stays")


def test_an_intact_home_has_nothing_unreadable(settings: Settings) -> None:
    assert backed_up(settings, MemoryStore()).unreadable == ()


def test_the_command_names_what_can_not_be_read_and_ends_with_the_code_of_damage(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--home", str(settings.home), "backup", str(tmp_path / "target")]
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert not ended.value.code
    warc = next((settings.home / "store" / "warc").rglob("*.warc.gz"))
    shutil.rmtree(tmp_path / "target")
    warc.unlink()
    warc.symlink_to(BAD)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == Exit.INTEGRITY
    assert warc.name in capsys.readouterr().err


def test_parts_of_the_ledger_that_others_replaced_leave_the_backup(settings: Settings) -> None:
    target = MemoryStore()
    with open_pressmark(settings) as service:
        ledger = Ledger(service.store, "main", now=utc_now)
        for number in range(ROLLED_UP):
            ledger.append([Record("run", (str(number),), {"id": number})])
        backed_up(settings, target)
        assert len(parts_of(target)) == ROLLED_UP
        ledger.roll_up()
        backed_up(settings, target)
        assert parts_of(target) == parts_of(service.store)
        assert len(parts_of(target)) == 1


def test_a_segment_that_is_sealed_meanwhile_is_copied_once(settings: Settings) -> None:
    class Sealing(MemoryStore):
        """While the journal is put, the segment is sealed."""

        def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
            opened = settings.home / "spool/main/open"
            if digest == sha256(b"journal") and (opened / "s1.warc.gz.open").exists():
                for name in ("s1.journal.jsonl", "s1.warc.gz.open"):
                    (opened / name).rename(settings.home / "spool/main/sealed" / name.removesuffix(".open"))
            return super().put(key, body, digest, replace=replace)

    target = Sealing()
    backed_up(settings, target)
    index = newest_index(target)

    assert index is not None
    spooled = sorted(file.path for file in index.files if "s1" in file.path)
    assert spooled == ["spool/main/sealed/s1.journal.jsonl", "spool/main/sealed/s1.warc.gz"]


def test_the_database_is_copied_while_it_is_written(settings: Settings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(settings.home / "pressmark.db")) as writing:
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("DELETE FROM pauses")
        target = MemoryStore()
        backed_up(settings, target)
        writing.commit()
    new = new_home(tmp_path)
    restore_home(new, target)
    with closing(sqlite3.connect(new.home / "pressmark.db")) as reading:
        assert reading.execute("SELECT count(*) FROM pauses").fetchone() == (1,)


def test_an_address_of_no_store_is_refused() -> None:
    with pytest.raises(ValueError, match="not a kind of store"):
        target_of(load_settings({}, dotenv=None), "ftp://x/y")
