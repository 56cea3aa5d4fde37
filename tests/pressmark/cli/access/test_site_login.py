"""The cookies of a login in a browser become a secret of the source."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import FORM
from crawling.site import Reply, Site, serving
from services.waiting import eventually

from crawler.policy.session_cookies import SessionCookie, session_cookies, session_storage
from pressmark.cli import main

LINES = "members.example.org\tFALSE\t/\tTRUE\t0\tsid\ts3cret\n.foreign.org\tTRUE\t/\tFALSE\t0\tad\tx\n"
SOURCE = "source: members\nseeds: [https://members.example.org/]\n"
SESSION = "session: {cookies: {secret: MEMBERS_SESSION}, check: Log out}\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


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


def test_without_a_display_the_way_out_is_named(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)

    assert _ended(home) == 2
    assert "this machine has no display for a browser window" in capsys.readouterr().err


@pytest.mark.system
@pytest.mark.skipif(FORM == "sample", reason="make test-faults starts the browser")
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_the_cookies_of_a_login_in_a_browser_window_are_saved_and_nothing_else_is_left(
    home: Path, site: Site, tmp_path: Path
) -> None:
    """A program in the place of the browser gives it no window: no machine of these tests has a display."""
    site.routes |= {
        "/": Reply(
            body="<p>Hello.</p><script>localStorage.setItem('token', 'kept')</script>",
            headers=(("Set-Cookie", "sid=s3cret; HttpOnly; Max-Age=3600"),),
        ),
        "/favicon.ico": Reply(404),
    }
    program = tmp_path / "chromium"
    program.write_text(f'#!/bin/sh\nexec {shutil.which("chromium")} --headless=new "$@"\n')
    program.chmod(0o755)
    (home / "sources" / "members.yaml").write_text(f"source: members\nseeds: [{site.url}/]\n{SESSION}")
    environment = {
        **os.environ,
        "DISPLAY": ":99",
        "TMPDIR": str(tmp_path),
        "PRESSMARK_BROWSER__EXECUTABLE": str(program),
    }
    command = [sys.executable, "-m", "pressmark", "--home", str(home), "login", "members"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as login:
        eventually(lambda: site.times("/") > 0)
        _, said = login.communicate("\n", timeout=120)

    assert login.returncode == 0, said
    state = (home / "secrets" / "MEMBERS_SESSION").read_text()
    [cookie] = session_cookies(state)
    assert session_storage(state, ["127.0.0.1"]) == {site.url: {"token": "kept"}}
    assert (cookie.name, cookie.value, cookie.domain) == ("sid", "s3cret", "127.0.0.1")
    assert "log in at" in said
    assert "saved 1 cookies" in said
    assert "s3cret" not in said
    assert not list(tmp_path.glob("pressmark-login-*"))


def _ended(home: Path, *files: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "login", "members", *(str(home.parent / file) for file in files)])
    return int(str(ended.value.code or 0))
