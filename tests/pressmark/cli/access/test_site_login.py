"""The cookies of a login in a browser become a secret of the source."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import FORM
from crawling.site import Reply, Site, serving
from services.waiting import eventually

from crawler.policy.session_cookies import SessionCookie, session_cookies, session_storage
from pressmark.cli import main

LINES = "members.example.org\tFALSE\t/\tTRUE\t0\tsid\ts3cret\n.foreign.org\tTRUE\t/\tFALSE\t0\tad\tx\n"
SOURCE = "source: members\nseeds: [https://members.example.org/]\n"
HEADLESS = f'exec {shutil.which("chromium")} --headless=new "$@"'
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
        (
            SOURCE + SESSION,
            LINES.splitlines()[1],
            2,
            "cookies.txt has neither cookies nor localStorage for the hosts of the source members: members.ex",
        ),
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


STORED = [
    {
        "origin": "https://members.example.org",
        "localStorage": [{"name": n, "value": f"s3cret-{n}"} for n in ("a", "b")],
    },
    {"origin": "https://foreign.example", "localStorage": [{"name": "a", "value": "s3cret-c"}]},
]


@pytest.mark.parametrize(
    ("more", "options", "code", "kept", "said"),
    [
        ("fetch: auto\n", [], 0, {"a", "b"}, "saved 0 cookies and 2 items of localStorage for the source members"),
        ("fetch: auto\n", ["--item", "b"], 0, {"b"}, "saved 0 cookies and 1 items of localStorage"),
        ("fetch: auto\n", ["--item", "c"], 2, set(), "can't be used: there is no item c in its localStorage"),
        ("", [], 2, set(), "the localStorage of the login is not kept, as no page of the source members is opened"),
    ],
)
def test_the_storage_of_the_hosts_of_the_source_is_saved_where_a_browser_gets_it(
    home: Path, capsys: pytest.CaptureFixture[str], more: str, options: list[str], code: int, kept: set[str], said: str
) -> None:
    (home / "sources" / "members.yaml").write_text(SOURCE + SESSION + more)
    (home.parent / "state.json").write_text(json.dumps({"cookies": [], "origins": STORED}))

    assert _ended(home, "state.json", *options) == code

    secret, err = home / "secrets" / "MEMBERS_SESSION", capsys.readouterr().err
    found = session_storage(secret.read_text()) if secret.exists() else {}
    assert found == ({"https://members.example.org": {name: f"s3cret-{name}" for name in kept}} if kept else {})
    assert said in err
    assert "s3cret" not in err


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
            body="<p>Hello. Log out</p><script>localStorage.setItem('token', 'kept'); fetch('/kept')</script>",
            headers=(("Set-Cookie", "sid=s3cret; HttpOnly; Max-Age=3600"),),
        ),
        "/favicon.ico": Reply(404),
    }
    with _logging_in(home, site.url, f"env > {tmp_path}/environment; {HEADLESS}") as login:
        eventually(lambda: site.times("/kept") > 0)
        _, said = login.communicate("\n", timeout=120)

    assert login.returncode == 0, said
    state = (home / "secrets" / "MEMBERS_SESSION").read_text()
    [cookie] = session_cookies(state)
    assert session_storage(state) == {site.url: {"token": "kept"}}
    assert (cookie.name, cookie.value, cookie.domain) == ("sid", "s3cret", "127.0.0.1")
    assert "log in at" in said
    assert "saved 1 cookies and 1 items of localStorage" in said
    assert "s3cret" not in said
    assert not list(tmp_path.glob("pressmark-login-*"))
    names = {line.partition("=")[0] for line in (tmp_path / "environment").read_text().splitlines()}
    assert "DISPLAY" in names
    assert not {name for name in names if "PASSWORD" in name or "PRESSMARK" in name}


@pytest.mark.system
@pytest.mark.skipif(FORM == "sample", reason="make test-faults starts the browser")
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_window_in_which_nobody_logged_in_leaves_the_former_secret_as_it_was(home: Path, site: Site) -> None:
    site.routes |= {
        "/": Reply(body="<p>Hello.</p>", headers=(("Set-Cookie", "visitor=1"),)),
        "/favicon.ico": Reply(404),
    }
    secret = home / "secrets" / "MEMBERS_SESSION"
    secret.parent.mkdir(0o700)
    secret.write_text("the former session")

    with _logging_in(home, site.url, HEADLESS) as login:
        eventually(lambda: site.times("/") > 0)
        _, said = login.communicate("\n", timeout=120)

    assert login.returncode == 2
    assert "no page in the browser showed 'Log out'" in said
    assert secret.read_text() == "the former session"


@pytest.mark.parametrize("number", [signal.SIGHUP, pytest.param(signal.SIGTERM, marks=pytest.mark.costly)])
def test_a_login_whose_terminal_is_closed_deletes_its_profile_and_those_of_killed_ones(
    home: Path, tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "pressmark-login-killed" / "Default").mkdir(parents=True)
    with _logging_in(home, "https://members.example.org", 'touch "$0.begun"; exec sleep 60') as login:
        eventually((tmp_path / "chromium.begun").exists)
        profiles = [each.name for each in tmp_path.glob("pressmark-login-*")]
        login.send_signal(number)
        _, said = login.communicate(timeout=60)

    assert (len(profiles), "pressmark-login-killed" in profiles) == (1, False)
    assert (login.returncode, said.splitlines()[-1]) == (130, "interrupted")
    assert not list(tmp_path.glob("pressmark-login-*"))


@contextmanager
def _logging_in(home: Path, url: str, program: str) -> Iterator[subprocess.Popen[str]]:
    """Start a login, with a program in the place of the browser."""
    browser = home.parent / "chromium"
    browser.write_text(f"#!/bin/sh\n{program}\n")
    browser.chmod(0o755)
    (home / "sources" / "members.yaml").write_text(f"source: members\nseeds: [{url}/]\nfetch: auto\n{SESSION}")
    directory = {
        "OTHER_PASSWORD": "of another source",
        "DISPLAY": ":99",
        "TMPDIR": str(home.parent),
        "PRESSMARK_BROWSER__EXECUTABLE": str(browser),
    }
    command = [sys.executable, "-m", "pressmark", "--home", str(home), "login", "members"]
    with subprocess.Popen(
        command, env={**os.environ, **directory}, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as login:
        yield login


def _ended(home: Path, *files: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(
            ["--home", str(home), "login", "members", *(str(home.parent / one) if "." in one else one for one in files)]
        )
    return int(str(ended.value.code or 0))
