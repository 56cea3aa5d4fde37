"""A backup has all that a home needs, without secrets, and restores into an empty home only."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import pytest
from specimens.archives import SEGMENTS

from archive.store import open_store
from archive.store.memory import MemoryStore
from archive.store.protocol import Stored
from archive.values.digest import Sha256, sha256
from archive.values.errors import IntegrityError, StoreUnreachable
from config.settings import Settings, load_settings
from config.without_secrets import without_secrets
from pressmark.service.assembly import open_pressmark, target_of, utc_now
from pressmark.upkeep.audit import audit
from pressmark.upkeep.backup import BackedUp, Backup
from pressmark.upkeep.backup_index import HomeNotEmpty, Index, NoBackup, index_keys, is_inside, newest_index
from pressmark.upkeep.backup_restoring import restore_home

SOURCE = "source: a\nseeds: https://a.example.org/\n"
SETTINGS = """# ours
port: 8700
token: secret-one
s3: {bucket: b, secret_key: secret-two}
webhooks: {w: {url: secret-three, events: ['*']}}
"""


def settings_of(home: Path) -> Settings:
    return load_settings({"home": home, "spool.ballast": "0B"}, dotenv=None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with segments in its local store, a source, an item and an open segment."""
    settings = settings_of(tmp_path / "home")
    with open_pressmark(settings) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        service.pauses.pause("a", "why not")
    for name, text in {
        "sources/a.yaml": SOURCE,
        "spiders/own.py": "x = 1\n",
        "items/default/run.jsonl": "{}\n",
        "spool/main/open/s1.warc.gz.open": "warc",
        "spool/main/open/s1.journal.jsonl": "journal",
        "spool/main/sealed/s2.warc.gz": "warc 2",
        "spool/main/sealed/s2.journal.jsonl": "journal 2",
        "spool/main/.lock": "",
        "secrets/password": "secret-four",
    }.items():
        file = settings.home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return settings


def backed_up(settings: Settings, target: object, *, secrets: bool = False) -> BackedUp:
    return Backup(settings, target, now=utc_now, secrets=secrets).make()  # type: ignore[arg-type]


def new_home(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "another" / "home")


def test_everything_is_restored(settings: Settings, tmp_path: Path) -> None:
    target = MemoryStore()
    backed_up(settings, target)
    new = new_home(tmp_path)
    restored = restore_home(new, target)

    for name in ("sources/a.yaml", "spiders/own.py", "items/default/run.jsonl", "spool/main/sealed/s2.warc.gz"):
        assert (new.home / name).read_bytes() == (settings.home / name).read_bytes()
    assert not (new.home / "spool/main/.lock").exists()
    store, before = open_store(new.store_path), open_store(settings.store_path)  # type: ignore[arg-type]
    assert list(store.keys()) == list(before.keys())
    assert restored.objects == len(list(store.keys()))
    shutil.rmtree(new.home / "spool")
    with open_pressmark(new) as service:
        assert list(service.pauses.all()) == ["a"]
        assert [found for checked in audit(service) for found in checked.findings] == []
    assert not list(new.home.glob(".restore-*"))


def test_no_secret_is_copied_by_default(settings: Settings, tmp_path: Path) -> None:
    (settings.home / "pressmark.yaml").write_text(SETTINGS)
    target, whole = MemoryStore(), MemoryStore()
    made = backed_up(settings, target)
    backed_up(settings, whole, secrets=True)

    assert not any(b"secret-" in content for content in target._objects.values())
    assert {"pressmark.yaml: token", "pressmark.yaml: s3.secret_key", "pressmark.yaml: webhooks.w.url"} == set(
        made.left_out
    )
    assert any(b"secret-two" in content for content in whole._objects.values())
    assert not any(b"secret-four" in content for content in whole._objects.values())


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


def test_a_home_that_is_not_empty_is_refused(settings: Settings, tmp_path: Path) -> None:
    target = MemoryStore()
    backed_up(settings, target)
    with pytest.raises(HomeNotEmpty, match="is not empty: it has items, pressmark"):
        restore_home(settings, target)
    new = new_home(tmp_path)
    new.home.mkdir(parents=True)
    (new.home / "store").mkdir()
    with pytest.raises(HomeNotEmpty):
        restore_home(new, target)


def test_without_a_backup_nothing_is_restored(tmp_path: Path) -> None:
    with pytest.raises(NoBackup):
        restore_home(new_home(tmp_path), MemoryStore())


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


def test_an_interrupted_restore_can_be_repeated(settings: Settings, tmp_path: Path) -> None:
    target = MemoryStore()
    backed_up(settings, target)
    new = new_home(tmp_path)
    key = max(target.keys("warc/"))
    lost = target._objects.pop(key)
    index = newest_index(target)
    target._objects[key] = lost[:-1]
    with pytest.raises(IntegrityError, match="is damaged in the backup"):
        restore_home(new, target)
    assert not (new.home / "pressmark.db").exists()
    target._objects[key] = lost

    assert restore_home(new, target).files == len(index.files if index else ())


def test_a_damaged_file_and_a_damaged_index_are_refused(settings: Settings, tmp_path: Path) -> None:
    target = MemoryStore()
    backed_up(settings, target)
    index = newest_index(target)
    assert index is not None
    [key] = index_keys(target)
    for damaged in (key, next(one for one in target.keys("backup/v1/file/"))):
        was = target._objects[damaged]
        target._objects[damaged] = was[:-1] + b"?"
        with pytest.raises(IntegrityError):
            restore_home(new_home(tmp_path), target)
        target._objects[damaged] = was


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "", "a\\b", "a\0b"])
def test_a_path_outside_the_home_is_refused(path: str, tmp_path: Path) -> None:
    from pressmark.upkeep.backup_index import File

    assert not is_inside(path)
    index = Index(utc_now(), "x", (File(path, 1, sha256(b"x")),), (), False)
    target = MemoryStore()
    target.put(index.key, io.BytesIO(index.to_bytes()), sha256(index.to_bytes()))
    with pytest.raises(IntegrityError, match="not inside the home"):
        restore_home(new_home(tmp_path), target)


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
