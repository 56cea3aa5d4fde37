"""Exit codes, by commands that really end with them (docs/exit-codes.md).

0, 1 and 10 are in `test_by_hand`, 2 and 5 in `pressmark/test_commands`, 9 in `test_blocked`.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.site import Asked, Reply, Site, html, serving
from journeys.household import Household, gazette
from services.waiting import eventually

from archive.spool.spool import Spool
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark

KEPT = "no archived page is lost"
MAKE_ROOM = "free some space on the disk that is named above"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes["/robots.txt"] = Reply(404)
        yield site


def endless(asked: Asked) -> Reply:
    return html(f"{asked.path}a", f"{asked.path}b", text="Words of a page. " * 20)


def crawled(household: Household, site: Site, code: int, more: str = "", **environment: str) -> str:
    """Return the reason of a run that ends with this code."""
    household.environment.update(environment)
    household.source("gazette", gazette(f"{site.url}/", more=more))
    [run] = household.run("run", "gazette", "--json", code=code).json["items"]
    return str(run["reason"])


def test_a_run_ends_with_3_when_some_pages_failed(household: Household, site: Site) -> None:
    site.routes |= {"/": html("/good", "/bad"), "/good": html(), "/bad": Reply(cut=True)}

    assert "1 of 3 pages" in crawled(household, site, 3)


def test_a_run_ends_with_4_when_a_secret_is_missing(household: Household, site: Site) -> None:
    told = crawled(household, site, 4, "headers: {X-Key: {secret: NOBODY_HAS_SET_THIS}}\n")

    assert "NOBODY_HAS_SET_THIS" in told
    assert "gazette.yaml:6: headers.X-Key: " in household.look("source", "check", code=4).out


def test_a_run_ends_with_12_when_the_login_is_refused(household: Household, site: Site) -> None:
    site.routes["/in"] = lambda asked: (
        Reply(403) if asked.method == "POST" else Reply(body="<form method=post><input name=password></form>")
    )
    login = f"login: {{url: {site.url}/in, fields: {{password: {{secret: PASS_OF_GAZETTE}}}}}}\n"

    listed = {"PRESSMARK_SECRETS": '["PASS_OF_GAZETTE"]'}
    assert "answered 403" in crawled(household, site, 12, login, PASS_OF_GAZETTE="wrong", **listed)


@pytest.mark.costly
def test_a_run_ends_with_14_at_a_limit_of_pages_and_with_15_at_one_of_time(household: Household, site: Site) -> None:
    site.otherwise = endless

    assert "3 pages" in crawled(household, site, 14, "limits: {pages: 3}\n")
    assert crawled(household, site, 15, "limits: {time: 1s}\n").startswith("the time limit of 1 second was reached")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_keeps_its_captures_and_ends_by_the_number_of_the_signal(
    household: Household, site: Site, number: signal.Signals, code: int
) -> None:
    site.otherwise = endless
    household.source("gazette", gazette(f"{site.url}/"))
    command = household.command("run", "gazette")
    process = subprocess.Popen(command, env=household.env(), cwd=household.home.parent, stderr=subprocess.PIPE)
    try:
        eventually(lambda: len(site.asked) > 20)
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    finally:
        process.kill()

    assert process.returncode == code, told
    assert b"Traceback" not in told
    assert household.look("captures", f"{site.url}/", "--json").json["items"]
    assert household.look("verify", "--all", "--json").json["findings"] == []


def test_a_list_with_rejected_entries_ends_with_3(household: Household, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("seeds\nhttps://a.example/\nno url\n")

    household.look("source", "import", str(tmp_path / "list.csv"), code=3)


def test_a_store_that_does_not_answer_ends_with_6(household: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        bucket = {"STORE": "s3", "S3__BUCKET": "b", "S3__ENDPOINT": f"http://127.0.0.1:{nobody.getsockname()[1]}"}
        for name, value in (bucket | {"S3__ACCESS_KEY": "a", "S3__SECRET_KEY": "s"}).items():
            monkeypatch.setenv(f"PRESSMARK_{name}", value)

        assert "WRONG" in household.look("doctor", code=6).out


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """One of 64 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "pressmark-test", str(disk)]
    if (mounted := subprocess.run(mount, capture_output=True, check=False)).returncode:
        pytest.skip(f"a small file system can't be mounted here: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.system
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small file system")
def test_a_full_disk_ends_with_7_and_is_named(household: Household, site: Site, disk: Path) -> None:
    site.otherwise = Reply(body="<p>news</p>")
    crawled(household, site, 0, "")
    homeless = Household(disk / "home").look("runs", "list", code=7).err
    export = household.look("export", "jsonl", "-o", str(disk / "out.jsonl"), code=7).err

    assert homeless == f"error: {disk}/home: No space left on device\nhint: {MAKE_ROOM}; {KEPT}\n"
    assert export == f"error: {disk}/out.jsonl: No space left on device\nhint: {MAKE_ROOM}; {KEPT}\n"


@pytest.mark.sqlite
def test_an_invalid_database_ends_with_8_and_is_named(household: Household) -> None:
    household.home.mkdir()
    (household.home / "pressmark.db").write_bytes(b"no database" * 1000)
    told = household.look("runs", "list", code=8).err

    assert f"error: the database {household.home}/pressmark.db is damaged: file is not a database\n" in told
    assert (
        "hint: run 'pressmark serve', 'pressmark run' or 'pressmark rebuild': each keeps the damaged "
        "database under another name and builds a new one from the archived files" in told
    )


@pytest.mark.sqlite
def test_a_command_that_reads_a_damaged_database_ends_with_8_and_changes_nothing(household: Household) -> None:
    household.look("runs", "list")
    file = household.home / "pressmark.db"
    size = file.stat().st_size
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * (size - 4096))
    for command in (("captures", "https://e.org/"), ("snapshot", "get", "https://e.org/"), ("runs", "list")):
        ended = household.look(*command, code=8)
        assert f"error: the database {file} is damaged: " in ended.err
        assert "Traceback" not in ended.err

    assert file.stat().st_size == size


