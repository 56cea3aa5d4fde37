from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from services.disks import read_only, small_disk

from config.settings import load_settings
from pressmark.cli import globals_first, main
from pressmark.cli.crawl import not_paused
from pressmark.service.assembly import open_pressmark

SOURCE = "source: gazette\nseeds: [https://gazette.example/]\nwalk: feed\ntimetable: {every: 6h}\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PRESSMARK_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "sources").mkdir(parents=True)
    (tmp_path / "home" / "sources" / "gazette.yaml").write_text(SOURCE)
    return tmp_path / "home"


def code_of(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def test_options_of_all_commands_may_follow_a_command() -> None:
    assert globals_first(["run", "x", "--home", "/data", "-q"]) == ["--home", "/data", "-q", "run", "x"]
    assert globals_first(["run", "--home=/data", "x"]) == ["--home=/data", "run", "x"]
    assert globals_first(["run", "x", "-vv"]) == ["-vv", "run", "x"]
    assert globals_first(["run", "--", "-q"]) == ["run", "--", "-q"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("source", "list"),
        ("source", "show", "gazette"),
        ("source", "check"),
        ("runs", "list"),
        ("timetable", "next"),
        ("config", "show", "--origin"),
        ("captures", "https://gazette.example/"),
    ],
)
def test_every_listing_is_also_json(home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    code_of(*arguments)
    assert capsys.readouterr().out[:1] != "{"

    code_of(*arguments, "--json")
    assert json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("source", "show", "nobody"), 5),
        (("run", "nobody"), 5),
        (("runs", "show", "nothing"), 5),
        (("captures", "https://gazette.example/"), 5),
        (("captures", "https://gazette.example/", "--since", "tomorrow"), 2),
        (("snapshot", "get", "https://gazette.example/", "--at", "tomorrow"), 2),
        (("search", "ferry", "--until", "tomorrow"), 2),
        (("archive", "gazette.example"), 2),
        (("add", "ftp://gazette.example/"), 2),
        (("snapshot", "get", "https://gazette.example/"), 5),
        (("snapshot", "get", "https://gazette.example/", "--raw", "--text"), 2),
        (("verify",), 2),
        (("verify", "nothing.warc.gz"), 5),
        (("nonsense",), 2),
        (("source", "check"), 0),
        (("add", "http://127.0.0.1:8080/", "--yes"), 2),
        (("archive", "no url"), 2),
    ],
)
def test_a_command_ends_with_the_code_of_its_error(home: Path, arguments: tuple[str, ...], code: int) -> None:
    assert code_of(*arguments) == code


def test_an_error_is_a_sentence_with_a_hint(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code_of("run", "gazete")

    assert capsys.readouterr().err == (
        "error: no source named 'gazete'; did you mean 'gazette'?\n"
        "hint: run 'pressmark source list' to see all sources\n"
    )


@pytest.mark.system
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small file system")
def test_a_home_on_a_read_only_disk_is_reported_with_the_way_out(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_disk(home), read_only(home):
        code = code_of("runs", "list")

    assert (code, capsys.readouterr().err) == (
        1,
        f"error: {home}: Read-only file system\nhint: mount the disk that is named above so that Pressmark can "
        "write to it; no archived page is lost\n",
    )


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("http://10.1.2.3/", "hint: if the site is yours, allow its network: --allow-address 10.0.0.0/8\n"),
        ("http://192.168.7.7/", "hint: if the site is yours, allow its network: --allow-address 192.168.0.0/16\n"),
        ("http://192.0.66.2:22/", "hint: if the site is yours, allow its port: --allow-port 22\n"),
        ("http://169.254.169.254/", ""),
    ],
)
def test_the_hint_of_a_refused_address_names_what_helps(
    home: Path, capsys: pytest.CaptureFixture[str], url: str, hint: str
) -> None:
    code_of("add", url, "--dry-run")

    _, _, told = capsys.readouterr().err.partition("\n")
    assert told == hint


