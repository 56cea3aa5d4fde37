"""Source files are applied and pulled, also on one machine."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from pressmark.cli import main
from pressmark.service.exits import Exit

TEXT = "source: news\nseeds: https://news.example/\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PRESSMARK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(("source", *arguments))
    return int(ended.value.code or 0)


def test_a_source_file_from_standard_input_replaces_the_file_that_describes_the_source(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "sources").mkdir(parents=True)
    (home / "sources" / "a-file.yaml").write_text(TEXT)
    monkeypatch.setattr("sys.stdin", io.StringIO(TEXT + "walk: site\n"))

    assert run("apply", "-") == 0
    assert [file.name for file in (home / "sources").glob("*.yaml")] == ["a-file.yaml"]
    assert (home / "sources" / "a-file.yaml").read_text() == TEXT + "walk: site\n"


def test_what_is_applied_can_be_pulled(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "news.yaml").write_text(TEXT)
    assert run("apply", "given") == run("pull", "taken") == 0
    assert (tmp_path / "taken" / "news.yaml").read_text() == TEXT
    assert "source files written: 1, unchanged: 0" in capsys.readouterr().err

    (tmp_path / "taken" / "news.yaml").write_text("mine")
    code = run("pull", "taken")
    assert (code, (tmp_path / "taken" / "news.yaml").read_text()) == (1, "mine")
    assert run("pull", "taken", "--yes") == 0
    assert (tmp_path / "taken" / "news.yaml").read_text() == TEXT


def test_a_copy_of_a_text_that_others_have_changed_since_is_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here, copy = home / "sources" / "news.yaml", tmp_path / "copy" / "news.yaml"
    here.parent.mkdir(parents=True)
    here.write_text(TEXT)
    assert run("pull", "copy") == 0
    here.write_text(TEXT + "# theirs\n")
    copy.write_text(TEXT + "# mine\n")
    (tmp_path / "copy" / "more.yaml").write_text(TEXT.replace("news", "more"))

    assert run("apply", "copy") == Exit.CONFIG
    assert "news.yaml: the file was changed since this copy was pulled" in capsys.readouterr().err
    assert here.read_text() == TEXT + "# theirs\n"
    assert not (home / "sources" / "more.yaml").exists()

    assert run("pull", "copy", "--yes") == 0
    copy.write_text(TEXT + "# both\n")
    assert run("apply", "copy") == 0
    assert here.read_text() == TEXT + "# both\n"


def test_what_was_applied_can_be_changed_and_applied_again_and_force_replaces_what_others_wrote(
    home: Path, tmp_path: Path
) -> None:
    here, copy = home / "sources" / "news.yaml", tmp_path / "copy" / "news.yaml"
    assert run("pull", "copy") == 0
    for text in (TEXT, TEXT + "# one\n", TEXT + "# two\n"):
        copy.write_text(text)
        assert run("apply", "copy") == 0
        assert here.read_text() == text

    here.unlink()
    copy.write_text(TEXT + "# three\n")
    assert run("apply", "copy") == Exit.CONFIG
    assert run("apply", "copy", "--force") == 0
    assert here.read_text() == copy.read_text()


def test_a_directory_that_nothing_was_pulled_into_replaces_what_is_there(home: Path, tmp_path: Path) -> None:
    (home / "sources").mkdir(parents=True)
    (home / "sources" / "news.yaml").write_text(TEXT)
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "news.yaml").write_text(TEXT + "# mine\n")
    assert run("apply", "given") == 0
    assert [file.name for file in (tmp_path / "given").iterdir()] == ["news.yaml"]


def test_a_damaged_note_of_what_was_pulled_is_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "news.yaml").write_text(TEXT)
    (tmp_path / "copy" / ".pulled.json").write_text("{")
    assert run("apply", "copy") == Exit.CONFIG
    assert "delete it, then run 'pressmark source pull' again" in capsys.readouterr().err


def test_an_invalid_file_and_a_missing_directory_write_nothing(home: Path, tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "a.yaml").write_text(TEXT)
    (tmp_path / "given" / "b.yaml").write_text("source: b\n")
    assert run("apply", "given") == Exit.CONFIG
    assert run("apply", "nowhere") == Exit.NOT_FOUND
    (tmp_path / "empty").mkdir()
    assert run("apply", "empty") == Exit.NOT_FOUND
    assert not list((home / "sources").glob("*.yaml"))


def test_a_source_of_one_machine_has_no_versions(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "sources").mkdir(parents=True)
    (home / "sources" / "news.yaml").write_text(TEXT)
    assert run("versions", "news") == 0
    assert "this source is not shared with other machines" in capsys.readouterr().err


def test_versions_of_a_name_that_no_source_has_are_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "news.yaml").write_text(TEXT)
    assert run("apply", "given") == run("versions", "news") == 0
    capsys.readouterr()

    assert run("versions", "nwes") == Exit.NOT_FOUND
    assert "nwes" in capsys.readouterr().err