def test_a_home_in_use_ends_with_11(household: Household) -> None:
    with open_pressmark(load_settings({"home": str(household.home)})) as service:
        spool = Spool(service.settings.spool_path, worker="w", epoch=1, now=service.now, ballast=0)
        try:
            assert "another Pressmark process is writing to the spool" in household.run("rebuild", code=11).err
        finally:
            spool.close()


def test_a_port_in_use_ends_with_11(household: Household) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        error = household.run("serve", "--port", port, code=11).err
        assert f"another program already uses the address 127.0.0.1:{port}" in error
        assert "replay.port" in error, "replay has a port of its own, which may be the one"


def test_a_paused_source_ends_with_75(household: Household) -> None:
    household.source("gazette", gazette("http://127.0.0.1:9/"))
    household.look("source", "pause", "gazette")
    a_page = household.look("archive", "http://127.0.0.1:9/1", code=75).err
    household.look("pause")

    assert "gazette is paused" in a_page
    assert "hint: run 'pressmark resume'" in household.look("run", "gazette", code=75).err
    assert "hint: run 'pressmark resume'" in household.look("archive", "http://127.0.0.2:9/1", code=75).err
    assert not household.look("runs", "list", "--json").json["items"]


def test_a_source_whose_run_waits_for_the_end_of_a_pause_is_paused(household: Household) -> None:
    household.source("gazette", gazette("http://127.0.0.1:9/"))
    with open_pressmark(load_settings({"home": str(household.home)})) as service:
        service.request("gazette")
    queued = household.look("source", "list", "--json").json["items"][0]["state"]
    household.look("source", "pause", "gazette")

    assert (queued, household.look("source", "list", "--json").json["items"][0]["state"]) == ("queued", "paused")
