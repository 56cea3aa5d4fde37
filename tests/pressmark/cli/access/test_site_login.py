"""The cookies of a login in a browser become a secret of the source."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from crawler.policy.session_cookies import SessionCookie, session_cookies
from pressmark.cli import main

LINES = "members.example.org\tFALSE\t/\tTRUE\t0\tsid\ts3cret\n.foreign.org\tTRUE\t/\tFALSE\t0\tad\tx\n"
SOURCE = "source: members\nseeds: [https://members.example.org/]\n"
SESSION = "session: {cookies: {secret: MEMBERS_SESSION}, check: Log out}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / "sources").mkdir(parents=True)
    (home / "sources" / "members.yaml").write_text(SOURCE + SESSION)
    (tmp_path / "cookies.txt").write_text(LINES)
    return home


def test_only_cookies_for_the_hosts_of_the_source_are_saved_for_its_user_alone(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _ended(home, "cookies.txt") == 0

    secret = home / "secrets" / "MEMBERS_SESSION"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert session_cookies(secret.read_text()) == [SessionCookie("sid", "s3cret", "members.example.org", secure=True)]
    said = capsys.readouterr()
    assert "saved 1 cookies for the source members as the secret MEMBERS_SESSION" in said.err
    assert "s3cret" not in said.err + said.out


@pytest.mark.parametrize(
    ("source", "cookies", "code", "said"),
    [
        (SOURCE, LINES, 4, "session: {cookies: {secret: MEMBERS_SESSION}, check: Log out}"),
        (SOURCE + SESSION, "a=b", 2, "it is neither a cookies.txt nor a storage state of Playwright"),
        (SOURCE + SESSION, LINES.splitlines()[1], 2, "has no cookies for the hosts of the source members: members.ex"),
    ],
)
def test_what_can_not_be_used_is_refused_with_the_reason(
    home: Path, capsys: pytest.CaptureFixture[str], source: str, cookies: str, code: int, said: str
) -> None:
    (home / "sources" / "members.yaml").write_text(source)
    (home.parent / "cookies.txt").write_text(cookies)

    assert _ended(home, "cookies.txt") == code
    assert said in capsys.readouterr().err
    assert not (home / "secrets").exists()


@pytest.mark.parametrize(
    ("source", "cookie", "code"),
    [
        ("seeds: [https://müller.example/]", "xn--mller-kva.example\tFALSE", 0),
        ("seeds: [https://MEMBERS.example.org/]", "members.example.org\tFALSE", 0),
        ('seeds: [https://members.example.org/]\nscope: {hosts: ["*.other.example"]}', ".other.example\tTRUE", 2),
        ("seeds: [https://members.example.org/]\nscope: {hosts: [other.example]}", ".other.example\tTRUE", 0),
    ],
)
def test_the_hosts_of_a_source_are_those_to_which_its_runs_send_cookies(
    home: Path, capsys: pytest.CaptureFixture[str], source: str, cookie: str, code: int
) -> None:
    (home / "sources" / "members.yaml").write_text(f"source: members\n{source}\n{SESSION}", "utf-8")
    (home.parent / "cookies.txt").write_text(f"{cookie}\t/\tTRUE\t0\tsid\ts3cret\n")

    assert _ended(home, "cookies.txt") == code
    assert (home / "secrets" / "MEMBERS_SESSION").exists() == (code == 0)
    assert "*." not in capsys.readouterr().err


def test_the_trail_names_the_secret_and_not_its_value(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _ended(home, "cookies.txt")
    capsys.readouterr()

    with pytest.raises(SystemExit):
        main(["--home", str(home), "trail", "--json"])
    [row] = json.loads(capsys.readouterr().out)["items"]

    assert (row["target"], row["after"]) == ("members", {"name": "MEMBERS_SESSION", "count": 1})


def _ended(home: Path, file: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "login", "members", str(home.parent / file)])
    return int(str(ended.value.code or 0))
