"""A backup becomes a home again, also after any interruption."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from specimens.backups import backed_up, new_home, settings_of

from archive.store import open_store
from archive.store.memory import MemoryStore
from archive.values.digest import sha256
from archive.values.errors import IntegrityError
from config.settings import Settings, load_settings
from pressmark.service.assembly import open_pressmark, utc_now
from pressmark.upkeep.audit import audit
from pressmark.upkeep.backup_index import HomeNotEmpty, Index, NoBackup, index_keys, is_inside, newest_index
from pressmark.upkeep.backup_restoring import restore_home


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


def test_secrets_in_place_do_not_count_as_content(settings: Settings, tmp_path: Path) -> None:
    target = MemoryStore()
    backed_up(settings, target)
    new = new_home(tmp_path)
    (new.home / "secrets").mkdir(parents=True)
    (new.home / "secrets" / "password").write_text("secret-four")
    (new.home / ".env").write_text("PRESSMARK_TOKEN=secret-five\n")

    assert restore_home(new, target).files > 0
    assert (new.home / "secrets" / "password").read_text() == "secret-four"
    assert (new.home / ".env").read_text() == "PRESSMARK_TOKEN=secret-five\n"


def test_objects_are_restored_into_the_store_that_the_restored_settings_name(
    settings: Settings, tmp_path: Path
) -> None:
    elsewhere, target = tmp_path / "elsewhere", MemoryStore()
    (settings.home / "pressmark.yaml").write_text(f"token: secret-one\nstore: {elsewhere}\n")
    shutil.move(settings.home / "store", elsewhere)
    before = list(open_store(elsewhere).keys())
    backed_up(settings_of(settings.home), target)
    shutil.rmtree(elsewhere)
    restored = restore_home(new_home(tmp_path), target)

    assert not (tmp_path / "another" / "home" / "store").exists()
    assert list(open_store(elsewhere).keys()) == before
    assert restored.objects == len(before)
    with open_pressmark(new_home(tmp_path)) as service:
        shutil.rmtree(service.settings.home / "spool")
        assert [found for checked in audit(service) for found in checked.findings] == []


def test_settings_of_the_new_machine_override_the_store_of_the_restored_ones(
    settings: Settings, tmp_path: Path
) -> None:
    target = MemoryStore()
    backed_up(settings, target)
    (settings.home / "pressmark.yaml").write_text(f"store: {tmp_path / 'elsewhere'}\n")
    backed_up(settings, target)
    new = load_settings({"home": tmp_path / "new", "store": str(tmp_path / "here")}, dotenv=None)
    restore_home(new, target)

    assert list(open_store(tmp_path / "here").keys("warc/"))
    assert not (tmp_path / "elsewhere").exists()


def test_a_store_of_another_archive_is_refused_and_one_of_this_archive_is_completed(
    settings: Settings, tmp_path: Path
) -> None:
    elsewhere, target = tmp_path / "elsewhere", MemoryStore()
    backed_up(settings, target)
    content = b"{}"
    open_store(elsewhere).put("manifest/v1/strange/main/2026/01/01/x.json", io.BytesIO(content), sha256(content))
    new = load_settings({"home": tmp_path / "new", "store": str(elsewhere)}, dotenv=None)
    with pytest.raises(HomeNotEmpty, match="another archive"):
        restore_home(new, target)
    assert not new.home.exists()
    shutil.rmtree(elsewhere)
    shutil.copytree(settings.home / "store", elsewhere)
    shutil.rmtree(elsewhere / "warc")
    restore_home(new, target)

    assert list(open_store(elsewhere).keys()) == list(open_store(settings.home / "store").keys())


def test_a_restore_that_ended_at_any_move_can_be_repeated(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings.home / "pressmark.yaml").write_text("port: 8700\n")
    target, rename = MemoryStore(), Path.rename
    backed_up(settings, target)
    moved = list[str]()
    ends_after = 0

    def ending(path: Path, to: Path) -> Path:
        if len(moved) == ends_after:
            raise OSError("the machine stops here")
        moved.append(path.name)
        return rename(path, to)

    while True:
        new = settings_of(tmp_path / f"new-{ends_after}")
        with monkeypatch.context() as patch:
            patch.setattr(Path, "rename", ending)
            moved.clear()
            try:
                restore_home(new, target)
            except OSError:
                pass
            else:
                break
        restored = restore_home(settings_of(new.home), target)
        assert restored.files == len(newest_index(target).files)  # type: ignore[union-attr]
        for path in ("sources/a.yaml", "spiders/own.py", "pressmark.yaml", "spool/main/sealed/s2.warc.gz"):
            assert (new.home / path).read_bytes() == (settings.home / path).read_bytes()
        assert not list(new.home.glob(".restore*"))
        ends_after += 1
    assert ends_after > 5


@pytest.mark.parametrize("left", [["index.json"], [], ["files"]])
def test_a_restore_that_ended_while_it_tidied_up_can_be_repeated(
    settings: Settings, tmp_path: Path, left: list[str]
) -> None:
    target = MemoryStore()
    backed_up(settings, target)
    new = new_home(tmp_path)
    restored = restore_home(new, target)
    (complete := new.home / ".restored").mkdir()
    for name in left:
        if name == "files":
            (complete / name).mkdir()
        elif index := newest_index(target):
            (complete / name).write_bytes(index.to_bytes())

    assert restore_home(settings_of(new.home), target) == restored
    assert not complete.exists()


def test_a_service_that_began_in_a_half_restored_home_keeps_its_files(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, rename = MemoryStore(), Path.rename
    backed_up(settings, target)
    new = new_home(tmp_path)

    def ending(path: Path, to: Path) -> Path:
        if path.name == "pressmark.db":
            raise OSError("the machine stops here")
        return rename(path, to)

    with monkeypatch.context() as patch, pytest.raises(OSError, match="stops here"):
        patch.setattr(Path, "rename", ending)
        restore_home(new, target)
    (new.home / "pressmark.db").write_text("mine")
    with pytest.raises(HomeNotEmpty, match=r"pressmark\.db"):
        restore_home(new, target)
    assert (new.home / "pressmark.db").read_text() == "mine"


def test_without_a_backup_nothing_is_restored(tmp_path: Path) -> None:
    with pytest.raises(NoBackup):
        restore_home(new_home(tmp_path), MemoryStore())


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