def test_urls_are_shown_decoded_to_people_and_encoded_to_programs(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "https://gazette.example/%E4%B8%AD%E6%96%87?%E2%80%AE"
    (home / "sources" / "gazette.yaml").write_text(f"source: gazette\nseeds: ['{url}']\n")

    code_of("captures", url)
    assert capsys.readouterr().err == "no captures of https://gazette.example/中文?%E2%80%AE\n"
    code_of("source", "list")
    assert capsys.readouterr().out.endswith("https://gazette.example/中文?%E2%80%AE\n")
    code_of("source", "list", "--json")
    assert json.loads(capsys.readouterr().out)["items"][0]["seeds"] == [url]


def test_a_bad_file_is_reported_with_line_and_key(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "sources" / "bad.yaml").write_text("source: bad\nseeds: [https://x.example/]\npolitness: {}\n")

    assert code_of("source", "check") == 4
    assert "bad.yaml:3" in capsys.readouterr().out


def test_a_pattern_that_backtracks_is_a_warning(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "sources" / "slow.yaml"
    file.write_text("source: slow\nseeds: [https://x.example/]\nscope: {exclude: ['re:(a|a)+$']}\n")

    assert code_of("source", "check", "slow") == 0
    out = capsys.readouterr().out
    assert out.startswith("slow: ok\nwarning: slow: scope.exclude 're:(a|a)+$' backtracks, e.g. on 'aaa")


def test_all_crawling_is_paused_by_a_row_and_resumed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("pause", "--reason", "the store moves") == 0
    assert code_of("run", "gazette") == 75
    assert "all crawling is paused" in capsys.readouterr().err

    assert code_of("resume") == 0
    assert code_of("source", "pause", "gazette") == 0
    assert code_of("run", "gazette") == 75


def test_a_run_of_all_sources_leaves_out_paused_ones(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "sources" / "herald.yaml").write_text("source: herald\nseeds: [https://y.example/]\n")
    assert code_of("source", "pause", "gazette") == 0
    with open_pressmark(load_settings({"home": str(home)})) as service:
        some = not_paused(service)
        assert code_of("source", "pause", "herald") == 0
        none = not_paused(service)

    assert (some, none) == (["herald"], ["gazette", "herald"])
    assert "the source gazette is paused, so this command does not crawl it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("source", "pause", "gazette", "--reason", "rebuilt"), {"name": "gazette", "paused": True}),
        (("source", "resume", "gazette"), {"name": "gazette", "paused": False}),
        (("pause", "--reason", "moved"), {"paused": True, "changed": True, "reason": "moved"}),
        (("resume",), {"paused": False, "changed": False}),
        (("source", "remove", "gazette", "--yes"), {"source": "gazette", "removed": True}),
    ],
)
def test_what_a_command_did_is_also_shown_in_json(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: dict[str, object]
) -> None:
    assert code_of(*arguments, "--json") == 0
    answer = json.loads(capsys.readouterr().out)

    assert told == {name: answer[name] for name in told}


def test_a_cancelled_run_is_shown_in_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_pressmark(load_settings({"home": str(home)})) as service:
        run = service.request("gazette")

    assert code_of("runs", "cancel", run.id, "--reason", "too early", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["id"], answer["outcome"], answer["reason"]) == (run.id, "cancelled", "too early")


def test_a_command_that_can_not_ask_says_how_to_confirm(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())

    assert code_of("source", "remove", "gazette") == 1
    told = capsys.readouterr().err
    assert (
        "error: nothing was deleted\nhint: to delete it without being asked, add --yes" in told
        and "Aborted" not in told
    )


def test_removing_a_source_deletes_its_file_only_when_confirmed(home: Path) -> None:
    assert code_of("source", "remove", "gazette") == 1
    assert code_of("source", "remove", "gazette", "--yes") == 0
    assert not (home / "sources" / "gazette.yaml").exists()


def test_secrets_are_not_shown_with_the_settings(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSMARK_TOKEN", "canary-of-a-token")
    for arguments in ((), ("--json",), ("--origin",)):
        assert code_of("config", "show", *arguments) == 0
        assert "canary" not in capsys.readouterr().out


def test_an_empty_home_does_not_mean_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert code_of("--home", "", "runs", "list") == 2
    assert code_of("runs", "list", "--home=") == 2
    assert "'--home': the path of the directory is empty; give a path, or leave out --home" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_is_not_a_directory_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")

    assert code_of("--home", str(tmp_path / "file"), "runs", "list") == 1
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize("words", ["", "  "])
def test_an_empty_search_is_a_usage_error(home: Path, capsys: pytest.CaptureFixture[str], words: str) -> None:
    assert code_of("--home", str(home), "search", words) == 2
    assert "the search needs at least one word" in capsys.readouterr().err
