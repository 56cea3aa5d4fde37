"""Source files are applied and pulled, also on one machine."""

from __future__ import annotations

import io
import json
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


def test_a_link_that_leads_out_of_the_directory_is_refused_and_nothing_of_its_file_is_shown(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "private").write_text("root:$6$hash: [a password\n  unclosed\n")
    written(tmp_path / "given", news=TEXT)
    (tmp_path / "given" / "evil.yaml").symlink_to(tmp_path / "private")
    (tmp_path / "given" / "up.yaml").symlink_to("../private")

    assert run("apply", "given") == Exit.CONFIG
    told = capsys.readouterr().err
    assert "evil.yaml: the file is a link that leads out of the directory; put a copy of the file in its place" in told
    assert "up.yaml" in told and "hash" not in told and "unclosed" not in told
    assert not (home / "sources" / "news.yaml").exists()


def test_links_within_a_directory_are_followed_as_those_of_a_config_map(home: Path, tmp_path: Path) -> None:
    written(tmp_path / "given" / "..2026_11_30", news=TEXT)
    (tmp_path / "given" / "..data").symlink_to("..2026_11_30")
    (tmp_path / "given" / "news.yaml").symlink_to("..data/news.yaml")
    (tmp_path / "mounted").symlink_to("given")

    assert run("apply", "mounted") == 0
    assert (home / "sources" / "news.yaml").read_text() == TEXT


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


def written(directory: Path, **texts: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (directory / f"{name}.yaml").write_text(text)


def of(name: str, more: str = "") -> str:
    return TEXT.replace("news", name) + more


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_copy_without_changes_is_left_out_when_others_have_changed_or_removed_its_file(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], force: tuple[str, ...]
) -> None:
    here, copy = home / "sources", tmp_path / "copy"
    written(here, a=of("a"), b=of("b"), c=of("c"))
    assert run("pull", "copy") == 0
    written(here, b=of("b", "# theirs\n"))
    (here / "c.yaml").unlink()
    written(copy, a=of("a", "# mine\n"))
    capsys.readouterr()

    assert run("apply", "copy", "--json", *force) == 0
    assert (here / "a.yaml").read_text() == of("a", "# mine\n")
    assert (here / "b.yaml").read_text() == of("b", "# theirs\n")
    assert not (here / "c.yaml").exists()
    told = capsys.readouterr()
    assert json.loads(told.out) == {"changed": ["a.yaml"], "left": ["b.yaml", "c.yaml"], "unchanged": []}
    assert "b.yaml: left as it is, since this copy has no changes and others have changed the file" in told.err

    written(copy, b=of("b", "# mine\n"))
    assert run("apply", "copy") == Exit.CONFIG


def test_a_copy_of_a_file_that_others_removed_is_named_by_pull_and_can_be_added_again(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here, copy = home / "sources", tmp_path / "copy"
    written(here, a=of("a"), b=of("b"), c=of("c"))
    assert run("pull", "copy") == 0
    (here / "b.yaml").unlink()
    (here / "c.yaml").unlink()
    written(copy, b=of("b", "# mine\n"), d=of("d"))
    assert run("apply", "copy") == Exit.CONFIG
    capsys.readouterr()

    assert run("pull", "copy", "--yes", "--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == {"changed": [], "gone": ["b.yaml", "c.yaml"], "unchanged": ["a.yaml"]}
    assert "b.yaml: the home has no such file any more; 'source apply' adds this copy" in told.err
    assert "c.yaml: the home has no such file any more; 'source apply' leaves out this copy" in told.err
    assert run("apply", "copy") == 0
    assert sorted(file.name for file in here.glob("*.yaml")) == ["a.yaml", "b.yaml", "d.yaml"]


def test_a_text_that_apply_replaces_on_one_machine_is_kept_and_named(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(home / "sources", news=TEXT)
    written(tmp_path / "given", news=TEXT + "# mine\n", more=of("more"))
    assert run("apply", "given") == 0
    former = home / "sources" / ".good" / "former" / "news.yaml"
    assert former.read_text() == TEXT
    assert f"news.yaml: replaced; the former text is kept in {former}" in capsys.readouterr().err
    assert run("apply", "given") == 0
    assert "replaced" not in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_not_replaced(home: Path, tmp_path: Path) -> None:
    written(home / "sources")
    broken = home / "sources" / "news.yaml"
    broken.write_bytes("# Übersicht\n".encode("latin-1"))
    written(tmp_path / "given", news=TEXT)
    assert run("apply", "given") == Exit.CONFIG
    assert broken.read_bytes() == "# Übersicht\n".encode("latin-1")


def test_a_renamed_copy_and_two_files_of_one_source_are_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here, copy = home / "sources", tmp_path / "copy"
    written(here, a=of("a"))
    assert run("pull", "copy") == 0
    (copy / "a.yaml").rename(copy / "c.yaml")
    assert run("apply", "copy") == run("apply", "copy", "--force") == Exit.CONFIG
    assert "c.yaml" in (told := capsys.readouterr().err)
    assert "a.yaml already defines a source 'a'" in told

    written(tmp_path / "twice", a=of("b"), c=of("b"))
    assert run("apply", "twice") == Exit.CONFIG
    assert "a.yaml already defines a source 'b'" in capsys.readouterr().err
    assert [file.name for file in here.glob("*.yaml")] == ["a.yaml"]

    written(tmp_path / "swapped", a=of("b"), c=of("a"))
    assert run("apply", "swapped") == 0
    assert run("apply", "swapped") == 0


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
