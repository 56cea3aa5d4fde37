"""States of a process: it may open no more files, or not list its directory of sources. Each is really produced."""

from __future__ import annotations

import html
import http.client
import json
import os
import resource
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from journeys.household import Answer, Household, gazette
from services.waiting import eventually

from pressmark.service.exits import Exit
from pressmark.service.states import KINDS


@pytest.fixture
def household(tmp_path: Path) -> Household:
    made = Household(tmp_path / "home")
    made.source("gazette", gazette("http://127.0.0.1:9/"))
    return made


def told(connection: http.client.HTTPConnection, path: str) -> tuple[int, str]:
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def doctor(household: Household, *before: str) -> tuple[int, list[dict[str, object]]]:
    command = [*before, *household.command("doctor", "--json")]
    done = subprocess.run(command, env=household.env(), capture_output=True, text=True, check=False, timeout=240)
    return done.returncode, json.loads(done.stdout)["items"]


def test_a_service_that_may_open_no_more_files_says_so_and_recovers(household: Household) -> None:
    kind = KINDS["too-many-files"]
    with household.serving() as served, ExitStack() as stack:
        connection = stack.enter_context(closing(http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)))
        eventually(lambda: told(connection, "/readyz")[0] == 200)
        assert told(connection, "/")[0] == 200
        before = resource.prlimit(served.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(served.process.pid, resource.RLIMIT_NOFILE, (1, before[1]))
        status, ready = told(connection, "/readyz")
        _, front = told(connection, "/")
        resource.prlimit(served.process.pid, resource.RLIMIT_NOFILE, before)
        eventually(lambda: told(connection, "/readyz")[0] == 200)

    reached = "has reached the system's limit of open files: Too many open files;"
    sentence = f"the process {served.process.pid} of Pressmark {reached}"
    assert status == 503
    assert json.loads(ready)["problems"][kind.part].startswith(sentence)
    assert sentence in html.unescape(front)


WITHOUT_RIGHTS = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
"""Root obeys modes of files, too."""


def without_rights(household: Household) -> Sequence[str]:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root, and setpriv")
    (household.home / "sources").chmod(0)
    return WITHOUT_RIGHTS


def broken_disk(household: Household) -> Sequence[str]:
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    said = household.home.parent / "strace"
    return ["strace", "-f", "-o", str(said), "-P", str(household.home / "sources"), "-e", "inject=getdents64:error=EIO"]


@pytest.mark.parametrize(
    ("produce", "why"), [(without_rights, "Permission denied"), (broken_disk, "Input/output error")]
)
def test_doctor_names_a_directory_of_sources_that_can_not_be_read(
    household: Household, produce: object, why: str
) -> None:
    assert callable(produce)
    before = produce(household)
    try:
        code, items = doctor(household, *before)
    finally:
        (household.home / "sources").chmod(0o755)
    well, rest = doctor(household)

    [item] = [item for item in items if item["code"]]
    assert (item["part"], item["state"], code) == ("sources", "sources-unreadable", Exit.CONFIG)
    assert f"can't read the directory of source files {household.home}/sources: {why};" in str(item["sentence"])
    assert (well, [item for item in rest if item["code"]]) == (0, [])


def test_a_service_whose_sources_become_unreadable_keeps_them_and_says_so(household: Household) -> None:
    sources = household.home / "sources"
    prefix = without_rights(household)
    sources.chmod(0o755)

    class Humble(Household):
        def command(self, *arguments: str) -> list[str]:
            return [*prefix, *Household.command(self, *arguments)]

    with Humble(household.home).serving() as served:
        eventually(lambda: served.get("/readyz").status == 200)
        sources.chmod(0)
        try:
            ready = served.get("/readyz")
            front = html.unescape(served.get("/").text)
            known = served.get("/api/v1/sources").json
        finally:
            sources.chmod(0o755)
        eventually(lambda: served.get("/readyz").status == 200)

    problems = ready.json["problems"]
    sentence = f"Pressmark can't read the directory of source files {sources}: Permission denied;"
    assert ready.status == 503
    assert list(problems) == ["sources"] and problems["sources"].startswith(sentence)
    assert sentence in front
    assert "gazette" in json.dumps(known)


def test_a_service_without_one_of_its_answering_processes_works_and_says_so(household: Household) -> None:
    kind, part = KINDS["answering-incomplete"], KINDS["answering-incomplete"].part
    household.environment["PRESSMARK_HTTP__PROCESSES"] = "2"

    def others() -> list[psutil.Process]:
        children = psutil.Process(served.process.pid).children()
        return [child for child in children if "answer" in cmdline(child)]

    def without() -> Answer | None:
        for other in others():
            with suppress(psutil.NoSuchProcess):
                other.kill()
        ready = served.get("/readyz")
        return ready if part in ready.json["notices"] else None

    why = "a process that answers web requests was ended by SIGKILL"
    sentence = kind.sentence % {"missing": 1, "all": 2, "why": why}
    with household.serving() as served:
        eventually(others)
        eventually(lambda: served.get("/readyz").json["ready"])
        ready, front = eventually(without), html.unescape(served.get("/").text)
        eventually(lambda: others() and part not in served.get("/readyz").json["notices"])
        eventually(lambda: sentence not in html.unescape(served.get("/").text))  # either process may answer

    assert (ready.status, ready.json["notices"][part]) == (200, sentence)
    assert sentence in front


def cmdline(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
